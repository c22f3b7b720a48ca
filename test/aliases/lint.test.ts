import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import type { Finding } from '../../src/aliases/lint/finding.ts';
import { lintAliases } from '../../src/aliases/lint/lint.ts';
import { readCommand } from '../../src/aliases/match.ts';
import type { ActionAlias } from '../../src/stackstorm/wire.ts';
import { aliasCases } from '../support/alias-arbitraries.ts';
import { needsShared } from '../support/shared.ts';
import { anAlias, publicAliases } from './support/aliases.ts';

/** `kind severity ref representation: example (others)`, one line a finding. */
function lines(aliases: readonly ActionAlias[]): string[] {
  return lintAliases(aliases).findings.map(({ kind, severity, ref, representation, example, others }) => {
    const with_ = others.map((other) => `${other.ref} ${other.representation}: ${other.example}`).join('; ');
    return `${severity} ${kind} ${ref} ${representation}: ${example}${with_ === '' ? '' : ` (${with_})`}`;
  });
}

test('aliases that are well have no findings', () => {
  const aliases = [
    anAlias('core.remote', ['run {{cmd}} on {{hosts}}']),
    anAlias('core.list', [{ display: 'list', representation: ['list vms', 'list vms in {{zone=eu}}'] }]),
    anAlias('p.choice', ['(?:start|stop) {{what}}', 'restart {{what}} {{how=soft}}']),
    anAlias('jira.fixes', [
      { representation: ['(?:\\b|^)fixes (?P<key>[A-Z]+-\\d+)(?:\\b|$)'], match_multiple: true },
    ]),
  ];
  assert.deepEqual(lines(aliases), []);
  assert.deepEqual(lintAliases(aliases).patterns, 6);
});

test('two patterns that some command matches are ambiguous, with such a command', () => {
  const aliases = [
    anAlias('a.run', ['run {{cmd}} on {{hosts}}']),
    anAlias('b.now', ['run {{what}} now']),
    anAlias('c.off', ['run {{what}} now'], { enabled: false }),
  ];
  assert.deepEqual(lines(aliases), [
    'warning ambiguous a.run run {{cmd}} on {{hosts}}: run x on now (b.now run {{what}} now: run x on now)',
  ]);
});

test('a pattern that disturbs many is named once', () => {
  const aliases = [
    anAlias('a.any', ['{{text}} please']),
    anAlias('b.go', ['go {{where}}']),
    anAlias('c.stop', ['stop {{what}}']),
  ];
  const { findings } = lintAliases(aliases);
  assert.deepEqual(
    findings.map(({ kind, ref, others }) => [kind, ref, others.map(({ example }) => example)]),
    [['ambiguous', 'a.any', ['go please', 'stop please']]],
  );
});

test('a pattern all of whose commands match another one is unreachable', () => {
  const aliases = [anAlias('p.scan', ['scan {{title}}', 'scan customer {{id}}', 'scan {{title=all}}'])];
  const found = lintAliases(aliases).findings.filter(({ kind }) => kind === 'unreachable');
  assert.deepEqual(
    found.map(({ representation, severity }) => [representation, severity]),
    [
      ['scan {{title}}', 'error'],
      ['scan customer {{id}}', 'error'],
    ],
  );
  assert.deepEqual(
    found[1]?.others.map(({ representation }) => representation),
    ['scan {{title=all}}', 'scan {{title}}'],
  );
  assert.equal(found[1]?.example, 'scan customer x');
});

test('the same pattern twice is unreachable twice; together, several can leave nothing too', () => {
  const twice = [anAlias('a.one', ['ping {{host}}']), anAlias('b.two', ['ping {{target}}'])];
  assert.deepEqual(
    lintAliases(twice).findings.map(({ kind, ref }) => `${kind} ${ref}`),
    ['unreachable a.one', 'unreachable b.two', 'ambiguous a.one'],
  );
  const together = [
    anAlias('a.digit', ['n [0-9]']),
    anAlias('b.low', ['n [0-5]']),
    anAlias('c.high', ['n [4-9]']),
  ];
  const { findings } = lintAliases(together);
  assert.deepEqual(
    findings.filter(({ kind }) => kind === 'unreachable').map(({ ref }) => ref),
    ['a.digit', 'b.low', 'c.high'],
  );
});

