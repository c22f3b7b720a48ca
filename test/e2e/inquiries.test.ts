import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { ask, closed, dialogsOf } from '../support/inquiry-rig.ts';
import { inquiryIn as idIn, isQuestion, opened } from '../support/playground-dialog.ts';

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
  assert.match(done.text, /✓ demo\.release asks: How to release\nAnswered by bob\./);

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
    kept
      .filter(({ event }) => event !== 'inquiry.asked')
      .map(({ event, outcome, stackstormUser, executionId }) => [
        event,
        outcome,
        stackstormUser,
        executionId,
      ]),
    [
      ['inquiry.requested', 'ok', 'bob', idIn(first)],
      ['inquiry.responded', 'ok', 'bob', idIn(first)],
      ['inquiry.requested', 'ok', 'alice', idIn(second)],
      ['inquiry.responded', 'ok', 'alice', idIn(second)],
    ],
  );
  assert.equal(kept.length, 6, 'each question and each answer');
  assert.doesNotMatch(JSON.stringify(kept), /canary|continue/, 'no answer is in the audit log');
});

const properties = {
  approve: { type: 'boolean', description: 'ok?', required: true },
  reason: { type: 'string', default: 'none', minLength: 3 },
};
const schema = { type: 'object', properties };

test('inquiries by command, by people with different rights, and what is refused', async (t) => {
  const rig = await startBot(t);
  const { state } = rig.stackstorm;
  await rig.logIn('alice');
  await rig.logIn('bob');
  const question = await ask(rig, 'limited', { schema, users: ['alice'] });
  const id = idIn(question);
  assert.match(question.text, /only for user alice/);
  const says = async (who: 'alice' | 'bob' | 'admin', text: string, words: RegExp) => {
    const line = await rig[who].ask('general', text, (one) => one.private && words.test(one.text));
    return line;
  };

  await t.test('list and get', async () => {
    const listed = await says('bob', '!st2 inquiry list', /One inquiry waits/);
    assert.match(listed.text, new RegExp(`only for user alice · inquiry ${id}`));
    await says('alice', `!inquiry get ${id}`, /asks something[\s\S]*reason: \(optional\)/);
    await says('alice', '!inquiry', /inquiry respond <id>/);
    await says('alice', '!inquiry get me', /inquiry respond <id>/);
    await says('alice', '!inquiry get 5f0000000000000000000000', /knows no inquiry/);
    await says('admin', '!inquiry list', /not logged in/);
    assert.ok(
      rig.records.some(({ event, outcome }) => event === 'command.refused' && outcome === 'no-session'),
    );
    const help = await rig.alice.ask('general', '!help', (line) => line.text.includes('session_start'));
    assert.match(help.text, /!inquiry list \| get <id>/);
  });

  await t.test('whom it is not for is told so, by button and by command', async () => {
    await says('bob', `!inquiry respond ${id} approve=yes`, /does not let you, as bob.*only for user alice/s);
    const dialog = await opened(dialogsOf(rig, 'bob'), question);
    const answer = await dialog.send({ approve: 'yes' });
    assert.match(answer.kind === 'show' ? answer.text : '', /does not let you, as bob/);
    assert.deepEqual(
      rig.records
        .filter(({ event }) => event === 'inquiry.refused')
        .map(({ outcome, stackstormUser }) => [outcome, stackstormUser]),
      [
        ['forbidden', 'bob'],
        ['forbidden', 'bob'],
      ],
    );
    assert.equal(state.executions.get(id)?.status, 'pending');
  });

  await t.test('without a session nothing is asked', async () => {
    assert.equal(await dialogsOf(rig, 'admin').press(question, 'Respond'), undefined);
    await rig.admin.waitFor(
      'general',
      question.id,
      (line) => line.private && /not logged in/.test(line.text),
    );
  });

  await t.test('what does not fit is said where it belongs, and nothing is lost', async () => {
    await says('alice', `!inquiry respond ${id} approve=perhaps`, /Nothing was answered. approve: Yes or no/);
    await says(
      'alice',
      `!inquiry respond ${id} {"approve": "maybe"}`,
      /approve: 'maybe' is not of type 'boolean'/,
    );
    await says('alice', `!inquiry respond ${id} {"reason": "because"}`, /'approve' is a required property/);
    const dialog = await opened(dialogsOf(rig, 'alice'), question);
    const empty = await dialog.send({ reason: 'because' });
    assert.deepEqual(empty, { kind: 'invalid', faults: { q0: 'Please fill in this field.' } });
    assert.equal(state.executions.get(id)?.status, 'pending');
  });

  await t.test('an answer by hand; then the question says so, and a late one is told', async () => {
    const late = await opened(dialogsOf(rig, 'bob'), question);
    await says(
      'alice',
      `!st2 inquiry respond ${id} approve=yes reason="all is well"`,
      /has your answer, from you as alice/,
    );
    await closed(rig, question, /Answered by alice\./);
    assert.deepEqual(Object(state.executions.get(id)?.result).response, {
      approve: true,
      reason: 'all is well',
    });
    const answer = await late.send({ approve: 'no' });
    assert.match(answer.kind === 'show' ? answer.text : '', /over\. Answered by alice/);
    await says('alice', `!inquiry respond ${id} approve=no`, /over\. Answered by alice/);
    await says('alice', '!inquiry list', /No inquiry waits/);
  });
});
