import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { type BotCredentialOptions, createBotCredential } from '../../src/stackstorm/bot-credential.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import type { Credential } from '../../src/stackstorm/credential.ts';
import { StackStormError } from '../../src/stackstorm/errors.ts';
import { askWithTtl } from '../../src/stackstorm/token-ttl.ts';
import { json, type Script, startScripted } from '../support/scripted-server.ts';
import { stackStormError } from '../support/stackstorm-error.ts';

const password = { kind: 'password', username: 'bot', password: 'bot-pw' } as const;
const hour = 3_600_000;

/** A bot credential against a server that gives the tokens `t1`, `t2`, ...; `maxTtl` as StackStorm enforces it. */
async function setUp(options: Partial<BotCredentialOptions> = {}, script?: Script) {
  let given = 0;
  const good = new Set<string>();
  const asked: { ttl: unknown }[] = [];
  const server = await startScripted((request, response) => {
    if (request.path === '/api/v1/user') {
      const ok = good.has(String(request.headers['x-auth-token']));
      if (ok) json(response, 200, { username: 'bot', authentication: {} });
      else json(response, 401, { faultstring: 'Unauthorized - Token has expired.' });
      return;
    }
    const { ttl } = JSON.parse(request.body);
    asked.push({ ttl });
    if (script !== undefined) {
      script(request, response);
      return;
    }
    given += 1;
    good.add(`t${given}`);
    json(response, 201, { user: 'bot', token: `t${given}`, expiry: '2020-01-01T00:00:00.000000Z' });
  });
  const clock = { now: 1_000_000_000_000 };
  const stackstorm = createStackStorm({ url: server.url });
  const bot = createBotCredential({ stackstorm, source: password, now: () => clock.now, ...options });
  return {
    server,
    stackstorm,
    bot,
    clock,
    good,
    asked,
    async [Symbol.asyncDispose]() {
      await stackstorm.close();
      await server.close();
    },
  };
}

const tokenOf = (credential: Credential) => (credential.kind === 'token' ? credential.token : undefined);

