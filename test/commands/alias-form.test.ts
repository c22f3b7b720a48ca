/** A form for any alias: what it asks, the command that it comes to, and everything that stands in its way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BotRig, startBot } from '../support/bot.ts';
import { type OpenDialog, PlaygroundDialogs } from '../support/playground-dialog.ts';
import type { View } from '../support/slack/world-types.ts';
import { startSlackBot } from '../support/slack-bot.ts';

type Person = 'alice' | 'bob';

async function startRig(t: Parameters<typeof startBot>[0], options: Parameters<typeof startBot>[1] = {}) {
  const bot = await startBot(t, options);
  const dialogs = (person: Person) => new PlaygroundDialogs(bot.url, person);
  /** Presses the button in the answer to `help`; answers the dialog, which must open. */
  const open = async (person: Person, label: string): Promise<OpenDialog> => {
    const helped = await bot[person].ask('general', '!help --pack demo', ({ blocks }) =>
      JSON.stringify(blocks).includes('alias.form'),
    );
    const dialog = await dialogs(person).press(helped, label);
    assert.ok(dialog !== undefined, `no dialog for ${label}`);
    return dialog;
  };
  return { ...bot, dialogs, open };
}

const ran = ({ stackstorm }: Pick<BotRig, 'stackstorm'>) =>
  stackstorm.state.executions.all.map(({ action, parameters }) => ({ action: action.ref, parameters }));

