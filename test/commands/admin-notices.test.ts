import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { type ChatUser, chatUserKey } from '../../src/chat/chat.ts';
import type { Delivery } from '../../src/chat/delivery.ts';
import { AdminNotices } from '../../src/commands/admin-notices.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { RecordingChat, RecordingPlatform } from '../support/recording-chat.ts';
import { minute, TestClock } from '../support/sessions.ts';

const [here, there] = ['T1', 'T2'].map((workspace) => ({ platform: 'test', workspace }));
const [admin, other, chief] = ['test:T1:admin', 'test:T2:other', 'test:T9:chief'];
const mallory: ChatUser = { platform: 'test', workspace: 'T1', id: 'mallory' };

async function notices(t: { after(close: () => Promise<void>): void }, notifyAdmins: boolean | string[]) {
  const clock = new TestClock();
  const store = await openSqlite({ path: ':memory:', now: clock.now });
  t.after(() => store.close());
  const platform = new RecordingPlatform(new RecordingChat());
  platform.profile = async (user) => {
    if (user.workspace === 'T2') throw new Error('chat is down');
    return { platformName: 'Test', workspaceName: 'T', userName: 'Mal\u202elory\nof sales' };
  };
  const told: string[] = [];
  const delivery: Pick<Delivery, 'whisper'> = {
    async whisper(user, { text }) {
      told.push(`${chatUserKey(user)}: ${text}`);
      return { kind: 'undeliverable', reason: 'a test' };
    },
  };
  const made = new AdminNotices(
    { delivery, platforms: [platform], store, logger: pino({ level: 'silent' }), now: clock.now },
    { notifyAdmins, admins: [admin ?? '', other ?? ''], globalAdmins: [chief ?? ''] },
  );
  return { notices: made, told, clock };
}

test('an admin hears of the people of their own workspace, a global one of all, nobody of themselves', async (t) => {
  const { notices: all, told } = await notices(t, true);
  await all.tell({ about: mallory, text: (who) => `${who} did it.`, key: 'a' });
  assert.deepEqual(told.splice(0).sort(), [
    'test:T1:admin: Mal lory of sales (test:T1:mallory) did it.',
    'test:T9:chief: Mal lory of sales (test:T1:mallory) did it.',
  ]);
  await all.tell({
    about: { ...there, platform: 'test', workspace: 'T2', id: 'x' },
    text: (who) => who,
    key: 'b',
  });
  assert.deepEqual(told.splice(0).sort(), ['test:T2:other: test:T2:x', 'test:T9:chief: test:T2:x']);
  await all.tell({
    about: { platform: 'test', workspace: 'T1', id: 'admin' },
    text: () => 'ended all',
    key: 'c',
  });
  assert.deepEqual(told.splice(0), ['test:T9:chief: ended all']);
  const chiefHimself = { platform: 'test', workspace: 'T9', id: 'chief' };
  await all.tell({
    about: chiefHimself,
    workspace: { platform: 'test', workspace: 'T1', ...here },
    text: () => 'ended all',
    key: 'd',
  });
  assert.deepEqual(told.splice(0), ['test:T1:admin: ended all']);
});

test('only those who are named are told; nobody unless asked for', async (t) => {
  const { notices: none, told: nothing } = await notices(t, false);
  await none.tell({ about: mallory, text: () => 'x', key: 'a' });
  assert.deepEqual(nothing, []);
  const { notices: named, told } = await notices(t, ['test:T1:security', 'test:T2:security']);
  await named.tell({ about: mallory, text: () => 'x', key: 'a' });
  assert.deepEqual(told, ['test:T1:security: x']);
});

test('a flood is cut, which is told once, and ends', async (t) => {
  const { notices: one, told, clock } = await notices(t, ['test:T1:admin']);
  for (let count = 0; count < 50; count++)
    await one.tell({ about: mallory, text: () => 'x', key: `${count}` });
  assert.equal(told.length, 31);
  assert.match(told.at(-1) ?? '', /More happens.*30 in 10 minutes.*audit log/u);
  clock.pass(10 * minute);
  await one.tell({ about: mallory, text: () => 'y', key: 'later' });
  assert.equal(told.at(-1), 'test:T1:admin: y');
});
