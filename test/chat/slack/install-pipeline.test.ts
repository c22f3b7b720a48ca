import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadPipeline, PipelineError } from '../../../src/chat/slack/install-pipeline.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { Time } from '../../support/manual-clock.ts';
import { startSlack } from '../../support/slack/emulator.ts';
import { InstallBrowser, type InstallChanges, installRig } from '../../support/slack/install-rig.ts';

/** Step modules in a folder, as somebody would write them. */
async function written(t: TestContext, modules: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(modules)) await writeFile(join(folder, name), text);
  return folder;
}

async function acme(t: TestContext, changes: InstallChanges) {
  const time = new Time();
  const slack = await startSlack(t, { now: () => time.at });
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  slack.user(team, { id: 'U0ALICE', name: 'alice', email: 'alice@acme.example' });
  slack.user(team, { id: 'U0EVE', name: 'eve', email: 'eve@elsewhere.example' });
  const rig = await installRig(t, slack, time, changes);
  const install = (user = 'U0ALICE') => new InstallBrowser().install(rig.url, { user, workspace: 'T024' });
  const kept = () => rig.install.installations.get('T024');
  const isActive = () => slack.world.apps.installations[0]?.active;
  const names = (outcome: string) =>
    rig.records.filter((record) => record.outcome === outcome).map(({ event }) => event);
  return { ...rig, slack, install, kept, isActive, names };
}

test('steps are called in order with who asked, Slack’s answer, and what the steps before added', async (t) => {
  const folder = await written(t, {
    'one.mjs': `
      export async function step({ request, answer, installation, added }) {
        if (Object.keys(added).length > 0) throw new Error('something was added before');
        return { add: { plan: 'gold', who: answer.authed_user.id + '@' + installation.teamId + '@' + request.address } };
      }`,
    'two.mjs': `
      import { readFile, writeFile } from 'node:fs/promises';
      export const step = async ({ added, client, answer }) => {
        const { team } = await client.auth.test();
        const seen = JSON.stringify({ added, team, isBot: answer.access_token.startsWith('xoxb-') });
        return { onSaved: () => writeFile(new URL('seen.json', import.meta.url), seen) };
      };`,
  });
  const { install, kept, names } = await acme(t, { folder, pipeline: ['./one.mjs', 'audit', './two.mjs'] });
  assert.equal((await install()).status, 200);
  assert.ok((await kept()) !== undefined);
  assert.deepEqual(JSON.parse(await readFile(join(folder, 'seen.json'), 'utf8')), {
    added: { plan: 'gold', who: 'U0ALICE@T024@127.0.0.1' },
    team: 'Acme',
    isBot: true,
  });
  assert.deepEqual(names('ok'), ['slack.installed']);
});

test('a step that stops it undoes the installation, and the person reads why', async (t) => {
  const folder = await written(t, {
    'no.mjs': `export const step = () => ({ stop: 'Only <staff> of Acme may install this.' });`,
    'never.mjs': `export const step = () => { throw new Error('must not be called'); };`,
  });
  const { install, kept, isActive, names, slack } = await acme(t, {
    folder,
    pipeline: ['greet', './no.mjs', './never.mjs'],
  });
  const response = await install();
  assert.equal(response.status, 403);
  assert.match(await response.text(), /Only &lt;staff&gt; of Acme may install this\./);
  assert.equal(await kept(), undefined);
  assert.equal(isActive(), false);
  assert.deepEqual(names('stopped'), ['slack.install_refused']);
  assert.ok(!slack.calls.some(({ method }) => method === 'chat.postMessage'), 'nobody is greeted');
});

test('a step that throws, or answers nonsense, undoes it without its words', async (t) => {
  const folder = await written(t, {
    'broken.mjs': `export const step = () => { throw new Error('the password is swordfish'); };`,
    'odd.mjs': `export const step = () => ({ stop: 42 });`,
    'late.mjs': `export const step = () => ({ onSaved: () => { throw new Error('afterwards'); } });`,
  });
  for (const name of ['broken', 'odd', 'late']) {
    const { install, kept, isActive, names } = await acme(t, { folder, pipeline: [`./${name}.mjs`] });
    const response = await install();
    assert.equal(response.status, 500, name);
    assert.doesNotMatch(await response.text(), /swordfish|afterwards/);
    assert.equal(await kept(), undefined, name);
    assert.equal(isActive(), false, name);
    assert.deepEqual(names('internal-error'), ['slack.install_refused']);
  }
});

