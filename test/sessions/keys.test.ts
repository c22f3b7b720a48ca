import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { failureWords } from '../../src/commands/words.ts';
import { createSessionService } from '../../src/sessions/service.ts';
import { generateKey, parseKey, readEncryption } from '../../src/storage/aes-gcm.ts';
import { EncryptionError } from '../../src/storage/encryption.ts';
import { claimStorage } from '../../src/storage/key-check.ts';
import { rekey } from '../../src/storage/rekey.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { logInAs } from '../support/session-instances.ts';
import { alice, bob, loggedIn, sessionOptions, sessionRig, TestAudit } from '../support/sessions.ts';

/** One storage, and the session services of bots that were started on it with these keys, one after the other. */
async function storage(t: TestContext) {
  const store = await openSqlite({ path: ':memory:' });
  t.after(() => store.close());
  const audit = new TestAudit();
  return {
    store,
    audit,
    async startWith(keys: readonly string[]) {
      const encryption = readEncryption(keys);
      await claimStorage(store, encryption);
      const logger = pino({ level: 'silent' });
      const now = Date.now;
      const options = { ...sessionOptions, oneChatUserPerAccount: 'refuse' as const };
      return createSessionService({ store, encryption, audit, logger, now, events: {} }, options);
    },
  };
}

const fault = (code: string) => (error: unknown) => error instanceof EncryptionError && error.code === code;

describe('keys', () => {
  it('rotate with nobody logged out, and what a session binds is still bound', async (t) => {
    const { store, startWith } = await storage(t);
    const [old, fresh] = [generateKey(), generateKey()];
    await logInAs(await startWith([old]), alice, 'deployer');
    const both = await startWith([fresh, old]);
    assert.equal((await both.current(alice))?.stackstormUser, 'deployer');
    await logInAs(both, bob, 'bob');
    const done = await rekey(store, [fresh, old].map(parseKey));
    assert.deepEqual([done.otherKeys.size, done.damaged.size], [0, 0]);
    const sessions = await startWith([fresh]);
    assert.equal((await sessions.current(alice))?.stackstormUser, 'deployer');
    assert.equal((await sessions.current(bob))?.stackstormUser, 'bob');
    assert.deepEqual(await logInAs(sessions, bob, 'deployer'), { kind: 'account-bound' });
  });

  it('that are wrong stop the start; one taken out too early is told from a damaged record, in words too', async (t) => {
    const { store, startWith } = await storage(t);
    const [old, fresh] = [generateKey(), generateKey()];
    const sessions = await startWith([old]);
    await logInAs(sessions, alice, 'alice');
    await logInAs(sessions, bob, 'bob');
    await assert.rejects(startWith([fresh]), fault('unknown-key'));
    await startWith([fresh, old]);
    const early = await startWith([fresh]);
    const missing = await early.current(alice).catch((error: unknown) => error);
    assert.ok(fault('unknown-key')(missing));
    assert.match(failureWords(missing), /a key that I no longer have.*nothing is lost/u);
    await assert.rejects(early.end(alice), fault('unknown-key'), 'it is kept for when the key is back');

    const key = 'session:playground:demo:bob';
    const sealed = (await store.get(key)) ?? '';
    await store.set(key, `${sealed.slice(0, -4)}${sealed.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`);
    const both = await startWith([old, fresh]);
    assert.equal((await both.current(alice))?.stackstormUser, 'alice');
    const damaged = await both.current(bob).catch((error: unknown) => error);
    assert.ok(fault('damaged')(damaged));
    assert.match(failureWords(damaged), /my storage is damaged.*session_end/u);
  });

  it('do not help a damaged record: session_end clears it, and its person logs in again', async (t) => {
    const { store, audit, startWith } = await storage(t);
    const sessions = await startWith([generateKey()]);
    await logInAs(sessions, alice, 'alice');
    await store.set('session:playground:demo:alice', 'not what was sealed');
    await assert.rejects(sessions.current(alice), fault('damaged'));
    assert.equal((await sessions.end(alice))?.state, 'live');
    assert.ok(audit.codes.includes('session.ended ok'));
    assert.equal((await logInAs(sessions, alice, 'alice')).kind, 'live');
  });
});

describe('a credential in memory', () => {
  it('is held by nothing of ours a second after the last call that needed it', async (t) => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    assert.ok(typeof collect === 'function');
    mock.timers.enable({ apis: ['setTimeout'] });
    t.after(() => mock.timers.reset());
    await using rig = await sessionRig();
    await loggedIn(rig.sessions);
    const held = await (async () => {
      const live = await rig.sessions.current(alice);
      assert.ok(live);
      return new WeakRef(live.credential);
    })();
    const isHeld = async () => {
      await new Promise(setImmediate);
      collect();
      return held.deref() !== undefined;
    };
    assert.equal(await isHeld(), true, 'a burst of commands decrypts it once');
    mock.timers.tick(1_000);
    assert.equal(await isHeld(), false);
  });
});