test('from help: fields by the metadata; what is entered becomes the command, which is run and shown', async (t) => {
  const bot = await startRig(t);
  await bot.logIn('alice');
  const deploy = await bot.open('alice', 'deploy…');
  assert.deepEqual(deploy.fields, ['text app', 'select env', 'text version']);
  assert.match(deploy.text, /Deploy an application/u);
  const empty = await deploy.send({ env: '1', version: 'latest' });
  assert.equal(empty.kind, 'invalid');
  const answer = await deploy.send({ app: 'api', env: '1', version: 'latest' });
  assert.equal(answer.kind === 'show' && answer.title, 'On its way');
  assert.match(JSON.stringify(answer), /!st2 deploy api to prod"/u, 'what is as it was is not said');
  const end = await bot.bob.waitFor('general', '0', ({ text }) => /succeeded/u.test(text));
  assert.equal(end.private, false);
  assert.deepEqual(ran(bot), [{ action: 'demo.deploy', parameters: { app: 'api', env: 'prod' } }]);
  const { outcome, aliasRef, stackstormUser } =
    bot.records.find(({ event }) => event === 'execution.requested') ?? {};
  assert.deepEqual([aliasRef, stackstormUser, outcome], ['demo.deploy', 'alice', 'ok']);

  const more = await bot.open('alice', 'deploy…');
  const said = await more.send({ app: 'my app', env: '0', version: '2 beta' });
  assert.match(JSON.stringify(said), /deploy my app to staging version=\\"2 beta\\"/u);

  // What cannot be said is told at its field; a number that is none by the platform; a list and a value with `=` can be.
  const run = await bot.open('alice', 'run…');
  const odd = await run.send({ cmd: 'date', hosts: `a 'b' "c" d=e` });
  assert.match(
    odd.kind === 'invalid' ? JSON.stringify(odd.faults) : '',
    /"q1":"No command can say this value/u,
  );
  const long = await run.send({ cmd: 'x'.repeat(2_001), hosts: 'web1' });
  assert.match(long.kind === 'invalid' ? JSON.stringify(long.faults) : '', /"q0":"Too long/u);
  const url = await run.send({ cmd: 'echo http://h/?a=b', hosts: 'web1' });
  assert.match(JSON.stringify(url), /run echo http:\/\/h\/\?a=b on web1"/u);
  await bot.alice.waitFor('general', '0', ({ text }) => /succeeded/u.test(text) && text.includes('?a=b'));
  assert.deepEqual(
    ran(bot)
      .map(({ action }) => action)
      .toSorted(),
    ['demo.deploy', 'demo.deploy', 'demo.run'],
  );
  assert.doesNotMatch(JSON.stringify(bot.records), /h.?a=b|2 beta|my app/u);
});

test('from the bot’s page: in the direct conversation; two sends are one run; nothing to fill in is one press more', async (t) => {
  const bot = await startRig(t);
  await bot.logIn('alice');
  const alice = bot.dialogs('alice');
  const scale = await alice.pressOnPage('scale…');
  assert.deepEqual(scale?.fields, ['text app', 'number count']);
  assert.equal((await scale?.send({ app: 'shop', count: '3' }))?.kind, 'show');
  await bot.alice.waitFor('dm', '0', ({ text }) => /shop runs 3 times|succeeded/u.test(text));
  assert.deepEqual(ran(bot), [{ action: 'demo.scale', parameters: { app: 'shop', count: 3 } }]);

  assert.equal(await alice.pressOnPage('hello…'), undefined);
  const asked = await bot.alice.waitFor('dm', '0', ({ text }) => text.includes('takes nothing'));
  assert.match(asked.text, /!st2 hello/u);
  await Promise.all([alice.press(asked, 'Run it'), alice.press(asked, 'Run it')]);
  await bot.alice.waitFor('dm', asked.id, ({ text }) => /run once/u.test(text));
  await bot.alice.waitFor('dm', asked.id, ({ text }) => /succeeded/u.test(text));
  assert.equal(ran(bot).filter(({ action }) => action === 'core.noop').length, 1);
});

test('no form: a secret that must be given, no metadata, another pack’s twin, rules, no session', async (t) => {
  const bot = await startRig(t, {
    config: { access: { default: 'allow', rules: [{ deny: ['demo.run'], users: ['bob'] }] } },
    stackstorm: { webUrl: 'https://st2.example.com' },
  });
  const { state } = bot.stackstorm;
  state.packs.putAlias({
    pack: 'demo',
    name: 'maybe',
    action_ref: 'demo.rotate',
    formats: ['maybe {{database}}( with {{password}})?'],
  });
  await bot.bot.refresh();
  const alice = bot.dialogs('alice');
  const press = async (label: string) => {
    assert.equal(await alice.pressOnPage(label), undefined, label);
  };
  const told = (words: RegExp) => bot.alice.waitFor('dm', '0', ({ text }) => words.test(text));
  await bot.logIn('alice');
  await press('rotate…');
  assert.match((await told(/takes a secret \(password\)/u)).text, /https:\/\/st2\.example\.com/u);
  await press('maybe…');
  await press('reboot…');
  await told(/same name as/u);
  state.faults.add({
    inject: { kind: 'answer', status: 403, body: '{}' },
    path: /^\/actions\/.*demo\.run$/u,
    times: 1,
  });
  await press('run…');
  const typed = await told(/does not tell me now what this command takes/u);
  assert.match(typed.text, /!st2 run \{\{cmd\}\} on \{\{hosts\}\}/u);
  const opened = await alice.pressOnPage('run…');
  assert.ok(opened !== undefined, 'a failure is not kept');

  // A secret that need not be given is left out, with words.
  const pin = { type: 'string', secret: true };
  const parameters = { key: { type: 'string', required: true }, pin, count: { type: 'integer' } };
  state.packs.addAction({ pack: 'demo', name: 'locker', runner_type: 'noop', parameters });
  state.packs.putAlias({
    pack: 'demo',
    name: 'locker',
    action_ref: 'demo.locker',
    formats: ['locker {{key}}( with {{pin}})?'],
  });
  await bot.bot.refresh();
  const locker = await alice.pressOnPage('locker…');
  assert.deepEqual(locker?.fields, ['text key', 'number count']);
  assert.match(locker?.text ?? '', /Not asked here: pin\. It is secret/u);
  assert.match(JSON.stringify(await locker?.send({ key: 'a', count: '4' })), /!st2 locker a count=4"/u);

  // bob sees none of it, and forges the press in vain: the page holds no such button.
  await bot.logIn('bob');
  await assert.rejects(bot.dialogs('bob').pressOnPage('run…'), /no button/u);
});

test('between opening and sending: gone, changed, denied by a second step, logged out', async (t) => {
  const bot = await startRig(t, {
    config: { access: { default: 'allow', rules: [{ allow: ['demo.scale'], confirm: true }] } },
  });
  const { packs } = bot.stackstorm.state;
  const alice = bot.dialogs('alice');
  const page = async (label: string): Promise<OpenDialog> => {
    const dialog = await alice.pressOnPage(label);
    assert.ok(dialog !== undefined);
    return dialog;
  };
  await bot.logIn('alice');
  const [gone, changed, scale, run] = [
    await page('deploy…'),
    await page('release…'),
    await page('scale…'),
    await page('run…'),
  ];
  packs.removeAlias('demo.deploy');
  packs.putAlias({ pack: 'demo', name: 'release', action_ref: 'core.local', formats: ['release {{cmd}}'] });
  await bot.bot.refresh();
  assert.match(JSON.stringify(await gone.send({ app: 'api', env: '1' })), /not there any more/u);
  assert.match(JSON.stringify(await changed.send({ app: 'api' })), /has changed since/u);

  const asked = await scale.send({ app: 'shop', count: '2' });
  assert.equal(asked.kind === 'show' && asked.title, 'One more step');
  const confirm = await bot.alice.waitFor('dm', '0', ({ text }) => /Please confirm/u.test(text));
  assert.deepEqual(ran(bot), []);
  await alice.press(confirm, 'Run it');
  await bot.alice.waitFor('dm', confirm.id, ({ text }) => /succeeded/u.test(text));

  const ended = await bot.alice.ask('dm', '!session_end', ({ text }) => /ended/u.test(text));
  const refused = await run.send({ cmd: 'uptime', hosts: 'web1' });
  assert.equal(refused.kind === 'show' && refused.title, 'Not run');
  await bot.alice.waitFor('dm', ended.id, ({ text }) => /not logged in/u.test(text));
  assert.equal(ran(bot).length, 1);
  await bot.logIn('alice');
  const kept = await bot.alice.waitFor('dm', ended.id, ({ blocks }) =>
    JSON.stringify(blocks).includes('Run it now'),
  );
  assert.match(JSON.stringify(kept.blocks), /run uptime on web1/u);
});

/** The block of the input whose label is this. */
function blockOf(modal: View, label: string): string {
  const blocks = [modal.payload['blocks']].flat().map((block) => JSON.stringify(block));
  const id = /"block_id":"(q\d+)"/u.exec(
    blocks.find((block) => block.includes(`"text":"${label}"`)) ?? '',
  )?.[1];
  assert.ok(id !== undefined, label);
  return id;
}

test('in Slack: from help in a channel and from the App Home', async (t) => {
  const { slack, app, alice, bob, general, stackstorm, logIn } = await startSlackBot(t);
  await logIn(alice, 'alice');
  const helped = await alice.sees(general, /deploy/u, { after: await alice.say(general, '!help deploy') });
  await alice.press(helped, 'bolt-stackstorm:alias.form:0');
  const deploy = await alice.modal(app);
  const answer = await alice.submit(deploy, {
    [blockOf(deploy, 'app')]: 'api & co',
    [blockOf(deploy, 'env')]: '1',
  });
  assert.match(JSON.stringify(answer.view?.payload), /!st2 deploy api &amp; co to prod/u);
  await bob.sees(general, /succeeded/u);

  await alice.openHome(app);
  const home = await alice.home(app, ({ payload }) => JSON.stringify(payload).includes('alias.form'));
  const blocks = JSON.stringify(home.payload);
  const button = /"text":"scale…"[^}]*\},"action_id":"([^"]+)"/u.exec(blocks)?.[1] ?? '';
  await alice.press(home, button);
  const scale = await alice.modal(app, ({ payload }) => JSON.stringify(payload).includes('"count"'));
  const sent = await alice.submit(scale, { [blockOf(scale, 'app')]: 'shop', [blockOf(scale, 'count')]: '3' });
  assert.match(JSON.stringify(sent.view?.payload), /scale shop to 3/u);
  await alice.sees(alice.dmWith(app), /succeeded/u);
  assert.deepEqual(stackstorm.state.executions.all.map(({ parameters }) => parameters).toReversed(), [
    { app: 'api & co', env: 'prod' },
    { app: 'shop', count: 3 },
  ]);
  assert.deepEqual(slack.violations, []);
});
