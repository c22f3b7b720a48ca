import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message, View } from '../support/slack/world-types.ts';
import { startSlackBot } from '../support/slack-bot.ts';

const press = 'bolt-stackstorm:inquiry:0';

function textOf(message: Message): string {
  return JSON.stringify([message.text, message.blocks]);
}

/** The block of the input whose label is this. */
function blockOf(modal: View, label: string): string {
  const found = [modal.payload['blocks']]
    .flat()
    .map((block) => JSON.stringify(block))
    .find((block) => block.includes(`"text":"${label}"`));
  const id = /"block_id":"(q\d+)"/.exec(found ?? '')?.[1];
  assert.ok(id !== undefined, label);
  return id;
}

test('a workflow asks twice in Slack: modals, an answer that does not fit, somebody without a session, two people', async (t) => {
  const { slack, app, alice, bob, general, stackstorm, logIn, records } = await startSlackBot(t);
  await logIn(alice, 'alice');
  const command = await alice.say(general, '!st2 release shop');
  const question = await bob.sees(general, /How to release/, { after: command });
  assert.equal(question.threadTs, command.ts);

  // bob has no session: no modal opens, and only he is told why.
  await bob.press(question, press);
  const refused = await bob.sees(general, /not logged in/, { after: question });
  assert.ok(refused.ephemeralTo);
  await logIn(bob, 'bob');

  await alice.press(question, press);
  const how = await alice.modal(app);
  const strategy = blockOf(how, 'strategy');
  const instances = blockOf(how, 'instances');
  const notify = blockOf(how, 'notify');
  const channels = blockOf(how, 'channels');
  await assert.rejects(alice.submit(how, { [instances]: '21' }), /from 1 to 20/);
  // What StackStorm finds wrong stands at its field; what it says of the whole at the modal's top, with what was entered.
  const { faults } = stackstorm.state;
  const refuse = (faultstring: string) =>
    faults.add({
      inject: { kind: 'answer', status: 400, body: JSON.stringify({ faultstring }) },
      method: 'PUT',
      times: 1,
    });
  refuse(
    'Response for inquiry "x" did not pass schema validation. 3 is not even\n\nOn instance[\'instances\']:\n    3',
  );
  assert.deepEqual((await alice.submit(how, { [instances]: '3' })).errors, { [instances]: '3 is not even' });
  refuse('Response for inquiry "x" did not pass schema validation. Not on <Mondays>');
  await alice.submit(how, { [instances]: '3' });
  assert.match(JSON.stringify(how.payload['blocks']), /does not take this answer: Not on &lt;Mondays&gt;/);
  const done = await alice.submit(how, {
    [strategy]: '1',
    [instances]: '4',
    [notify]: [],
    [channels]: ['0', '2'],
  });
  assert.equal(done.view, undefined, 'the modal closes');
  await slack.until(() => textOf(question).includes('Answered by alice'));
  assert.doesNotMatch(textOf(question), new RegExp(press), 'nobody can press any more');

  const next = await bob.sees(general, /Would you like to continue/, { after: question });
  await bob.press(next, press);
  await alice.press(next, press);
  const [bobs, alices] = [await bob.modal(app), await alice.modal(app)];
  const field = blockOf(bobs, 'continue');
  assert.equal((await bob.submit(bobs, { [field]: 'yes' })).view, undefined);
  const late = await alice.submit(alices, { [field]: 'no' });
  assert.match(JSON.stringify(late.view?.payload), /over\. Answered by bob/);
  await alice.sees(general, /succeeded/, { after: next });

  const asked = stackstorm.state.executions.all
    .filter(({ action }) => action.ref === 'core.ask')
    .toReversed();
  assert.deepEqual(
    asked.map(({ result }) => Object(result).response),
    [
      { strategy: 'canary', instances: 4, notify: false, channels: ['general', 'releases'] },
      { continue: true },
    ],
  );
  assert.deepEqual(
    records.filter(({ event }) => event === 'inquiry.responded').map(({ stackstormUser }) => stackstormUser),
    ['alice', 'bob'],
  );
  assert.deepEqual(slack.violations, []);
});

test('inquiries by the slash command and in a direct message', async (t) => {
  const { app, alice, general, logIn } = await startSlackBot(t);
  await logIn(alice, 'alice');
  const command = await alice.say(general, '!st2 approve CHG-1');
  const question = await alice.sees(general, /asks: Go ahead/, { after: command });
  const id = /inquiry ([0-9a-f]{24})/.exec(textOf(question))?.[1] ?? '';
  const dm = alice.dmWith(app);
  const listed = await alice.sees(dm, new RegExp(id), { after: await alice.dm(app, 'inquiry list') });
  assert.match(textOf(listed), /One inquiry waits/);
  await alice.press(listed, press);
  assert.match(JSON.stringify((await alice.modal(app)).payload), /Go ahead\?/);
  await alice.sees(dm, /has your answer/, { after: await alice.dm(app, `inquiry respond ${id} yes`) });
});
