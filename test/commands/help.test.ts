/** Help that helps: what it shows of one alias, in pages, of near misses, and what it leaves out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Part } from '../../src/chat/chat.ts';
import { slackMessage } from '../../src/chat/slack/message.ts';
import { pageParts } from '../../src/commands/help-list.ts';
import { anAlias } from '../aliases/support/aliases.ts';
import { type BotRig, startBot } from '../support/bot.ts';
import type { ChatLine } from '../support/playground-client.ts';
import { PlaygroundDialogs } from '../support/playground-dialog.ts';
import { faultsIn } from '../support/slack/message-faults.ts';
import { startSlackBot } from '../support/slack-bot.ts';

const rules = [
  { deny: '*reboot*' },
  { deny: 'demo.fail', channelKinds: ['public'] },
  { allow: 'demo.deploy', confirm: true, approve: { count: 2, within: '15m' }, freshLogin: '1h' },
];
const labels = ({ blocks }: ChatLine) =>
  [...JSON.stringify(blocks).matchAll(/"label":"([^"]+)","(?:url|action)"/g)].map(([, label]) => label);

function parameters(rig: BotRig): void {
  const { packs } = rig.stackstorm.state;
  packs.addAction({
    pack: 'demo',
    name: 'tune',
    runner_type: 'python-script',
    parameters: {
      mode: { type: 'string', enum: ['fast', 'safe'], default: 'safe', description: 'How to do it' },
      token: { type: 'string', secret: true, default: 'hunter2' },
      retries: { type: ['integer', 'null'], default: 2, position: 1 },
      tags: { type: 'array', required: true, position: 0 },
      stamp: { type: 'string', default: '{{ st2kv.system.stamp }}' },
      region: { type: 'string', immutable: true, default: 'eu' },
    },
  });
  packs.putAlias({
    pack: 'demo',
    name: 'tune',
    action_ref: 'demo.tune',
    description: 'Tune an engine',
    formats: [
      {
        display: 'tune <engine>',
        representation: ['tune {{engine}}', 'tune {{engine}} with {{token=hunter2}}'],
      },
      { display: 'retune <cylinder>', representation: ['retune (?P<cylinder>[1-4])'] },
    ],
    immutable_parameters: { stamp: 'never shown' },
  });
  packs.putAlias({ pack: 'demo', name: 'nowhere', action_ref: 'demo.gone', formats: ['go nowhere'] });
}

test('help <alias>: by ref, name and command; parameters as the person may see them, examples, steps', async (t) => {
  const rig = await startBot(t, { config: { access: { default: 'allow', rules } } });
  parameters(rig);
  await rig.bot.refresh();
  await rig.logIn('alice');
  const ask = async (text: string) => (await rig.alice.ask('general', text)).text;

  const deploy = await rig.alice.ask('general', '!help demo.deploy');
  assert.equal(deploy.private, true);
  assert.deepEqual(deploy.text.split('\n'), [
    'demo.deploy',
    'Deploy an application',
    '!st2 deploy <app> to <env>',
    'Its patterns:',
    '!st2 deploy {{app}} to {{env=staging}}',
    '!st2 ship {{app}} to {{env=staging}}',
    'It takes:',
    'app      text; needed',
    'env      one of staging, prod; staging where it is left out',
    'version  text; latest where it is left out',
    'What has no place in a pattern is typed at the end, as name=value.',
    'Examples:',
    '!st2 deploy my-app to staging',
    '!st2 ship my-app to staging',
    'Before it runs: a login within the last 1 hour; a confirmation by who asks; the approval of 2 other people within 15 minutes.',
  ]);
  assert.deepEqual(labels(deploy), ['Run…']);
  // A bare name too, and a command; what else has the word is one press away.
  const byName = await rig.alice.ask('general', '!help deploy');
  assert.match(
    byName.text,
    /^demo\.deploy\n.*more lines? of help ha(?:s|ve) these words: !help deploy --offset 0$/su,
  );
  assert.deepEqual(labels(byName), ['Run…', 'Show them']);
  assert.match(await ask('!help !st2 ship api to prod'), /^demo\.deploy\n/u);
  assert.match(await ask('!help retune <cylinder>'), /^demo\.tune\n/u);

  const tune = await ask('!help tune');
  assert.doesNotMatch(tune, /hunter2|never shown|stamp|region|timeout/u);
  assert.match(tune, /!st2 tune \{\{engine\}\} with \{\{token=…\}\}/u);
  assert.match(tune, /\ntoken {5}secret; may be left out\n/u);
  assert.match(
    tune,
    /\ntags {6}list, with commas; needed\nretries {3}whole number; 2 where it is left out\nmode {6}one of fast, safe; safe where it is left out {2}—/u,
  );
  assert.match(tune, /\nengine {4}needed where the pattern has it\n/u);
  assert.match(tune, /Examples:\n!st2 tune my-engine tags=one,two\n!st2 retune 1 tags=one,two$/u);
  assert.match(await ask('!help nowhere'), /action demo\.gone is not in StackStorm/u);

  // Two that would be asked for, and one that is not there.
  assert.match(await ask('!help page bob'), /2 aliases.*!help demo\.page_person\n!help demo\.page_team/su);
  assert.match(await ask('!help demo.deplyo'), /No alias fits that\. The nearest:\n!help demo\.deploy/u);
  assert.match(await ask('!help localrn uptime'), /nearest:\n!st2 localrun \{\{cmd\}\}\n {5}\^{8}$/u);
  // What rules deny, and what is disabled, is not told of.
  for (const hidden of ['demo.reboot', 'demo.fail', 'fail', 'reboot now', 'demo.disabled'])
    assert.doesNotMatch(
      await ask(`!help ${hidden}`),
      /^(?:demo\.|.*(?:reboot|!help demo\.fail|disabled))/su,
      hidden,
    );
  assert.match((await rig.alice.ask('dm', '!help fail')).text, /^demo\.fail\n/u);
});

test('help <alias>: whom StackStorm tells nothing, or who is not logged in, sees the rest', async (t) => {
  const rig = await startBot(t, { config: { commands: { publicHelp: true } } });
  const text = async (person: 'alice' | 'bob') => (await rig[person].ask('general', '!help scale')).text;
  assert.match(
    await text('alice'),
    /\napp {4}needed\n.*once you are logged in.*!st2 scale my-app to my-count$/su,
  );
  await rig.logIn('bob');
  assert.match(await text('bob'), /does not let you see what kinds of values its action demo\.scale takes/u);
  await rig.logIn('alice');
  assert.match(await text('alice'), /count {2}whole number; needed\n.*!st2 scale my-app to 3$/su);
  rig.stackstorm.state.faults.add({ service: 'api', path: /^\/actions\//, inject: { kind: 'backend-down' } });
  assert.match(await text('alice'), /^demo\.scale\n.*does not tell me at the moment.*my-count$/su);
});

test('pages: Previous and Next, edited in place where that can be; a long filter keeps to words', async (t) => {
  const rig = await startBot(t, { config: { access: { default: 'allow', rules } } });
  await rig.logIn('alice');
  const dialogs = new PlaygroundDialogs(rig.url, 'alice');
  const paging = (line: ChatLine) => labels(line).filter((label) => label === 'Previous' || label === 'Next');

  const first = await rig.alice.ask('dm', '!help --limit 10');
  assert.deepEqual(paging(first), ['Next']);
  await dialogs.press(first, 'Next');
  const [second] = (await rig.alice.read('dm')).filter(({ id }) => id === first.id);
  assert.ok(second !== undefined);
  assert.match(second.text, /11 to 20 of \d+\. The rest: !help --limit 10 --offset 20$/u);
  assert.deepEqual(paging(second), ['Previous', 'Next']);
  assert.equal(second.edited, true);

  const here = await rig.alice.ask('general', '!help --limit 10 --offset 5');
  await dialogs.press(here, 'Previous');
  const answer = await rig.alice.waitFor('general', here.id, ({ text }) => /1 to 10 of/u.test(text));
  assert.equal(answer.private, true);
  assert.deepEqual(paging(answer), ['Next']);

  const long = await rig.alice.ask('general', `!help --limit 1 --filter "r|${'x'.repeat(1_900)}"`);
  assert.deepEqual(paging(long), []);
  assert.match(long.text, /The rest: !help --filter "r\|x+" --limit 1 --offset 1$/u);
});

test('in Slack: a page in the direct message is edited; in a channel another one comes, for the person alone', async (t) => {
  const { slack, app, alice, bob, general, logIn } = await startSlackBot(t);
  await logIn(alice, 'alice');
  const dm = alice.dmWith(app);
  const first = await alice.sees(dm, /1 to 10 of/u, { after: await alice.dm(app, '!help --limit 10') });
  await alice.press(first, next(first));
  const { ts } = first;
  assert.equal((await alice.sees(dm, /11 to 20 of/u)).ts, ts);

  const here = await alice.sees(general, /1 to 10 of/u, {
    after: await alice.say(general, '!help --limit 10'),
  });
  await alice.press(here, next(here));
  const other = await alice.sees(general, /11 to 20 of/u, { after: here });
  assert.notEqual(other.ts, here.ts);
  assert.ok(!bob.seesNow(general).some(({ text }) => / of \d/u.test(text)));
  assert.deepEqual(slack.violations, []);
});

const next = ({ blocks }: { readonly blocks?: unknown }) =>
  /"text":"Next"[^}]*\},"action_id":"([^"]+)"/u.exec(JSON.stringify(blocks))?.[1] ?? '';

test('a page with a button for each alias fits into one message of Slack’s, however many packs it has', () => {
  const syntax = { prefix: '!', pluginPrefix: 'st2' };
  for (const packs of [1, 18, 20, 50]) {
    const rows = Array.from({ length: 60 }, (_, at) => {
      const alias = anAlias(`pack${at % packs}.alias${at}`, [`do ${at} {{what}}`]);
      return { pack: alias.pack, display: `do ${at} {{what}}`, description: 'Does it', alias };
    });
    const parts: Part[] = [
      { type: 'heading', text: 'My own commands' },
      { type: 'code', text: 'x'.repeat(1_000) },
      { type: 'context', text: 'Where nobody else reads it' },
      ...pageParts(rows, { words: '', limit: 50, offset: 5 }, syntax),
    ];
    const message = slackMessage({ text: 'help', parts }, { files: true });
    assert.deepEqual(faultsIn(message), [], `${packs} packs`);
    assert.equal(message.file, undefined);
    const shown = JSON.stringify(message.blocks);
    assert.match(shown, /6 to 55 of 60/u);
    assert.match(shown, /"Next"/u);
    assert.equal((shown.match(/alias\.form/g) ?? []).length, packs <= 18 ? 50 : 0);
  }
});