describe('the bot credential', () => {
  it('is a token or an API key as the config gives it, and a 401 is passed on', async () => {
    for (const source of [{ kind: 'token', token: 'x' } as const, { kind: 'apiKey', apiKey: 'k' } as const]) {
      await using given = await setUp({ source });
      assert.equal(await given.bot.get(), source);
      const error = await stackStormError(given.bot.use((credential) => given.stackstorm.user(credential)));
      assert.equal(error.code, 'unauthorized');
      assert.equal(given.asked.length, 0);
      assert.equal(given.server.heard.length, 1);
    }
  });

  it('asks one token for all who wait, and keeps it whatever the clock of StackStorm says', async () => {
    await using given = await setUp();
    const all = await Promise.all(Array.from({ length: 50 }, () => given.bot.get()));
    assert.deepEqual(new Set(all.map(tokenOf)), new Set(['t1']));
    given.clock.now += 23 * hour;
    assert.equal(tokenOf(await given.bot.get()), 't1');
    assert.deepEqual(given.asked, [{ ttl: 86_400 }]);
  });

  it('is renewed before it ends, while calls go on with the old one', async () => {
    await using given = await setUp();
    await given.bot.get();
    given.clock.now += 24 * hour - 299_000;
    assert.equal(tokenOf(await given.bot.get()), 't1');
    await given.stackstorm.user({ kind: 'token', token: 't1' });
    while (given.asked.length < 2) await given.stackstorm.user({ kind: 'token', token: 't1' });
    while (tokenOf(await given.bot.get()) === 't1') await new Promise(setImmediate);
    assert.equal(tokenOf(await given.bot.get()), 't2');
    assert.equal(given.asked.length, 2);
  });

  it('an ended one is never given: callers wait for the new one', async () => {
    await using given = await setUp();
    await given.bot.get();
    given.clock.now += 24 * hour;
    assert.equal(tokenOf(await given.bot.get()), 't2');
  });

  it('on a 401 one request renews it for all, and each call is made again once', async () => {
    await using given = await setUp();
    await given.bot.get();
    given.good.delete('t1');
    const calls = Array.from({ length: 20 }, () =>
      given.bot.use((credential) => given.stackstorm.user(credential)),
    );
    const users = await Promise.all(calls);
    assert.equal(users.length, 20);
    assert.equal(given.asked.length, 2);
    assert.equal(given.server.heard.filter(({ path }) => path === '/api/v1/user').length, 40);
  });

  it('a 401 with the new one too is passed on; another error is not tried again', async () => {
    await using given = await setUp();
    let runs = 0;
    const error = await stackStormError(
      given.bot.use(async (credential) => {
        runs += 1;
        given.good.clear();
        return given.stackstorm.user(credential);
      }),
    );
    assert.equal(error.code, 'unauthorized');
    assert.equal(runs, 2);
    runs = 0;
    await stackStormError(
      given.bot.use(async () => {
        runs += 1;
        throw new StackStormError('timed-out', 'aliasexecution', { mayHaveHappened: true });
      }),
    );
    assert.equal(runs, 1);
  });

  it('asks once more with the maximum that StackStorm allows, and says so once', async () => {
    const lowered: number[] = [];
    await using given = await setUp(
      { onTtlLowered: (seconds) => lowered.push(seconds) },
      (request, response) => {
        const { ttl } = JSON.parse(request.body);
        if (ttl <= 7200) json(response, 201, { user: 'bot', token: 't', expiry: 'x' });
        else json(response, 400, { faultstring: `TTL specified ${ttl} is greater than max allowed 7200.` });
      },
    );
    await given.bot.get();
    given.clock.now += 2 * hour - 299_999;
    await given.bot.get();
    while (given.asked.length < 4) await new Promise(setImmediate);
    given.clock.now += 2 * hour;
    await given.bot.get();
    assert.deepEqual(
      given.asked.slice(0, 2).map(({ ttl }) => ttl),
      [86_400, 7200],
    );
    assert.deepEqual(lowered, [7200]);
  });

  it('a wrong password is not tried again for a while: directories lock accounts', async () => {
    await using given = await setUp({}, (_request, response) =>
      json(response, 401, { faultstring: 'Invalid or missing credentials' }),
    );
    const codes = async () => (await stackStormError(given.bot.get())).code;
    assert.equal(await codes(), 'unauthorized');
    assert.equal(await codes(), 'unauthorized');
    assert.equal(given.asked.length, 1);
    given.clock.now += 15_000;
    await codes();
    assert.equal(given.asked.length, 2);
  });

  it('a renewal ahead of time that fails is told, and not asked for with every call', async () => {
    const news = new EventEmitter();
    let fail = false;
    let given = 0;
    await using set = await setUp(
      { onRenewalFailed: (error) => news.emit('failed', error) },
      (_request, response) => {
        if (fail) json(response, 500, { faultstring: 'Internal Server Error' });
        else json(response, 201, { user: 'bot', token: `t${++given}`, expiry: 'x' });
      },
    );
    await set.bot.get();
    fail = true;
    set.clock.now += 24 * hour - 200_000;
    const failed = once(news, 'failed');
    assert.equal(tokenOf(await set.bot.get()), 't1');
    const [error] = await failed;
    assert.ok(error instanceof StackStormError && error.code === 'server-error');
    assert.equal(tokenOf(await set.bot.get()), 't1');
    assert.equal(set.asked.length, 2);
    fail = false;
    set.clock.now += 30_000;
    await set.bot.get();
    while (tokenOf(await set.bot.get()) === 't1') await new Promise(setImmediate);
    assert.equal(set.asked.length, 3);
  });
});

describe('asking for a lifetime', () => {
  const refusing = (faultstring: string) => async (): Promise<never> => {
    throw new StackStormError('rejected', 'tokens', { status: 400, faultstring });
  };

  it('is asked once more only for a lower maximum', async () => {
    for (const faultstring of [
      "'3600' is not of type 'integer', 'null'",
      'TTL specified 5 is greater than max allowed 0.',
      'TTL specified 5 is greater than max allowed 99.',
    ]) {
      let asked = 0;
      const error = await stackStormError(
        askWithTtl(() => {
          asked += 1;
          return refusing(faultstring)();
        }, 50),
      );
      assert.equal(error.faultstring, faultstring);
      assert.equal(asked, 1);
    }
  });

  it('is in whole seconds, at least one', async () => {
    const asked: number[] = [];
    for (const seconds of [0.2, 59.9]) {
      const { ttlSeconds, lowered } = await askWithTtl(async (ttl) => {
        asked.push(ttl);
        return { user: 'a', token: 't', expiry: 'x' };
      }, seconds);
      assert.equal(lowered, false);
      assert.equal(ttlSeconds, asked.at(-1));
    }
    assert.deepEqual(asked, [1, 59]);
  });
});
