import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import type { Credential } from '../../src/stackstorm/credential.ts';
import { json, startScripted } from '../support/scripted-server.ts';
import { stackStormError } from '../support/stackstorm-error.ts';

const token: Credential = { kind: 'token', token: 'a11ce000000000000000000000000001' };
const apiKey: Credential = { kind: 'apiKey', apiKey: 'wire-api-key' };
const user = { username: 'alice', authentication: { method: 'authentication token' } };

const alias = (n: number) => ({
  id: `id${n}`,
  name: `alias${n}`,
  ref: `pack.alias${n}`,
  pack: 'pack',
  enabled: true,
  action_ref: 'core.local',
  formats: [`alias${n} {{x}}`],
});

describe('the StackStorm client', () => {
  it('asks nginx under each prefix, and a direct port under /v1 only', async () => {
    await using server = await startScripted((request, response) => {
      if (request.path.endsWith('/tokens')) json(response, 201, { user: 'a', token: 't', expiry: 'x' });
      else json(response, 200, user);
    });
    const paths = async (options: { url: string; authUrl?: string; apiUrl?: string }) => {
      server.heard.length = 0;
      const stackstorm = createStackStorm(options);
      await stackstorm.createToken('a', 'b');
      await stackstorm.user(token);
      await stackstorm.close();
      return server.heard.map(({ path }) => path);
    };
    assert.deepEqual(await paths({ url: server.url }), ['/auth/v1/tokens', '/api/v1/user']);
    assert.deepEqual(await paths({ url: `${server.url}/st2/` }), ['/st2/auth/v1/tokens', '/st2/api/v1/user']);
    assert.deepEqual(
      await paths({ url: 'http://127.0.0.1:9', authUrl: server.url, apiUrl: `${server.url}/` }),
      ['/v1/tokens', '/v1/user'],
    );
  });

  it('refuses an address that is none, or carries a password, without repeating it', () => {
    for (const url of [
      'st2.example',
      'ftp://st2.example',
      'https://u:hunter2@st2.example',
      'https://st2/?k=1',
    ]) {
      assert.throws(
        () => createStackStorm({ url }),
        (error) => error instanceof TypeError && !error.message.includes('hunter2'),
      );
    }
  });

  it('presents one credential: a token or an API key', async () => {
    await using server = await startScripted((_request, response) => json(response, 200, user));
    const stackstorm = createStackStorm({ url: server.url });
    await stackstorm.user(token);
    await stackstorm.user(apiKey);
    await stackstorm.close();
    const [first, second] = server.heard;
    assert.equal(first?.headers['x-auth-token'], 'a11ce000000000000000000000000001');
    assert.equal(first?.headers['st2-api-key'], undefined);
    assert.equal(second?.headers['st2-api-key'], 'wire-api-key');
    assert.equal(second?.headers['x-auth-token'], undefined);
    assert.equal(second?.headers.authorization, undefined);
  });

  it('does not send a credential that no header can carry: it is unauthorized', async () => {
    await using server = await startScripted((_request, response) => json(response, 200, user));
    const stackstorm = createStackStorm({ url: server.url });
    for (const value of ['', ' ', 'a b', 'a\r\nX-Evil: 1', 'schlüssel', '\u0000']) {
      const error = await stackStormError(stackstorm.user({ kind: 'token', token: value }));
      assert.equal(error.code, 'unauthorized');
    }
    const colon = await stackStormError(stackstorm.createToken('a:b', 'c'));
    assert.equal(colon.code, 'rejected');
    await stackstorm.close();
    assert.equal(server.heard.length, 0);
  });

  it('sends the password as Basic in UTF-8 and the ttl as a number', async () => {
    await using server = await startScripted((_request, response) =>
      json(response, 201, { user: 'ünal', token: 't', expiry: '2026-11-22T17:06:43.419217Z' }),
    );
    const stackstorm = createStackStorm({ url: server.url });
    await stackstorm.createToken('ünal', 'pä:ss wörd', 3600);
    await stackstorm.createTokenFor({ username: 'svc', password: 'p' }, { user: 'alice' }, 60);
    await stackstorm.close();
    const [first, second] = server.heard;
    const basic = Buffer.from(first?.headers.authorization?.slice('Basic '.length) ?? '', 'base64');
    assert.equal(basic.toString('utf8'), 'ünal:pä:ss wörd');
    assert.deepEqual(JSON.parse(first?.body ?? ''), { ttl: 3600 });
    assert.deepEqual(JSON.parse(second?.body ?? ''), { user: 'alice', ttl: 60 });
  });

  it('carries a request id there and back', async () => {
    await using server = await startScripted((request, response) => {
      json(response, 404, { faultstring: 'no' }, { 'x-request-id': request.headers['x-request-id'] });
    });
    const stackstorm = createStackStorm({ url: server.url });
    const given = await stackStormError(stackstorm.user(token, { requestId: 'cmd-1' }));
    assert.equal(given.requestId, 'cmd-1');
    const made = await stackStormError(stackstorm.user(token));
    await stackstorm.close();
    assert.match(made.requestId ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(server.heard[1]?.headers['x-request-id'], made.requestId);
  });

  it('reads every alias, 100 a page, and passes over one that is malformed', async () => {
    const all: object[] = Array.from({ length: 250 }, (_, n) => alias(n));
    all[42] = { ...alias(42), formats: 'oops: not a list' };
    await using server = await startScripted((request, response) => {
      const offset = Number(request.query.get('offset'));
      const rows = all.slice(offset, offset + Number(request.query.get('limit')));
      json(response, 200, rows, { 'x-total-count': String(all.length) });
    });
    const malformed: string[] = [];
    const stackstorm = createStackStorm({
      url: server.url,
      onMalformedRow: (call, reason) => malformed.push(`${call} ${reason}`),
    });
    const aliases = await stackstorm.aliases(token);
    await stackstorm.close();
    assert.equal(aliases.length, 249);
    assert.deepEqual(
      server.heard.map(({ target }) => target),
      [0, 100, 200].map((offset) => `/api/v1/actionalias?limit=100&offset=${offset}`),
    );
    assert.deepEqual(malformed, ['actionalias formats: invalid_type']);
  });

  it('ends the pages where a proxy drops X-Total-Count, and where aliases go away meanwhile', async () => {
    let calls = 0;
    await using server = await startScripted((request, response) => {
      calls += 1;
      const offset = Number(request.query.get('offset'));
      const count = offset === 0 ? 100 : request.headers['st2-api-key'] === undefined ? 7 : 0;
      const rows = Array.from({ length: count }, (_, n) => alias(offset + n - (offset > 0 ? 3 : 0)));
      json(
        response,
        200,
        rows,
        request.headers['st2-api-key'] === undefined ? {} : { 'x-total-count': '101' },
      );
    });
    const stackstorm = createStackStorm({ url: server.url });
    assert.equal(
      (await stackstorm.aliases(token)).length,
      104,
      'three rows that moved a page are given once',
    );
    assert.equal((await stackstorm.aliases(apiKey)).length, 100);
    await stackstorm.close();
    assert.equal(calls, 4);
  });

  it('asks for chat rules by name where there are more than a page', async () => {
    const rule = (ref: string) => ({ ref, enabled: true });
    await using server = await startScripted((request, response) => {
      if (request.query.has('trigger')) json(response, 200, [rule('mine.notify')]);
      else if (request.query.has('pack')) json(response, 200, [rule('chatops.notify'), rule('a.0')]);
      else {
        const rows = Array.from({ length: 100 }, (_, n) => rule(`a.${n}`));
        json(response, 200, rows, { 'x-total-count': '300' });
      }
    });
    const stackstorm = createStackStorm({ url: server.url });
    const refs = (await stackstorm.rules(token)).map(({ ref }) => ref);
    await stackstorm.close();
    assert.equal(refs.length, 102);
    assert.ok(refs.includes('mine.notify') && refs.includes('chatops.notify'));
  });

  it('finds executions newest first, since a time', async () => {
    const at = (id: string, start: string) => ({ id, status: 'running', start_timestamp: start });
    await using server = await startScripted((_request, response) =>
      json(response, 200, [
        at('old', '2026-11-22T16:00:00.000001Z'),
        at('new', '2026-11-22T16:00:00.000002Z'),
      ]),
    );
    const stackstorm = createStackStorm({ url: server.url });
    const found = await stackstorm.executionsOf(token, 'core.local', Date.UTC(2026, 10, 22, 16));
    await stackstorm.close();
    assert.deepEqual(
      found.map(({ id }) => id),
      ['new', 'old'],
    );
    assert.equal(server.heard[0]?.query.get('timestamp_gt'), '2026-11-22T16:00:00.000Z');
    assert.equal(server.heard[0]?.query.get('action'), 'core.local');
  });

  it('keeps connections and caps them: calls over the cap wait', async () => {
    let open = 0;
    let most = 0;
    await using server = await startScripted((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        json(response, 200, user);
      });
    });
    const stackstorm = createStackStorm({ url: server.url, connections: 3 });
    await Promise.all(Array.from({ length: 60 }, () => stackstorm.user(token)));
    await stackstorm.close();
    assert.equal(server.heard.length, 60);
    assert.ok(most <= 3, `${most} at once`);
  });

  it('tells the histogram each call, its outcome and its seconds', async () => {
    await using server = await startScripted((request, response) => {
      if (request.method === 'GET') json(response, 200, user);
      else json(response, 401, { faultstring: 'Unauthorized' });
    });
    const seen: string[] = [];
    const stackstorm = createStackStorm({
      url: server.url,
      observe: (call, outcome, seconds) => {
        assert.ok(seconds > 0 && seconds < 5);
        seen.push(`${call} ${outcome}`);
      },
    });
    await stackstorm.user(token);
    await stackStormError(stackstorm.createToken('a', 'b'));
    await stackstorm.close();
    assert.deepEqual(seen, ['user ok', 'tokens unauthorized']);
  });

  it('lets calls in flight end when it is closed, and refuses new ones', async () => {
    const arrivals = new EventEmitter();
    await using server = await startScripted((_request, response) => arrivals.emit('request', response));
    const arrived = once(arrivals, 'request');
    const stackstorm = createStackStorm({ url: server.url });
    const call = stackstorm.user(token);
    const [response] = await arrived;
    const closed = stackstorm.close();
    json(response, 200, user);
    assert.equal((await call).username, 'alice');
    await closed;
    const late = await stackStormError(stackstorm.user(token));
    assert.equal(late.code, 'unreachable');
    assert.equal(late.mayHaveHappened, false);
  });
});
