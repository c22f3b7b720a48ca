import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BotRig, startBot } from '../support/bot.ts';
import type { ChatLine } from '../support/playground-client.ts';
import { inquiryIn as idIn, isQuestion, opened, PlaygroundDialogs } from '../support/playground-dialog.ts';

function dialogsOf(rig: BotRig, user: 'alice' | 'bob' | 'admin'): PlaygroundDialogs {
  return new PlaygroundDialogs(rig.url, user);
}

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

/** An alias that asks what `asked` says; typed as its name. */
async function addQuestion(
  rig: BotRig,
  name: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<void> {
  rig.stackstorm.state.packs.putAlias({
    pack: 'demo',
    name,
    action_ref: 'core.ask',
    formats: [`question ${name}`],
    immutable_parameters: asked,
  });
  await rig.bot.refresh();
}

async function ask(rig: BotRig, name: string, asked: Readonly<Record<string, unknown>>): Promise<ChatLine> {
  await addQuestion(rig, name, asked);
  const root = await rig.alice.say('general', `!st2 question ${name}`);
  return await rig.alice.waitFor('general', root, isQuestion);
}

/** The question's message once it says how it ended. */
function closed(rig: BotRig, question: ChatLine, words: RegExp): Promise<ChatLine> {
  return rig.alice.waitFor('general', '0', (line) => line.id === question.id && words.test(line.text));
}

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

test('secrets, schemas that no dialog can ask, and StackStorm’s own faults', async (t) => {
  const rig = await startBot(t);
  const { executions } = rig.stackstorm.state;
  await rig.logIn('alice');
  const alice = dialogsOf(rig, 'alice');
  const labels = (line: ChatLine) => JSON.stringify(line.blocks).match(/"label":"[^"]*"/g) ?? [];

  await t.test('a secret that must be answered: StackStorm’s own page', async () => {
    const pin = { type: 'string', secret: true, required: true };
    const question = await ask(rig, 'secret', { schema: { properties: { pin, env: { type: 'string' } } } });
    assert.match(
      question.text,
      /Slack and everybody who runs this chat could see[\s\S]*StackStorm’s own page/,
    );
    assert.deepEqual(labels(question), ['"label":"Open in StackStorm"']);
    assert.doesNotMatch(question.text, /inquiry respond/);
    const id = idIn(question);
    const told = await rig.alice.ask('dm', `!inquiry respond ${id} pin=hunter2`, ({ text }) =>
      text.includes('delete'),
    );
    assert.match(told.text, new RegExp(`pin is a secret.*/#/history/${id}/general`));
    assert.equal(executions.get(id)?.status, 'pending');
  });

  await t.test('a secret that may be left out is not in the dialog, which says so', async () => {
    const pin = { type: 'string', secret: true };
    const question = await ask(rig, 'half_secret', {
      schema: { properties: { pin, env: { type: 'string' } } },
    });
    const dialog = await opened(alice, question);
    assert.deepEqual(dialog.fields, ['text env']);
    assert.match(dialog.text, /Not asked here: pin\. It is secret.*\/#\/history\//s);
    assert.deepEqual(await dialog.send({ env: 'prod' }), { kind: 'done' });
  });

  for (const [name, asked, why] of [
    ['nested', { properties: { where: { type: 'object', properties: {} } } }, /parts inside parts/],
    ['nothing', {}, /does not say what it takes/],
    [
      'many',
      {
        properties: Object.fromEntries(
          Array.from({ length: 120 }, (_, at) => [`p${at}`, { type: 'string' }]),
        ),
      },
      /more than a form can hold/,
    ],
  ] as const) {
    await t.test(`${name}: how to answer by hand, and the page`, async () => {
      const question = await ask(rig, name, { schema: asked });
      assert.match(question.text, why);
      assert.match(question.text, new RegExp(`!inquiry respond ${idIn(question)}`));
      assert.deepEqual(labels(question), ['"label":"Open in StackStorm"']);
      const answer = name === 'nested' ? '{"where": {"zone": 1}}' : 'p1=x p2="y z"';
      await rig.alice.say('general', `!inquiry respond ${idIn(question)} ${answer}`);
      await closed(rig, question, /Answered by alice/);
    });
  }

  await t.test(
    'StackStorm’s own fault stands at its field, else at the top; no answer is told as that',
    async () => {
      const question = await ask(rig, 'strict', { schema: { properties: { word: { type: 'string' } } } });
      const id = idIn(question);
      const dialog = await opened(alice, question);
      const { faults } = rig.stackstorm.state;
      const refused = (faultstring: string) =>
        faults.add({
          inject: { kind: 'answer', status: 400, body: JSON.stringify({ faultstring }) },
          method: 'PUT',
          times: 1,
        });
      const preamble = `Response for inquiry "${id}" did not pass schema validation.`;
      refused(
        `${preamble} 'x' does not match '^a'\n\nFailed validating 'pattern' in schema\n\nOn instance['word']:\n    'x'`,
      );
      assert.deepEqual(await dialog.send({ word: 'x' }), {
        kind: 'invalid',
        faults: { q0: "'x' does not match '^a'" },
      });
      refused(`${preamble} {} is not valid under any of the given schemas\n\nOn instance:\n    {}`);
      assert.deepEqual(await dialog.send({ word: 'x' }), {
        kind: 'refused',
        text: 'StackStorm does not take this answer: {} is not valid under any of the given schemas',
      });
      faults.add({ inject: { kind: 'done-then-cut' }, method: 'PUT', times: 1 });
      const unsure = await dialog.send({ word: 'x' });
      assert.match(unsure.kind === 'show' ? unsure.text : '', /I do not know whether it took your answer/);
      await closed(rig, question, /Answered elsewhere\./);
      assert.ok(
        rig.records.some(({ event, outcome }) => event === 'inquiry.responded' && outcome === 'uncertain'),
      );
    },
  );

  await t.test('over without an answer: expired, cancelled, answered elsewhere', async () => {
    const expiring = await ask(rig, 'expiring', { schema });
    const one = executions.get(idIn(expiring));
    assert.ok(one !== undefined);
    executions.expire(one);
    await closed(rig, expiring, /Nobody answered in time/);
    const cancelled = await ask(rig, 'cancelled', { schema });
    const two = executions.get(idIn(cancelled));
    assert.ok(two !== undefined);
    executions.cancel(two, 'admin');
    await closed(rig, cancelled, /Cancelled: it waits for no answer any more/);
    const elsewhere = await ask(rig, 'elsewhere', { schema });
    const three = executions.get(idIn(elsewhere));
    assert.ok(three !== undefined);
    executions.respond(three, { approve: true });
    await closed(rig, elsewhere, /Answered elsewhere\./);
  });
});

test('two people answer at once: one answer counts, the other is told', async (t) => {
  const rig = await startBot(t);
  await rig.logIn('alice');
  await rig.logIn('bob');
  const question = await ask(rig, 'race', { schema });
  const dialogs = await Promise.all([
    opened(dialogsOf(rig, 'alice'), question),
    opened(dialogsOf(rig, 'bob'), question),
  ]);
  const answers = await Promise.all(dialogs.map((dialog) => dialog.send({ approve: 'yes' })));
  assert.deepEqual(answers.map(({ kind }) => kind).sort(), ['done', 'show']);
  const winner = answers[0]?.kind === 'done' ? 'alice' : 'bob';
  await closed(rig, question, new RegExp(`Answered by ${winner}`));
  const outcomes = rig.records
    .filter(({ event }) => /responded|refused/.test(event))
    .map(({ event }) => event);
  assert.deepEqual(outcomes.sort(), ['inquiry.refused', 'inquiry.responded']);
});