test('what nothing can match is unreachable, and says why', () => {
  const rows: readonly (readonly [ActionAlias['formats'][number], RegExp])[] = [
    ['^foo$', /space at both ends/],
    ['go url=x', /cut off before matching/],
    [{ display: 'help me' }, /pattern is empty/],
    [{ representation: ['foo {{x}}'], match_multiple: null }, /neither true nor false/],
    [{ representation: ['foo {{x}}'], match_multiple: 'true' }, /neither true nor false/],
  ];
  for (const [format, words] of rows) {
    const [finding, more] = lintAliases([anAlias('p.one', [format])]).findings;
    assert.equal(more, undefined);
    assert.equal(finding?.kind, 'unreachable', JSON.stringify(format));
    assert.match(finding?.detail ?? '', words);
  }
  // Reachable in an odd way is reachable: by a value of two words.
  assert.deepEqual(lines([anAlias('p.one', ['go url={{u}}'])]), []);
});

test('what the first pass takes never comes to a match_multiple pattern', () => {
  const aliases = [
    anAlias('a.all', ['fixes {{what}}']),
    anAlias('b.anchored', [{ representation: ['fixes {{key}} now'], match_multiple: true }]),
    anAlias('c.free', [{ representation: ['(?:\\b|^)fixes (?P<k>\\w+)(?:\\b|$)'], match_multiple: true }]),
  ];
  const { findings } = lintAliases(aliases);
  assert.deepEqual(
    findings.map(({ kind, ref }) => `${kind} ${ref}`),
    ['unreachable b.anchored'],
  );
  assert.match(findings[0]?.detail ?? '', /taken by another pattern/);
});

test('a name that another pack has too is shadowed, by a disabled alias as well', () => {
  const aliases = [
    anAlias('a.ping', ['ping a {{host}}']),
    anAlias('b.ping', ['ping b {{host}}'], { enabled: false }),
    anAlias('b.pong', ['pong']),
  ];
  assert.deepEqual(lines(aliases), [
    'error shadowed a.ping ping a {{host}}: ping a x (b.ping ping b {{host}}: ping b x)',
  ]);
});

test('a pattern that matches inside longer commands is unanchored, unless match_multiple says so', () => {
  assert.deepEqual(lines([anAlias('p.one', ['beep|honk'])]), [
    'warning unanchored p.one beep|honk: please honk',
  ]);
  assert.deepEqual(lines([anAlias('p.one', ['(?:\\b|^)beep(?:\\b|$)'])]), [
    'warning unanchored p.one (?:\\b|^)beep(?:\\b|$): please beep please',
  ]);
  assert.deepEqual(lines([anAlias('p.one', ['^\\s*beep (?:\\b|$)'])]), [
    'warning unanchored p.one ^\\s*beep (?:\\b|$): beep please',
  ]);
  assert.deepEqual(lines([anAlias('p.one', ['(?:beep|honk)', '{{x}} is it?'])]), []);
  const both = anAlias('p.both', [
    { representation: ['quiet {{x}}'], match_multiple: false },
    { representation: ['(?:\\b|^)hush (?P<y>\\w+)(?:\\b|$)'], match_multiple: true },
  ]);
  const [finding] = lintAliases([both]).findings.filter(({ kind }) => kind === 'unanchored');
  assert.match(finding?.detail ?? '', /tries it before everything else/);
});

test('a pattern that cannot be used is invalid; while disabled, a warning', () => {
  const aliases = [
    anAlias('p.name', ['set {{foo-bar}}']),
    anAlias('p.off', ['open (paren'], { enabled: false }),
    anAlias('p.atomic', ['(?>a|ab)c']),
    anAlias('p.newline', ['foo {{a=x\ny}}']),
    anAlias('p.text', [{ representation: 'just {{text}}' }]),
  ];
  const found = lintAliases(aliases);
  assert.deepEqual(
    found.findings.map(({ kind, severity, ref }) => `${severity} ${kind} ${ref}`),
    [
      'error invalid p.atomic',
      'error invalid p.name',
      'error invalid p.newline',
      'error invalid p.text',
      'warning invalid p.off',
    ],
  );
  assert.deepEqual([found.errors, found.warnings], [4, 1]);
  const details = new Map(found.findings.map(({ ref, detail }) => [ref, detail]));
  assert.match(details.get('p.name') ?? '', /foo-bar.*every command/s);
  assert.match(details.get('p.atomic') ?? '', /atomic group.*sets the whole alias aside/s);
  assert.match(details.get('p.newline') ?? '', /one line/);
  assert.match(details.get('p.text') ?? '', /list of one/);
});

