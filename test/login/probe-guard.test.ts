import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { ProbeGuard } from '../../src/login/probe-guard.ts';
import type { Logger } from '../../src/ops/logger.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { type ProbeResult, probeAuth } from '../../src/stackstorm/probe.ts';
import { json, startScripted } from '../support/scripted-server.ts';

/** Timers that fire when the test says so. */
class Timers {
  readonly waits: number[] = [];
  #callback: (() => void) | undefined;
  #onSet: () => void = () => undefined;
  stopped = 0;

  readonly set = (callback: () => void, ms: number) => {
    this.waits.push(ms);
    this.#callback = callback;
    this.#onSet();
    return () => void this.stopped++;
  };

  fire(): void {
    this.#callback?.();
  }

  /** Resolves when the next timer is set. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSet = resolve;
    });
  }
}

function guardOf(
  probe: () => Promise<ProbeResult>,
  timers: Timers,
  logger: Logger = pino({ level: 'silent' }),
) {
  return new ProbeGuard({
    probe,
    logger,
    backoff: { min: 1_000, max: 4_000 },
    random: () => 1,
    setTimer: timers.set,
  });
}

describe('password logins', () => {
  it('are open once StackStorm has refused a random password', async () => {
    await using server = await startScripted((_, response) =>
      json(response, 401, { faultstring: 'Invalid or missing credentials' }),
    );
    const stackstorm = createStackStorm({ url: server.url });
    const timers = new Timers();
    const guard = guardOf(() => probeAuth(stackstorm), timers);
    assert.equal(guard.isOpen, false);
    assert.equal((await guard.start()).kind, 'ok');
    assert.equal(guard.isOpen, true);
    assert.deepEqual(timers.waits, []);
    const basic = Buffer.from(server.heard[0]?.headers.authorization?.slice(6) ?? '', 'base64').toString();
    assert.match(basic, /^bolt-stackstorm-probe:.{24,}$/);
    await stackstorm.close();
  });

  it('stay closed where it takes any password', async () => {
    await using server = await startScripted((_, response) =>
      json(response, 201, { user: 'x', token: 'dropped', expiry: '2026-11-22T20:00:00Z' }),
    );
    const stackstorm = createStackStorm({ url: server.url });
    const guard = guardOf(() => probeAuth(stackstorm), new Timers());
    const result = await guard.start();
    assert.deepEqual(result, { kind: 'open-door' }, 'the token is dropped');
    assert.equal(guard.isOpen, false);
    guard.stop();
    await stackstorm.close();
  });

  it('stay closed while it cannot be told, and are asked about again with backoff', async () => {
    let isUp = false;
    await using server = await startScripted((_, response) =>
      isUp
        ? json(response, 401, { faultstring: 'Invalid or missing credentials' })
        : response.writeHead(502, { 'content-type': 'text/html' }).end('<html>'),
    );
    const stackstorm = createStackStorm({ url: server.url });
    const timers = new Timers();
    const said = new EventEmitter();
    const logger = pino({ level: 'info' }, { write: (line) => said.emit('line', line) });
    const guard = guardOf(() => probeAuth(stackstorm), timers, logger);
    assert.equal((await guard.start()).kind, 'unknown');
    for (let i = 0; i < 3; i++) {
      const next = timers.next();
      timers.fire();
      await next;
      assert.equal(guard.isOpen, false);
    }
    assert.deepEqual(timers.waits, [1_000, 2_000, 4_000, 4_000]);
    isUp = true;
    const line = once(said, 'line');
    timers.fire();
    assert.match(String(await line), /password logins are open now/);
    assert.equal(guard.isOpen, true);
    await stackstorm.close();
  });
});
