import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { matchFromCatalog, matchOneFormat } from '../../src/cli/alias-match.ts';
import { cliCommand, runCli } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';
import { needsShared, readSharedJson, sharedUrl } from '../support/shared.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fixture = 'test/aliases/support/catalog.json';

/** The answers to these lines, parsed, and the notes. */
async function answers(
  lines: readonly (string | Uint8Array)[],
  run: (streams: Parameters<typeof matchFromCatalog>[1]) => Promise<boolean>,
) {
  const [output, notes] = [new PassThrough(), new PassThrough()];
  const input = Readable.from(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])));
  const told = text(output);
  const good = await run({ input, output, notes });
  output.end();
  notes.end();
  const rows = (await told).split('\n').slice(0, -1);
  return { good, rows: rows.map((row): unknown => JSON.parse(row)), notes: await text(notes) };
}

const fromFixture = (...commands: string[]) =>
  answers(
    commands.map((command) => JSON.stringify(command)),
    (streams) => matchFromCatalog(fixture, streams),
  );

const fromFormat = (format: string, ...commands: string[]) =>
  answers(
    commands.map((command) => JSON.stringify(command)),
    (streams) => matchOneFormat({ format }, streams),
  );

test('each command is answered with what StackStorm makes of it', async () => {
  const { good, rows, notes } = await fromFixture(
    'deploy web to prod count=3',
    'deploy web to all',
    'nothing of the kind',
    'fixes AB-1 and fixes CD-2 by=me',
    'hidden x',
  );
  assert.equal(good, true);
  assert.equal(notes, '');
  assert.deepEqual(rows, [
    {
      ref: 'web.deploy',
      representation: 'deploy {{what}} to {{where}}',
      display: 'deploy <what> to <where>',
      parameters: { what: 'web', where: 'prod', count: '3' },
    },
    { error: 'ambiguous', count: 2 },
    { error: 'none' },
    {
      ref: 'jira.fixes',
      representation: String.raw`(?:\b|^)fixes (?P<key>[A-Z]+-[0-9]+)(?:\b|$)`,
      display: 'fixes <key>',
      parameters: { key: 'AB-1', by: 'me' },
      runs: [
        { key: 'AB-1', by: 'me' },
        { key: 'CD-2', by: 'me' },
      ],
    },
    { error: 'none' },
  ]);
});

test('a command that would freeze StackStorm is said to be one', async () => {
  const { rows } = await fromFixture(`deploy ${'a=b  '.repeat(40)} end`);
  assert.deepEqual(rows, [{ error: 'refused', reason: 'would-blow-up' }]);
});

test('one pattern is matched alone; one that is wrong says why', async () => {
  assert.deepEqual((await fromFormat('run {{cmd}} {{n=1}}', 'run x', 'walk x', 'run __proto__=1')).rows, [
    { match: true, parameters: { cmd: 'x', n: '1' } },
    { match: false },
    { match: false },
  ]);
  const protoless = await fromFormat('ok', 'ok __proto__=1');
  assert.equal(JSON.stringify(protoless.rows), '[{"match":true,"parameters":{"__proto__":"1"}}]');
  const wrong = await fromFormat('set {{a-b}}', 'x', 'y');
  assert.deepEqual(wrong.rows, [{ error: 're.error' }, { error: 're.error' }]);
  assert.match(wrong.notes, /^"set \{\{a-b\}\}": .*a-b/);
  const aside = await fromFormat('(?>a|ab)c', 'abc');
  assert.deepEqual(aside.rows, [{ error: 'unsupported', construct: 'atomic group (?>…)' }]);
  assert.deepEqual((await fromFormat('foo {{a=x\ny}}', 'foo {{a=x\ny}}')).rows, [{ error: 'KeyError' }]);
});

test('lines that are no commands are answered in their places', async () => {
  const lines = [
    'not json',
    '',
    '["a"]',
    '{"command": "ok", "more": 1}',
    '"ok"\r',
    Buffer.from([0x22, 0xff, 0x22]),
  ];
  const { good, rows, notes } = await answers([...lines, `"${'a'.repeat(2_000_000)}"`, '"ok"'], (streams) =>
    matchOneFormat({ format: 'ok' }, streams),
  );
  assert.equal(good, false);
  assert.match(notes, /^5 lines were no command/);
  const bad = (line: number, reason: string) => ({ error: 'bad-input', line, reason });
  assert.deepEqual(rows, [
    bad(1, 'not JSON; a command is a JSON string, such as "st2 list vms"'),
    bad(2, 'empty; the empty command is ""'),
    bad(3, 'neither a JSON string nor an object with a string "command"'),
    { match: true, parameters: {} },
    { match: true, parameters: {} },
    bad(6, 'not UTF-8'),
    bad(7, 'longer than 256 KiB'),
    { match: true, parameters: {} },
  ]);
});

test('an answer comes as soon as its line, before the input ends', async (t) => {
  const [file, ...first] = cliCommand;
  const child = spawn(file, [...first, 'alias', 'match', '--format', 'go {{x}}'], { cwd: root });
  t.after(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, 'exit');
  for (const x of ['a', 'ü', '😀']) {
    child.stdin.write(`${JSON.stringify(`go ${x}`)}\n`);
    const { value } = await lines.next();
    assert.deepEqual(JSON.parse(value), { match: true, parameters: { x } });
  }
  child.stdin.end(JSON.stringify('last line without its end'));
  assert.deepEqual(await lines.next(), { value: '{"match":false}', done: false });
  assert.deepEqual(await exit, [0, null]);
});

