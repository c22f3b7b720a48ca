import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Part, Post } from '../../src/chat/chat.ts';
import { slackMessage } from '../../src/chat/slack/message.ts';
import { tableText } from '../../src/chat/table-text.ts';
import { middleCut } from '../../src/executions/format/text.ts';
import { taskOf } from '../../src/executions/format/workflow.ts';
import { formatResult } from '../../src/executions/format-result.ts';
import { type Execution, execution } from '../../src/stackstorm/wire.ts';
import { needsShared, readSharedJson, sharedUrl } from '../support/shared.ts';
import { assertGolden } from '../support/slack/golden.ts';
import { faultsIn } from '../support/slack/message-faults.ts';
import { deployTasks, fixtures } from './result-fixtures.ts';

const folder = new URL('golden/', import.meta.url);
const options = { maxLength: 4000 };

function shown(one: Execution, tasks = fixtures['orquesta-failed'] === one ? deployTasks : []): Post {
  return formatResult(one, 'pack.alias', 'alice', { ...options, tasks });
}

for (const [name, one] of Object.entries(fixtures)) {
  test(`the result ${name} in words, parts and on Slack`, () => {
    const post = shown(one);
    const slack = slackMessage(post, { files: true });
    assert.deepEqual(faultsIn(slack), []);
    assert.match(post.text, new RegExp(`^pack.alias: ${one.status}`));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    assert.doesNotMatch(JSON.stringify([post, slack]), /\\u00(?:0[0-8bcd-f]|1)|[\u0000-\u0008\u001b]/);
    assert.doesNotMatch(JSON.stringify(slack), /<[!@]/, 'nothing calls anybody');
    assertGolden(name, { post, slack }, folder);
  });
}

test('what went wrong stands before what went well', () => {
  const order = (name: string, ...words: string[]) => {
    const { text } = shown(fixtures[name] ?? assert.fail(name));
    const places = words.map((word) => text.indexOf(word));
    assert.ok(!places.includes(-1), `${name}: ${text}`);
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
      `${name}: ${text}`,
    );
  };
  order('local-ok', 'stdout', 'up 46 min', 'stderr', 'a warning');
  order('local-failed', 'exit code 3', 'stderr', 'no such file', 'stdout', 'before it failed');
  order('local-timeout', 'timeout', 'failed to complete in 60 seconds', 'half of it');
  order('remote-lines', '1 of 3 hosts failed: web2', 'web2', 'web1');
  order(
    'remote-long',
    '2 of 3 hosts failed: web2, web3',
    'web2: exit code 2',
    'second error',
    'Unable to connect',
    'web1: stdout',
  );
  order('python-failed', 'exit code 1', 'the disk is full', 'printed before');
  order(
    'orquesta-failed',
    '2 of 3 tasks failed: deploy, notify',
    'deploy: exit code 7',
    'image not found',
    'YaqlEvaluation',
    'build',
  );
  order('action-chain-failed', '1 of 2 tasks failed: test', '3 tests failed', 'build');
  order('mistral-failed', '1 of 2 tasks failed: act', 'no such host');
});

test('flat data is a table; on Slack it is aligned, and what is too wide for that is a record a row', () => {
  const { parts = [] } = shown(fixtures['python-table'] ?? assert.fail());
  const table = parts.find((part) => part.type === 'table') ?? assert.fail();
  assert.deepEqual(table.columns, ['name', 'state', 'cpu', 'tags']);
  assert.equal(
    tableText(table),
    'name     state    cpu   tags\n-------  -------  ----  ----\nweb1     running  0.12  a, b\nデータ1  stopped',
  );
  const wide = { type: 'table', columns: ['name', 'why'], rows: [['web1', 'x'.repeat(90)]] } as const;
  assert.equal(tableText(wide), `name: web1\nwhy: ${'x'.repeat(90)}`);
});

test('a workflow’s tasks have the names that the runner gave them', () => {
  const child = (context: object) =>
    taskOf(execution.parse({ id: 'c', status: 'running', action: { ref: 'core.local' }, context }));
  assert.equal(child({ orquesta: { task_name: 'deploy' } }).name, 'deploy');
  assert.equal(child({ chain: { name: 'build' } }).name, 'build');
  assert.equal(child({ mistral: { task_name: 'ask' } }).name, 'ask');
  assert.equal(child({}).name, 'core.local');
});

