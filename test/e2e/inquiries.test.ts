import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BotRig, startBot } from '../support/bot.ts';
import type { ChatLine } from '../support/playground-client.ts';
import { PlaygroundDialogs } from '../support/playground-dialog.ts';

function dialogsOf(rig: BotRig, user: 'alice' | 'bob' | 'admin'): PlaygroundDialogs {
  return new PlaygroundDialogs(rig.url, user);
}

/** The one dialog that the press must open. */
async function opened(dialogs: PlaygroundDialogs, line: ChatLine) {
  const dialog = await dialogs.press(line, 'Respond');
  assert.ok(dialog !== undefined);
  return dialog;
}

function idIn(line: ChatLine): string {
  const id = /inquiry ([0-9a-f]{24})/.exec(line.text)?.[1];
  assert.ok(id !== undefined, line.text);
  return id;
}

const isQuestion = (line: ChatLine) => line.text.startsWith('❓') && !line.private;

test('a workflow asks twice in the thread of its command; two people answer, each as themselves', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  await rig.logIn('bob');
  const root = await rig.alice.say('general', '!st2 release shop');
  const first = await rig.alice.waitFor('general', root, isQuestion);
  assert.equal(first.threadTs, root);
  assert.match(first.text, /demo\.release asks: How to release/);
  assert.match(first.text, /strategy: All at once.*\(rolling, canary, all at once\)/);

  const how = await opened(dialogsOf(rig, 'bob'), first);
  assert.deepEqual(how.fields, [
    'select strategy',
    'number instances',
    'boolean notify',
    'multiSelect channels',
  ]);
  assert.deepEqual(
    Object.keys(
      await how.send({ strategy: '1', instances: '21' }).then((a) => (a.kind === 'invalid' ? a.faults : {})),
    ),
    ['q1'],
  );
  assert.deepEqual(await how.send({ strategy: '1', instances: '3', notify: false, channels: ['1', '2'] }), {
    kind: 'done',
  });
  const done = await rig.alice.waitFor('general', '0', (line) => line.id === first.id && line.edited);
  assert.match(done.text, /✅ demo\.release asks: How to release\nAnswered by bob\./);

  const second = await rig.alice.waitFor('general', root, (line) => isQuestion(line) && line.id !== first.id);
  assert.match(second.text, /Would you like to continue the workflow\?/);
  const goOn = await opened(dialogsOf(rig, 'alice'), second);
  assert.deepEqual(goOn.fields, ['select continue']);
  assert.deepEqual(await goOn.send({ continue: 'yes' }), { kind: 'done' });
  await rig.alice.waitFor(
    'general',
    root,
    (line) => /demo\.release.*succeeded|released/s.test(line.text) && line.id !== second.id,
  );
  const [asked] = rig.stackstorm.state.executions.all
    .filter(({ action }) => action.ref === 'core.ask')
    .toReversed();
  assert.deepEqual(Object(asked?.result).response, {
    strategy: 'canary',
    instances: 3,
    notify: false,
    channels: ['ops', 'releases'],
  });
  const kept = rig.records.filter(({ event }) => event.startsWith('inquiry.'));
  assert.deepEqual(
    kept.map(({ event, outcome, stackstormUser, executionId }) => [
      event,
      outcome,
      stackstormUser,
      executionId,
    ]),
    [
      ['inquiry.asked', 'ok', undefined, idIn(first)],
      ['inquiry.requested', 'ok', 'bob', idIn(first)],
      ['inquiry.responded', 'ok', 'bob', idIn(first)],
      ['inquiry.asked', 'ok', undefined, idIn(second)],
      ['inquiry.requested', 'ok', 'alice', idIn(second)],
      ['inquiry.responded', 'ok', 'alice', idIn(second)],
    ],
  );
  assert.doesNotMatch(JSON.stringify(kept), /canary|continue/, 'no answer is in the audit log');
});
