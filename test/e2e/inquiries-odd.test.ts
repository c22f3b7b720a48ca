import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { ask, closed, dialogsOf } from '../support/inquiry-rig.ts';
import type { ChatLine } from '../support/playground-client.ts';
import { inquiryIn as idIn, opened } from '../support/playground-dialog.ts';

const properties = {
  approve: { type: 'boolean', description: 'ok?', required: true },
  reason: { type: 'string', default: 'none', minLength: 3 },
};
const schema = { type: 'object', properties };

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

test('two people answer at once: one answer counts, the other is told; a rule keeps the third away', async (t) => {
  const rules = [{ deny: 'inquiry', users: ['playground:demo:admin'] }];
  const rig = await startBot(t, { config: { access: { default: 'allow', rules } } });
  await rig.logIn('alice');
  await rig.logIn('bob');
  const question = await ask(rig, 'race', { schema });
  await rig.logIn('admin');
  assert.equal(await dialogsOf(rig, 'admin').press(question, 'Respond'), undefined);
  const kept = await rig.admin.ask(
    'general',
    `!inquiry respond ${idIn(question)} approve=yes`,
    (line) => line.private,
  );
  assert.match(kept.text, /not allowed|may not|rule/i);
  assert.equal(rig.records.filter(({ outcome }) => outcome === 'access').length, 2);
  const dialogs = await Promise.all([
    opened(dialogsOf(rig, 'alice'), question),
    opened(dialogsOf(rig, 'bob'), question),
  ]);
  const sent = await Promise.all(dialogs.map((dialog) => dialog.send({ approve: 'yes' })));
  assert.deepEqual(sent.map(({ kind }) => kind).sort(), ['done', 'show']);
  const winner = sent[0]?.kind === 'done' ? 'alice' : 'bob';
  await closed(rig, question, new RegExp(`Answered by ${winner}`));
  const answers = rig.records.filter(({ event }) => event === 'inquiry.responded');
  assert.deepEqual(
    answers.map(({ stackstormUser }) => stackstormUser),
    [winner],
  );
});