test('a result names status, time, execution, account and address', () => {
  const ended = {
    id: '6b03',
    status: 'succeeded',
    elapsed_seconds: 61.4,
    web_url: 'https://st2/#/history/6b03/general',
  };
  const post = formatResult({ ...ended, result: 'done' }, 'core.local', 'alice', options);
  assert.equal(
    post.text,
    'core.local: succeeded after 1 min 1 s\ndone\nexecution 6b03 · run as alice · https://st2/#/history/6b03/general',
  );
  assert.deepEqual(post.parts?.at(-1), {
    type: 'buttons',
    buttons: [{ label: 'Open in StackStorm', url: 'https://st2/#/history/6b03/general' }],
  } satisfies Part);
  const elsewhere = formatResult(ended, 'core.local', undefined, { ...options, webUrl: 'https://web/' });
  assert.match(elsewhere.text, /https:\/\/web\/#\/history\/6b03\/general/);
  const none = formatResult({ ...ended, web_url: 'javascript:alert(1)' }, 'core.local', undefined, options);
  assert.doesNotMatch(JSON.stringify(none), /javascript/);
});

test('a result of 2 MB is cut, with its beginning, its end and the way to the whole', () => {
  const stdout = `\u001b[32mfirst line\u001b[0m\n${'x'.repeat(2 * 1024 * 1024)}\nlast line`;
  const result = { stdout, stderr: 'why', return_code: 1, failed: true };
  const ended = { ...(fixtures['local-ok'] ?? assert.fail()), result };
  const post = formatResult(ended, 'core.local', 'alice', options);
  assert.ok(post.text.length < 4500, String(post.text.length));
  assert.match(post.text, /exit code 1\nstderr\nwhy\nstdout\nfirst line/);
  assert.match(post.text, /characters left out[\s\S]*last line/);
  assert.match(post.text, /The whole: https:\/\/st2\.example\.com\/#\/history/);
  const { web_url: _, ...noAddress } = ended;
  assert.match(
    formatResult(noAddress, 'core.local', undefined, options).text,
    /The whole: st2 execution get 6b03/,
  );
  const rows = Array.from({ length: 200 }, (_, at) => ({ at, text: 'y'.repeat(30) }));
  assert.match(formatResult({ ...ended, result: rows }, 'a', undefined, options).text, /characters left out/);
});

test('a hundred hosts are those that failed and how many did not', () => {
  const good = { return_code: 0, stdout: 'a\nb', stderr: '', failed: false };
  const hosts = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`h${at}`, good]));
  const result = { ...hosts, bad: { return_code: 1, stdout: '', stderr: 'no\ndisk', failed: true } };
  const { text } = shown({ ...(fixtures['remote-long'] ?? assert.fail()), result });
  assert.match(
    text,
    /1 of 101 hosts failed: bad\nbad: exit code 1\nbad: stderr\nno\ndisk\n100 hosts that succeeded are not shown here/,
  );
});

test('a cut never divides a character', () => {
  const cut = middleCut('😀'.repeat(500), 301);
  assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(cut));
});

test('every recorded execution of StackStorm reads as text', needsShared, () => {
  const files = ['executions', 'wire'].flatMap((name) =>
    readdirSync(sharedUrl(`stackstorm/${name}/`)).map((file) => `stackstorm/${name}/${file}`),
  );
  let read = 0;
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    for (const one of executionsIn(readSharedJson(file))) {
      read += 1;
      const post = formatResult(one, 'the.alias', undefined, options);
      const slack = slackMessage(post, { files: true });
      assert.deepEqual(faultsIn(slack), [], file);
      assert.match(post.text, new RegExp(`^the.alias: ${one.status}\\b`), file);
      assert.ok(post.text.includes(one.id), file);
      assertShowsStreams(post, one.result, file);
    }
  }
  assert.ok(read >= 12, `${read} executions`);
});

/** What was written to each stream stands under its name. */
function assertShowsStreams(post: Post, result: unknown, file: string): void {
  if (typeof result !== 'object' || result === null) return;
  const own = 'return_code' in result || 'exit_code' in result;
  for (const one of own ? [result] : Object.values(result)) {
    if (typeof one !== 'object' || one === null) continue;
    const streams = new Map<string, unknown>(Object.entries(one));
    for (const name of ['stdout', 'stderr']) {
      const text = streams.get(name);
      if (typeof text !== 'string' || text.trim() === '') continue;
      assert.match(post.text, new RegExp(`${name}\\n`), file);
      assert.ok(post.text.includes(text.trimEnd()), file);
    }
  }
}

/** Ended executions, in whatever answer they stand. */
function executionsIn(value: unknown): Execution[] {
  if (Array.isArray(value)) return value.flatMap(executionsIn);
  if (typeof value !== 'object' || value === null) return [];
  const parsed = execution.safeParse(value);
  if (parsed.success && 'result' in value && 'start_timestamp' in value) return [parsed.data];
  return Object.values(value).flatMap(executionsIn);
}