test('nothing is read faster than the answers are taken', async () => {
  let given = 0;
  const input = (async function* () {
    for (; given < 1000; given++) yield Buffer.from('"ok"\n');
  })();
  let release: (() => void) | undefined;
  const slow = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      release = done;
      this.emit('taken');
    },
  });
  const run = matchOneFormat({ format: 'ok' }, { input, output: slow, notes: new PassThrough() });
  for (let taken = 1; taken <= 1000; taken++) {
    await once(slow, 'taken');
    assert.ok(given <= taken + 5, `${given} lines read for ${taken} answers`);
    setImmediate(() => release?.());
  }
  assert.equal(await run, true);
});

test('a reader that goes away ends it quietly', async () => {
  const gone = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  });
  const streams = {
    input: Readable.from([Buffer.from('"ok"\n"ok"\n')]),
    output: gone,
    notes: new PassThrough(),
  };
  assert.equal(await matchOneFormat({ format: 'ok' }, streams), true);
});

test('a file that is no list of aliases is refused with what is wrong', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'catalog.json');
  const alias = { name: 'a', pack: 'p', action_ref: 'p.a', formats: ['a'] };
  const cases: readonly (readonly [content: string, words: RegExp])[] = [
    ['name: a\n', /is not JSON; .*st2 action-alias list -a all -j/],
    ['{"aliases": []}', /is one object, not a list/],
    ['{"faultstring": "Unauthorized"}', /no list but an error of StackStorm: Unauthorized/],
    ['"x"', /is a string, not a list/],
    [JSON.stringify([alias, { ...alias, name: 'b', formats: 'x' }]), /alias 2: formats: .*array/],
    [
      JSON.stringify([{ ref: 'p.a', pack: 'p', enabled: true, description: '' }]),
      /alias 1 \(p\.a\): .*no formats/,
    ],
    [JSON.stringify([alias, alias]), /alias 2: p\.a stands at 1 too/],
    [JSON.stringify(Array(30).fill(7)), /alias 10: .*\n {2}and 20 more/s],
  ];
  for (const [content, words] of cases) {
    await writeFile(file, content);
    const streams = { input: Readable.from([]), output: new PassThrough(), notes: new PassThrough() };
    await assert.rejects(matchFromCatalog(file, streams), words);
  }
  const [none, neither, loose] = await Promise.all([
    runCli(['alias', 'match', '--catalog', join(folder, 'none.json')]),
    runCli(['alias', 'match']),
    runCli(['alias', 'match', '--catalog', fixture, '--multiple']),
  ]);
  assert.deepEqual([none?.code, neither?.code, loose?.code], [2, 2, 2]);
  assert.match(none?.err ?? '', /none\.json cannot be read \(ENOENT\)/);
  assert.match(neither?.err ?? '', /--catalog FILE.*--format/);
  assert.match(loose?.err ?? '', /--multiple .*--format/);
});

type Row = z.infer<typeof rows>[number];
const rows = z.array(z.object({ format: z.string(), command: z.string(), expect: z.unknown() }));

for (const name of ['vectors', 'multiple', 'quirks']) {
  test(`alias match --format agrees with every row of ${name}.json`, needsShared, async () => {
    const all = rows.parse(readSharedJson(`stackstorm/aliases/${name}.json`));
    const setAside = new Set<string>();
    for (const [format, same] of byFormat(all)) {
      const { rows: told } = await answers(
        same.map(({ command }) => JSON.stringify(command)),
        (streams) => matchOneFormat({ format, multiple: name === 'multiple' }, streams),
      );
      const [first] = told;
      if (hasConstruct(first)) {
        setAside.add(first.construct);
        continue;
      }
      assert.deepEqual(
        told,
        same.map(({ expect }) => expect),
        format,
      );
    }
    assert.equal(setAside.size, name === 'quirks' ? 7 : 0);
  });
}

test('alias match --catalog agrees with every row of catalog.json', needsShared, async () => {
  const all = z
    .array(z.object({ command: z.string(), expect: z.looseObject({ ref: z.string().optional() }) }))
    .parse(readSharedJson('stackstorm/aliases/catalog.json'));
  const [file, ...first] = cliCommand;
  const path = fileURLToPath(sharedUrl('stackstorm/aliases/aliases.json'));
  const child = spawn(file, [...first, 'alias', 'match', '--catalog', path], { cwd: root });
  const told = buffer(child.stdout);
  child.stdin.end(all.map(({ command }) => `${JSON.stringify(command)}\n`).join(''));
  const lines = (await told).toString('utf8').split('\n').slice(0, -1);
  assert.equal(lines.length, all.length);
  for (const [at, { command, expect }] of all.entries()) {
    const {
      parameters,
      runs: _,
      ...rest
    } = z.record(z.string(), z.unknown()).parse(JSON.parse(lines[at] ?? ''));
    assert.deepEqual(rest, expect, command);
    assert.equal(parameters !== undefined, expect.ref !== undefined);
  }
});

function hasConstruct(answer: unknown): answer is { construct: string } {
  return z.object({ construct: z.string() }).safeParse(answer).success;
}

function byFormat(all: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of all) groups.set(row.format, [...(groups.get(row.format) ?? []), row]);
  return groups;
}
