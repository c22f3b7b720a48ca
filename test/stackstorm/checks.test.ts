import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBotCredential } from '../../src/stackstorm/bot-credential.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { tryBotPermissions } from '../../src/stackstorm/permissions.ts';
import { probeAuth } from '../../src/stackstorm/probe.ts';
import { json, type Script, startScripted } from '../support/scripted-server.ts';
import { stackStormError } from '../support/stackstorm-error.ts';

async function probing(script: Script) {
  await using server = await startScripted(script);
  const stackstorm = createStackStorm({ url: server.url, timeoutMs: 300 });
  const result = await probeAuth(stackstorm);
  await stackstorm.close();
  return { result, heard: server.heard };
}

describe("S9's probe", () => {
  it('401 is right; the user name is fixed, the password random each time', async () => {
    const seen = new Set<string>();
    for (let n = 0; n < 2; n += 1) {
      const { result, heard } = await probing((_request, response) =>
        json(response, 401, { faultstring: 'Invalid or missing credentials' }),
      );
      assert.equal(result.kind, 'ok');
      const basic = Buffer.from(heard[0]?.headers.authorization?.slice(6) ?? '', 'base64').toString();
      assert.match(basic, /^bolt-stackstorm-probe:[\w-]{32}$/);
      seen.add(basic);
    }
    assert.equal(seen.size, 2);
  });

  it('201 is an open door', async () => {
    const { result } = await probing((_request, response) =>
      json(response, 201, { user: 'bolt-stackstorm-probe', token: 'abc', expiry: 'x' }),
    );
    assert.deepEqual(result, { kind: 'open-door' });
  });

  it('anything else cannot be told', async () => {
    const scripts: Script[] = [
      (_request, response) => json(response, 500, { faultstring: 'Internal Server Error' }),
      (_request, response) => response.writeHead(401, { 'content-type': 'text/html' }).end('<html>'),
      (_request, response) => json(response, 401, { message: 'a gateway' }),
      (_request, response) => json(response, 403, { faultstring: 'no' }),
      (_request, response) => json(response, 200, { faultstring: 'no' }),
      (_request, response) => response.writeHead(200).end('<html>'),
      (_request, response) => response.socket?.destroy(),
      () => undefined,
    ];
    for (const script of scripts) {
      const { result } = await probing(script);
      assert.equal(result.kind, 'unknown');
    }
  });
});

describe('the permissions of the bot account', () => {
  const execution = { id: 'e1', status: 'succeeded' };
  const alias = {
    ...{ id: 'a1', name: 'run', pack: 'demo', ref: 'demo.run', enabled: true },
    ...{ action_ref: 'core.local', formats: ['run {{cmd}}'] },
  };
  /** A StackStorm that refuses what is named, as RBAC does. */
  const stackstormWithout =
    (refused: readonly string[], executions: object[] = [execution]): Script =>
    ({ path, query }, response) => {
      const answer = (permission: string, body: unknown) => {
        if (!refused.includes(permission)) json(response, 200, body);
        else
          json(response, 403, { faultstring: `User "bot" doesn't have required permission "${permission}"` });
      };
      if (path === '/api/v1/user') answer('', { username: 'bot', authentication: {} });
      else if (path === '/api/v1/actionalias') answer('action_alias_list', [alias]);
      else if (path === '/api/v1/actions/views/parameters/core.local')
        answer('action_view', { parameters: { cmd: { type: 'string' } } });
      else if (path === '/api/v1/executions') {
        assert.equal(query.get('limit'), '1');
        answer('execution_list', executions);
      } else if (path === '/api/v1/executions/e1') answer('execution_view', execution);
      else if (path === '/api/v1/inquiries') answer('inquiry_list', [{ id: 'i1' }]);
      else if (path === '/api/v1/inquiries/i1') answer('inquiry_view', { id: 'i1' });
      else if (path === '/api/v1/rules') answer('rule_list', []);
      else if (refused.includes('stream_view')) answer('stream_view', {});
      else {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=UTF-8' });
        response.write('\n');
      }
    };
  const trying = async (script: Script) => {
    await using server = await startScripted(script);
    const stackstorm = createStackStorm({ url: server.url });
    const bot = createBotCredential({ stackstorm, source: { kind: 'apiKey', apiKey: 'k' } });
    const checks = await tryBotPermissions(stackstorm, bot, { streamEvents: ['st2.announcement__errbot'] });
    await stackstorm.close();
    return Object.fromEntries(checks.map(({ call, outcome }) => [call, outcome.kind]));
  };

  it('are each tried, and changed is nothing', async () => {
    const checks = await trying((request, response) => {
      assert.equal(request.method, 'GET');
      stackstormWithout([])(request, response);
    });
    assert.deepEqual(checks, {
      user: 'ok',
      actionalias: 'ok',
      'actions.parameters': 'ok',
      'executions.list': 'ok',
      'executions.get': 'ok',
      inquiries: 'ok',
      'inquiries.get': 'ok',
      rules: 'ok',
      stream: 'ok',
    });
  });

  it('a 403 is the permission that is missing', async () => {
    for (const [permission, call, beside] of [
      ['action_alias_list', 'actionalias', 'ok'],
      ['action_view', 'actions.parameters', 'ok'],
      ['execution_list', 'executions.list', 'untried'],
      ['execution_view', 'executions.get', 'missing'],
      ['inquiry_view', 'inquiries.get', 'ok'],
      ['rule_list', 'rules', 'ok'],
      ['stream_view', 'stream', 'ok'],
    ] as const) {
      const checks = await trying(stackstormWithout([permission]));
      assert.equal(checks[call], 'missing');
      assert.equal(checks['executions.get'], beside);
      assert.equal(Object.values(checks).filter((kind) => kind === 'missing').length, 1);
    }
  });

  it('an execution cannot be viewed where there is none; other faults are told as such', async () => {
    assert.equal((await trying(stackstormWithout([], [])))['executions.get'], 'untried');
    const down = await trying((_request, response) => response.writeHead(502).end('<html>'));
    assert.deepEqual(new Set(Object.values(down)), new Set(['failed']));
  });

  it('without a credential nothing can be tried', async () => {
    await using server = await startScripted((_request, response) =>
      json(response, 401, { faultstring: 'no' }),
    );
    const stackstorm = createStackStorm({ url: server.url });
    const bot = createBotCredential({
      stackstorm,
      source: { kind: 'password', username: 'bot', password: 'wrong' },
    });
    const error = await stackStormError(tryBotPermissions(stackstorm, bot, { streamEvents: ['x'] }));
    await stackstorm.close();
    assert.equal(error.code, 'unauthorized');
  });
});
