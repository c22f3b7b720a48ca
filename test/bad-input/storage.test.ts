import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createEncryption, generateKey, parseKey } from '../../src/storage/aes-gcm.ts';
import { claimStorage } from '../../src/storage/key-check.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { type Store, StoreError, type StoreErrorCode } from '../../src/storage/store.ts';
import { startBot } from '../support/bot.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { LoginClient } from '../support/login-client.ts';
import { loginUrl } from '../support/playground-client.ts';

const isResult = ({ text }: { text: string }) => /succeeded/u.test(text);

/** A bot whose storage can be broken, while the chat and its messages stay. */
async function startFragile(t: TestContext, config: Readonly<Record<string, unknown>> = {}) {
  const made: FaultyStore[] = [];
  const rig = await startBot(t, {
    config,
    storage: (store) => {
      const faulty = new FaultyStore(store);
      made.push(faulty);
      return faulty;
    },
  });
  const [store] = made;
  assert.ok(store);
  // Mended before the bot stops, which would wait for what it cannot write.
  t.after(() => store.mend());
  return { ...rig, store };
}

const faults: readonly StoreErrorCode[] = ['read-only', 'full', 'unavailable', 'damaged'];

for (const code of faults) {
  test(`the storage becomes ${code} in the middle: chat and page say so, nothing runs, nothing is lost`, async (t) => {
    const rig = await startFragile(t);
    const { alice, bob, store, stackstorm } = rig;
    await rig.logIn('alice');
    const link = loginUrl(await bob.ask('dm', '!session_start plum'));

    store.breakWith(code);
    for (const command of [
      '!st2 list vms',
      '!st2 lst vms',
      '!whoami',
      '!help',
      '!session_end',
      '!session_start plum',
    ]) {
      const said = await alice.ask('dm', command);
      assert.match(
        said.text,
        /My own storage does not answer, so nothing was run.*try again.*whoever runs/u,
        command,
      );
    }
    assert.equal(stackstorm.state.executions.all.length, 0);
    const browser = new LoginClient(rig.url);
    const answer = await browser.open(link);
    assert.equal(answer.status, 503);
    assert.match(String(answer.body['type']), /storage-unavailable$/u);
    assert.match(String(answer.body['detail']), /Nothing was changed\. Try again/u);

    store.mend();
    assert.equal((await browser.open(link)).status, 200, 'the link is as good as before');
    assert.equal((await browser.password('plum', 'bob', 'bob')).status, 200);
    const asked = await alice.say('general', '!st2 list vms');
    await alice.waitFor('general', asked, isResult);
    assert.equal(
      stackstorm.state.executions.all.length,
      1,
      'the session stands; what was refused did not run later',
    );
  });
}

test('the storage fails between the acknowledgement and the result: the result comes, once, when it is mended', async (t) => {
  const rig = await startFragile(t, { executions: { pollInterval: '1s' } });
  const { alice, store, stackstorm } = rig;
  await rig.logIn('alice');
  const asked = await alice.say('general', '!st2 wait 1 seconds');
  await alice.waitFor('general', asked, (line) => line.threadTs === asked && /execution/u.test(line.text));
  const refused = store.refused('run:');
  store.breakWith('full');
  await refused;
  assert.equal(stackstorm.state.executions.all[0]?.status, 'succeeded', 'its end could not be noted');
  store.mend();
  await alice.waitFor('general', asked, isResult, 30_000);
  const thread = (await alice.read('general')).filter((line) => line.threadTs === asked);
  assert.equal(thread.filter(isResult).length, 1);
  assert.equal(stackstorm.state.executions.all.length, 1);
});

test('the keys are changed under a running session: it is said whose it is to mend, and nothing runs', async (t) => {
  let inside: Store | undefined;
  const rig = await startBot(t, {
    storage: (store) => {
      inside = store;
      return store;
    },
  });
  await rig.logIn('alice');
  const key = 'session:playground:demo:alice';
  const sealed = await inside?.get(key);
  assert.ok(sealed !== undefined && inside !== undefined);
  await inside.set(key, createEncryption([parseKey(generateKey())]).seal(key, '{}'));
  for (const command of ['!st2 list vms', '!whoami', '!session_end']) {
    const said = await rig.alice.ask('dm', command);
    assert.match(
      said.text,
      /cannot read what I have stored for you: it was encrypted with a key that I no longer have.*nothing was run/u,
    );
    assert.match(said.text, /tell whoever runs this bot/u);
  }
  assert.equal(rig.stackstorm.state.executions.all.length, 0);
  const open: string[] = [];
  for await (const row of inside.scan('run:')) open.push(row.key);
  assert.deepEqual(open, [], 'no intent is left to be told of later');
  await inside.set(key, sealed);
  await rig.alice.ask('general', '!st2 list vms', isResult);
});

test('a storage belongs to the keys that first used it, and to those that follow them', async () => {
  const [one, two, three] = [generateKey(), generateKey(), generateKey()].map(parseKey);
  assert.ok(one && two && three);
  const store = await openStore('sqlite::memory:');
  const start = (...keys: Uint8Array[]) => claimStorage(store, createEncryption(keys));
  await start(one);
  await start(one);
  const foreign = {
    name: 'EncryptionError',
    code: 'unknown-key',
    message: /which is not configured\. Put that key back/u,
  };
  await assert.rejects(start(two), foreign);
  await start(two, one);
  await start(two);
  await assert.rejects(start(three, one), foreign);
  const broken = new FaultyStore(store);
  broken.breakWith('read-only');
  await assert.rejects(claimStorage(broken, createEncryption([two])), StoreError);
  await store.close();
});
