import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { lintText } from '../../src/cli/lint-report.ts';
import { createEmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import { runCli } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';

const fixture = 'test/aliases/support/catalog.json';
const report = z.object({
  aliases: z.number(),
  errors: z.number(),
  warnings: z.number(),
  findings: z.array(z.object({ kind: z.string(), ref: z.string(), example: z.string() })),
});

test('alias lint prints tables for people, JSON for programs, and exits with 1 where there are errors', async () => {
  const [people, programs] = await Promise.all([
    runCli(['alias', 'lint', '--catalog', fixture]),
    runCli(['alias', 'lint', '--catalog', fixture, '--json']),
  ]);
  assert.equal(people?.code, 1, people?.err);
  assert.match(people?.out ?? '', /^error unreachable: every command that matches it also matches another/m);
  assert.match(people?.out ?? '', /^ {2}web\.deploy_all +"deploy \{\{what\}\} to all" +"deploy x to all"$/m);
  assert.match(people?.out ?? '', /^ {4}with web\.deploy +"deploy \{\{what\}\} to \{\{where\}\}"$/m);
  assert.match(people?.out ?? '', /\n4 aliases with 4 patterns read: 1 error, 1 warning\.\n$/);
  assert.equal(programs?.code, 1);
  const { findings, ...counts } = report.parse(JSON.parse(programs?.out ?? ''));
  assert.deepEqual(counts, { aliases: 4, errors: 1, warnings: 1 });
  assert.deepEqual(
    findings.map(({ kind, ref }) => `${kind} ${ref}`),
    ['unreachable web.deploy_all', 'ambiguous web.deploy'],
  );
});

test('alias lint --live reads the aliases of a StackStorm; without findings it exits with 0', async (t) => {
  const file = join(await temporaryFolder(t), 'config.json');
  const stackstorm = createEmbeddedStackStorm();
  const { url, close } = await stackstorm.listen();
  t.after(() => close());
  const config = (apiKey: string) => ({
    stackstorm: { url, credential: { apiKey } },
    auth: { standalone: {} },
    access: { default: 'allow' },
    encryption: { keys: ['A'.repeat(43)] },
  });
  await writeFile(file, JSON.stringify(config(stackstorm.bot.apiKey)));
  const live = await runCli(['alias', 'lint', '--live', '--config', file, '--json']);
  const { aliases, findings } = report.parse(JSON.parse(live.out));
  assert.ok(aliases > 5);
  assert.ok(findings.some(({ kind }) => kind === 'ambiguous'));
  await writeFile(file, JSON.stringify(config('wrong')));
  const refused = await runCli(['alias', 'lint', '--live', '--config', file]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^The aliases cannot be read: StackStorm does not take stackstorm\.credential/);
});

test('alias lint without findings exits with 0; a wrong command line or file with 2', async (t) => {
  const file = join(await temporaryFolder(t), 'good.json');
  await writeFile(file, JSON.stringify([{ name: 'a', pack: 'p', action_ref: 'p.a', formats: ['go {{x}}'] }]));
  const [good, none, both, half, bad] = await Promise.all([
    runCli(['alias', 'lint', '--catalog', file]),
    runCli(['alias', 'lint']),
    runCli(['alias', 'lint', '--catalog', file, '--live']),
    runCli(['alias', 'lint', '--live']),
    runCli(['alias', 'lint', '--catalog', 'README.md']),
  ]);
  assert.equal(good?.code, 0);
  assert.equal(good?.out, '1 alias with 1 pattern read: 0 errors, 0 warnings.\n');
  for (const wrong of [none, both, half]) {
    assert.equal(wrong?.code, 2);
    assert.match(wrong?.err ?? '', /--catalog FILE, or --live with --config FILE/);
  }
  assert.equal(bad?.code, 2);
  assert.match(bad?.err ?? '', /README\.md is no list of aliases:\n {2}it is not JSON/);
});

test('control characters in a pattern do not reach the terminal; what is left out is counted', () => {
  const others = Array.from({ length: 5 }, (_, n) => ({
    ref: `p.${n}`,
    representation: 'x',
    example: `x ${n}`,
  }));
  const text = lintText({
    aliases: 6,
    patterns: 6,
    errors: 0,
    warnings: 1,
    undecided: 2,
    findings: [
      {
        kind: 'ambiguous',
        severity: 'warning',
        ref: 'p.x',
        representation: 'a\u001b[2Jb\u009b',
        example: 'x 0',
        others,
        detail: 'why.',
      },
    ],
  });
  assert.deepEqual(text.split('\n'), [
    'warning ambiguous: why.',
    '  alias         pattern              example command',
    '  p.x           "a\\u001b[2Jb\\u009b"',
    '    with p.0    "x"                  "x 0"',
    '    with p.1    "x"                  "x 1"',
    '    with p.2    "x"                  "x 2"',
    '    and 2 more',
    '',
    '6 aliases with 6 patterns read: 0 errors, 1 warning. 2 comparisons could not be brought to an end.',
  ]);
});
