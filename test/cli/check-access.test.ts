import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { checkAccess, tryAccess } from '../../src/cli/check-access.ts';
import { addCheck } from '../../src/cli/config-commands.ts';
import { readConfig } from '../../src/cli/config-file.ts';
import { CliError } from '../../src/cli/exit-codes.ts';
import { ConfigError, parseConfig } from '../../src/config/load.ts';
import { createEmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import { anAlias } from '../aliases/support/aliases.ts';
import { runCli } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';

const page = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gsu'))].map(([, text = '']) => text);

const sections = (stackstorm: object, access: unknown) => ({
  stackstorm,
  auth: { clientside: {}, publicUrl: 'http://127.0.0.1:3141' },
  encryption: { keys: ['A'.repeat(43)] },
  access,
});

function accessIn(json: string): unknown {
  const parsed: unknown = JSON.parse(json);
  assert.ok(typeof parsed === 'object' && parsed !== null && 'access' in parsed, json);
  return parsed.access;
}

async function rig(t: TestContext, access: unknown) {
  const folder = await temporaryFolder(t);
  const stackstorm = createEmbeddedStackStorm();
  const { url, close } = await stackstorm.listen();
  t.after(() => close());
  const path = join(folder, 'config.json');
  await writeFile(
    path,
    JSON.stringify(sections({ url, credential: { apiKey: stackstorm.bot.apiKey } }, access)),
  );
  return { path, stackstorm };
}

function config(access: unknown) {
  const parsed = parseConfig(sections({ url: 'http://127.0.0.1:9', credential: { token: 't' } }, access), {
    env: {},
    readFile: () => '',
  });
  if (parsed instanceof ConfigError) throw parsed;
  return parsed;
}

/** Where StackStorm must not be asked. */
const noAliases = () => assert.fail('StackStorm was asked');
const asked = (question: string) =>
  ({ asked: question, userKind: 'member', groups: [], channelKind: 'public' }) as const;

test('what docs/access.md shows is what the command prints; nothing is run', async (t) => {
  const [rules = ''] = blocks('json');
  const { path, stackstorm } = await rig(t, accessIn(rules));
  t.after(() => {
    process.exitCode = undefined;
  });
  const shown = blocks('console');
  assert.equal(shown.length, 5);
  for (const [index, block] of shown.entries()) {
    const [typed = '', ...printed] = block.trimEnd().split('\n');
    const words = [...typed.matchAll(/"([^"]*)"|(\S+)/gu)].map(([, quoted, bare = '']) => quoted ?? bare);
    assert.deepEqual(words.slice(0, 5), ['$', 'bolt-stackstorm', 'check', '--config', 'config.json']);
    const args = ['check', '--config', path, ...words.slice(5)];
    // A process of its own takes seconds: the first two, allowed and refused, stand for all.
    const { out, code } = index < 2 ? await runCli(args) : await runHere(t, args);
    assert.deepEqual(out.trimEnd().split('\n'), printed);
    assert.equal(code, printed.includes('outcome  allowed') ? 0 : 1, typed);
  }
  assert.equal(stackstorm.state.executions.all.length, 0);
});

/** The command in this process. */
async function runHere(t: TestContext, args: readonly string[]) {
  const log = t.mock.method(console, 'log', () => undefined);
  process.exitCode = 0;
  const program = new Command();
  addCheck(program, {});
  await program.parseAsync(args, { from: 'user' });
  log.mock.restore();
  const out = log.mock.calls.map((call) => String(call.arguments)).join('\n');
  return { out, code: process.exitCode };
}

test('every example of docs/access.md is a config', () => {
  const examples = blocks('json');
  assert.equal(examples.length, 5);
  for (const example of examples) config(accessIn(example));
});

test('the bot’s own commands are told without StackStorm; admins’ are for admins', async () => {
  const access = { admins: ['slack:T1:U1'], rules: [{ name: 'no names', deny: 'who*' }] };
  const answer = (question: string) => tryAccess(config(access), asked(question), async () => noAliases());
  assert.deepEqual(await answer('U2 C1 !st2 session start plum'), {
    allowed: true,
    rows: [
      ['command', '!st2 session start plum'],
      ['is', 'the bot’s own command session_start'],
      ['from', 'U2 (member, in no user group), in C1 (public)'],
      ['rule', 'none fits; members may use the bot’s own commands'],
      ['outcome', 'allowed'],
    ],
  });
  const whoami = await answer('U2 C1 whoami');
  assert.equal(whoami.allowed, false);
  assert.deepEqual(whoami.rows[3], ['rule', 'rule 1 (“no names”): deny who*']);
  assert.equal((await answer('slack:T1:U1 C1 session_list')).allowed, true);
  const list = await answer('slack:T2:U1 C1 session_list');
  assert.deepEqual(list.rows.at(-1), [
    'outcome',
    'refused: only for those in access.admins and access.globalAdmins',
  ]);
});

test('a question that cannot be understood, and an id that may be two people, are told; the code is 2', async () => {
  const access = { rules: [{ deny: '*', users: ['slack:T1:U1'] }] };
  for (const [question, words] of [
    ['U1 C1', /is not <user> <channel> <command>/],
    ['@bob C1 list vms', /no user’s id/],
    ['U2 #general list vms', /no channel’s id/],
    ['U1 C1 list vms', /as slack:T1:U1\. Say who/],
  ] as const) {
    await assert.rejects(
      tryAccess(config(access), asked(question), async () => noAliases()),
      (error) => error instanceof CliError && error.code === 2 && words.test(error.message),
      question,
    );
  }
});

test('what would not run anyway is refused, with the reason', async (t) => {
  const { path } = await rig(t, { default: 'allow' });
  const real = readConfig(path, {});
  const outcome = async (command: string) =>
    (await checkAccess(real, {}, asked(`U1 C1 ${command}`))).rows.at(-1);
  assert.deepEqual(await outcome('no such thing'), ['outcome', 'refused: no alias of StackStorm’s fits']);
  assert.deepEqual(await outcome('page bob'), ['outcome', 'refused: more than one alias fits']);
  assert.deepEqual(await outcome(`run ${'x'.repeat(2_000)} on web1`), [
    'outcome',
    'refused: more than commands.maxLength (2000) characters',
  ]);
});

test('a StackStorm that does not answer is said to be that', async () => {
  const port = await freePort();
  const access = config({});
  await assert.rejects(
    checkAccess(
      { ...access, stackstorm: { ...access.stackstorm, url: `http://127.0.0.1:${port}` } },
      {},
      asked('U1 C1 list vms'),
    ),
    (error) => error instanceof CliError && error.code === 1 && /unreachable/.test(error.message),
  );
});

test('the second steps before an alias are told, as docs/access.md shows them, and those that nobody could take', async (t) => {
  const [, steps = ''] = blocks('json');
  const { path, stackstorm } = await rig(t, accessIn(steps));
  stackstorm.state.packs.putAlias({
    pack: 'db',
    name: 'drop_database',
    action_ref: 'core.noop',
    formats: ['db drop {{name}}'],
  });
  const real = readConfig(path, {});
  const ask = (question: string, place: object = {}) =>
    checkAccess(real, {}, { ...asked(question), ...place });
  const dropped = await ask('U0ALICE C0OPS db drop orders');
  assert.equal(dropped.allowed, true);
  for (const [label, words] of dropped.rows)
    assert.match(page, new RegExp(`^${label} +${escaped(words)}$`, 'mu'));
  assert.deepEqual(dropped.rows.slice(4, 6), [
    ['before', 'the approval of 2 other people within 30 minutes'],
    ['approvers', 'the groups S0DBAS'],
  ]);
  const alone = await ask('U0ALICE D0ALICE db drop orders', { channelKind: 'direct' });
  assert.deepEqual(alone.rows.at(-1), [
    'outcome',
    'refused: somebody else has to approve it, and nobody else reads a direct message',
  ]);
  const rules = [
    { allow: '*', confirm: true, freshLogin: '10m', approve: { users: ['U1'], groups: ['S1'] } },
  ];
  const all = config({ rules });
  const wanted = (its: typeof all) =>
    tryAccess(its, asked('U2 C1 db drop x'), async () => [anAlias('db.drop', ['db drop {{name}}'])]);
  assert.deepEqual((await wanted(all)).rows.slice(4), [
    [
      'before',
      'a login within the last 10 minutes; a confirmation by who asks; the approval of one other person within 1 hour',
    ],
    ['approvers', 'the groups S1 or the users U1'],
    ['outcome', 'allowed'],
  ]);
  const nobody = await wanted({ ...all, auth: { ...all.auth, mode: 'standalone' } });
  assert.match(nobody.rows.at(-1)?.[1] ?? '', /in standalone nobody logs in/u);
  // The bot's own commands take no steps.
  assert.ok(!(await wanted(all)).rows.some(([, words]) => /undefined/u.test(words)));
  assert.ok(
    !(await tryAccess(all, asked('U2 C1 whoami'), async () => noAliases())).rows.some(
      ([row]) => row === 'before',
    ),
  );
});

const escaped = (text: string) => text.replace(/[()|[\]{}.*+?^$\\]/g, '\\$&');