test('a construct that hides what a pattern matches is no reason for a claim', () => {
  const aliases = [anAlias('a.all', ['go (?!home){{x}}']), anAlias('b.home', ['go home'])];
  const hidden = [anAlias('a.one', ['go {{x}}']), anAlias('b.two', ['go (?=x)(?P<y>.+)'])];
  for (const catalog of [aliases, hidden]) {
    const { findings, undecided } = lintAliases(catalog);
    assert.deepEqual(findings, []);
    assert.ok(undecided > 0);
  }
});

test('a budget that does not suffice leaves things undecided, and says how many', () => {
  const aliases = [anAlias('a.one', ['go {{x}} to {{y}}']), anAlias('b.two', ['go {{x}} at {{y}}'])];
  const found = lintAliases(aliases, { steps: 50 });
  assert.deepEqual(found.findings, []);
  assert.ok(found.undecided >= 2);
});

test('what is ambiguous to the matcher is ambiguous to lint, and what runs is not called unreachable', () => {
  let ambiguous = 0;
  let matched = 0;
  const property = fc.property(aliasCases, ({ catalog, command }) => {
    const aliases = catalog.map(({ name, formats }) => anAlias(`p.${name}`, [...formats]));
    const index = new AliasIndex();
    index.replaceAll(aliases);
    const match = index.match(command.trim());
    if (match.kind !== 'match' && match.kind !== 'ambiguous') return;
    // Lint says of an empty pattern that pairs alone match it.
    if (readCommand(command).blank) return;
    const report = lintAliases(aliases, { steps: 300_000 });
    const of = (kind: Finding['kind']) => report.findings.filter((finding) => finding.kind === kind);
    if (match.kind === 'match') {
      matched++;
      assert.deepEqual(
        of('unreachable').filter(
          ({ ref, representation }) => ref === match.alias.ref && representation === match.representation,
        ),
        [],
      );
      return;
    }
    ambiguous++;
    if (report.undecided === 0) assert.notEqual(of('ambiguous').length, 0);
    for (const { others } of of('ambiguous')) {
      for (const { example } of others) assert.equal(index.match(example).kind, 'ambiguous', example);
    }
  });
  fc.assert(property, { seed: 4, numRuns: 400 });
  assert.ok(ambiguous >= 10 && matched > 100, `${ambiguous} ambiguous, ${matched} matched`);
});

test('the public aliases have the findings that docs/aliases.md reports', needsShared, () => {
  const counts = (aliases: readonly ActionAlias[]) => {
    const { findings, ...rest } = lintAliases(aliases);
    const kinds = findings.map(({ kind }) => kind);
    const count = (kind: Finding['kind']) => kinds.filter((one) => one === kind).length;
    const pairs = findings.flatMap(({ kind, others }) => (kind === 'ambiguous' ? others : [])).length;
    return { ...rest, ...Object.fromEntries(kinds.map((kind) => [kind, count(kind)])), pairs };
  };
  const all = publicAliases();
  assert.deepEqual(counts(all), {
    aliases: 118,
    patterns: 165,
    errors: 35,
    warnings: 33,
    undecided: 0,
    shadowed: 4,
    unreachable: 31,
    ambiguous: 32,
    unanchored: 1,
    pairs: 202,
  });
  const fixtures = ['aliases', 'generic', 'synthetic_mm'];
  assert.deepEqual(counts(all.filter(({ pack }) => !fixtures.includes(pack))), {
    aliases: 101,
    patterns: 143,
    errors: 20,
    warnings: 20,
    undecided: 0,
    shadowed: 2,
    unreachable: 18,
    ambiguous: 20,
    pairs: 47,
  });
});