test('a step that does not end is given up', async (t) => {
  const folder = await written(t, { 'slow.mjs': 'export const step = () => new Promise(() => {});' });
  const { install, clock, kept } = await acme(t, { folder, pipeline: ['./slow.mjs'] });
  const answer = install();
  await clock.scheduled(30_000);
  clock.advance(30_000);
  assert.equal((await answer).status, 500);
  assert.equal(await kept(), undefined);
});

test('an installation that stands is not lost to a second one that is stopped', async (t) => {
  const folder = await written(t, {
    'once.mjs': `
      let calls = 0;
      export const step = () => (++calls === 1 ? {} : { stop: 'Once is enough.' });`,
    'audited.mjs': `
      let calls = 0;
      export const step = () => (++calls === 1 ? {} : { onSaved: () => { throw new Error('no'); } });`,
  });
  for (const name of ['once', 'audited']) {
    const { install, kept, isActive } = await acme(t, { folder, pipeline: [`./${name}.mjs`] });
    assert.equal((await install()).status, 200);
    const before = await kept();
    assert.notEqual((await install()).status, 200);
    assert.deepEqual(await kept(), before);
    assert.equal(isActive(), true);
  }
});

test('without its audit record there is no installation; without a greeting there is', async (t) => {
  const unaudited = await acme(t, {});
  unaudited.audit.isBroken = true;
  assert.equal((await unaudited.install()).status, 500);
  assert.equal(await unaudited.kept(), undefined);
  assert.equal(unaudited.isActive(), false);

  const silent = await acme(t, { app: { botScopes: ['commands'] } });
  assert.equal((await silent.install()).status, 200);
  assert.ok((await silent.kept()) !== undefined);
  assert.match(silent.lines.join(''), /could not be greeted/);
});

test('a step that cannot be had stops the start, and says which and why', async (t) => {
  const folder = await written(t, {
    'empty.mjs': 'export const other = 1;',
    'throws.mjs': 'throw new Error("at import");',
    'good.mjs': 'export const step = () => undefined;',
  });
  const faults: [string, string, RegExp][] = [
    ['gret', 'unknown-step', /"gret" is none of greet, audit/],
    ['./missing.mjs', 'cannot-load', /"\.\/missing\.mjs" cannot be loaded/],
    ['./throws.mjs', 'cannot-load', /cannot be loaded: at import/],
    ['./empty.mjs', 'no-step', /exports no function called step/],
    ['constructor', 'unknown-step', /is none of/],
  ];
  const builtIns = { greet: () => undefined, audit: () => undefined };
  for (const [name, code, words] of faults) {
    await assert.rejects(loadPipeline(['greet', name], builtIns, folder), (error) => {
      assert.ok(error instanceof PipelineError);
      assert.equal(error.code, code);
      assert.match(error.message, words);
      return true;
    });
  }
  const steps = await loadPipeline(['./good.mjs', join(folder, 'good.mjs'), 'audit'], builtIns, folder);
  assert.equal(steps.length, 3);
});

test('the step that docs/slack-install.md shows does what it says', async (t) => {
  const documented = await readFile(new URL('../../../docs/slack-install.md', import.meta.url), 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(documented) ?? [];
  const folder = await written(t, { 'only-staff.mjs': code });
  const scopes = ['chat:write', 'im:write', 'users:read', 'users:read.email'];
  const { install, kept } = await acme(t, {
    folder,
    pipeline: ['./only-staff.mjs'],
    app: { botScopes: scopes },
  });
  const refused = await install('U0EVE');
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /Only staff of Acme may install this bot\./);
  assert.equal(await kept(), undefined);
  assert.equal((await install('U0ALICE')).status, 200);
  assert.ok((await kept()) !== undefined);
});
