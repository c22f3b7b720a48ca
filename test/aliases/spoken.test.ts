/** Commands that are made of values: whatever is said is read as exactly those values, or is not said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import { compileFormat } from '../../src/aliases/format.ts';
import { matchFormat, readCommand } from '../../src/aliases/match.ts';
import { sayCommand } from '../../src/aliases/spoken.ts';
import { needsShared } from '../support/shared.ts';
import { anAlias, publicAliases } from './support/aliases.ts';

function indexOf(...formats: readonly string[]): AliasIndex {
  const index = new AliasIndex();
  index.replaceAll([anAlias('a.b', [...formats])]);
  return index;
}

async function said(index: AliasIndex, values: Readonly<Record<string, string>>, ref = 'a.b') {
  const spoken = await sayCommand(index, ref, new Map(Object.entries(values)));
  return spoken.kind === 'command' ? spoken.text : spoken.names;
}

/** What StackStorm would read from a text, without the index and without what made it. */
function read(format: string, text: string) {
  const parameters = matchFormat(compileFormat(format), readCommand(text), { left: 1e7 });
  return parameters && Object.fromEntries(parameters);
}

test('values stand as one would type them, in quotes only where they must', async () => {
  const run = indexOf('run {{cmd}} on {{hosts}}');
  assert.equal(await said(run, { cmd: 'uptime', hosts: 'web1' }), 'run uptime on web1');
  assert.equal(await said(run, { cmd: 'ls -l /tmp', hosts: 'web1, web2' }), 'run ls -l /tmp on web1, web2');
  assert.equal(await said(run, { cmd: 'echo a on b', hosts: 'c' }), 'run "echo a on b" on c');
  assert.equal(await said(run, { cmd: 'say "a on b"', hosts: 'c' }), `run 'say "a on b"' on c`);
  assert.equal(await said(run, { cmd: 'date', hosts: 'h', timeout: '5' }), 'run date on h timeout=5');
  assert.equal(await said(run, { cmd: 'date', hosts: 'h', note: 'a b' }), 'run date on h note="a b"');
  assert.equal(await said(run, { cmd: 'date', hosts: 'h', note: 'a "b"' }), `run date on h note='a "b"'`);
});

test('what is left out is left to the pattern; another pattern of the alias may say more', async () => {
  const deploy = indexOf(
    'deploy {{app}} to {{env=staging}}',
    'deploy all',
    'deploy {{app}} {{how=soft}} in {{env}}',
  );
  assert.equal(await said(deploy, { app: 'api', env: 'prod' }), 'deploy api to prod');
  assert.equal(await said(deploy, { app: 'api' }), 'deploy api to');
  assert.equal(await said(deploy, {}), 'deploy all');
  const get = indexOf('get( type {{type}})? {{what}}[!.]?');
  assert.equal(await said(get, { what: 'x' }), 'get x');
  assert.equal(await said(get, { what: 'x', type: 'vm' }), 'get type vm x');
  const start = indexOf('(start|stop) {{service}}( on {{host}})?');
  assert.equal(await said(start, { service: 'nginx', host: 'web1' }), 'start nginx on web1');
});

test('a value with an equals sign, which ends up in the trailing pairs, is said as one', async () => {
  const pack = indexOf('pack get {{pack}}');
  assert.equal(await said(pack, { pack: 'http://h/?a=b' }), 'pack get pack pack=http://h/?a=b');
  assert.equal(await said(pack, { pack: 'a=b c' }), 'pack get a=b c');
  assert.equal(await said(pack, { pack: '{"a": {"b": 1}}' }), 'pack get {"a": {"b": 1}}');
  assert.equal(await said(pack, { pack: '{"a": "b=c"}' }), 'pack get pack pack={"a": "b=c"}');
});

test('what cannot be said is told by the value that makes it so', async () => {
  const run = indexOf('run {{cmd}} on {{hosts}}');
  assert.deepEqual(await said(run, { cmd: 'date', hosts: 'h', note: `both " and ' b` }), ['note']);
  assert.deepEqual(await said(run, { cmd: 'date', hosts: `"x" 'y' a=b` }), ['hosts']);
  assert.deepEqual(await said(run, { cmd: 'date' }), [], 'no place without hosts');
  const twins = new AliasIndex();
  twins.replaceAll([anAlias('a.b', ['run {{cmd}}']), anAlias('c.d', ['run {{what}}'])]);
  assert.deepEqual(await said(twins, { cmd: 'date' }), [], 'another alias says the same');
  assert.deepEqual(await said(indexOf('off {{x}}'), { x: '1' }, 'no.such'), []);
});

const value = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z0-9][a-z0-9 ,.:/-]{0,11}$/) },
  fc
    .array(
      fc.constantFrom('a', 'on', ' ', '  ', '=', '"', "'", '{', '}', 'x=1', '“', '\n', '🚀', '\\', '.', '$&'),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((pieces) => pieces.join('')),
);

test('whatever is said, StackStorm reads exactly these values from it', async () => {
  const formats = [
    'run {{cmd}} on {{hosts}}',
    'say {{phrase}}',
    'deploy {{app}} to {{env=staging}}',
    'get( type {{type}})? {{what}}',
    '(start|stop) {{service}}( on {{host}})?[!.]?',
    '{{a}}:{{b}}',
    "cfg {{conf={'k': 'v'}}} {{more=1}}",
    'go url={{u}}',
    'a.b {{c}}',
    String.raw`(?:\b|^)fixes (?P<key>[A-Z]+-\d+)(?:\b|$)`,
  ];
  let commands = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...formats),
      fc.array(value, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
      async (format, given, hasMore) => {
        const compiled = compileFormat(format);
        const names = [...compiled.syntax.names.keys(), ...(hasMore ? ['more_of_it'] : [])];
        const values = Object.fromEntries(names.map((name, at) => [name, given[at] ?? 'x']));
        const spoken = await sayCommand(indexOf(format), 'a.b', new Map(Object.entries(values)));
        if (spoken.kind === 'unsayable') return;
        commands += 1;
        assert.deepEqual(read(format, spoken.text), values, spoken.text);
      },
    ),
    { numRuns: 250, seed: 20261123 },
  );
  assert.ok(commands > 120, `only ${commands} were said`);
});

test(
  'every real alias can be said, but those that StackStorm itself cannot tell apart',
  needsShared,
  async () => {
    const index = new AliasIndex();
    index.replaceAll(publicAliases());
    const mute = new Set<string>();
    for (const { ref } of index.aliases) {
      for (const { compiled, representation } of index.formatsOf(ref)) {
        const values = new Map(
          [...compiled.syntax.names.keys()].map((name) => [name, `${name.slice(0, 3)}1`]),
        );
        const spoken = await sayCommand(index, ref, values);
        if (spoken.kind === 'unsayable') {
          mute.add(ref);
          continue;
        }
        const match = index.match(spoken.text);
        assert.equal(match.kind, 'match', spoken.text);
        assert.deepEqual(match.kind === 'match' && match.alias.ref, ref, representation);
        assert.deepEqual(match.kind === 'match' && Object.fromEntries(match.parameters), {
          ...Object.fromEntries(compiled.defaults),
          ...Object.fromEntries(values),
        });
      }
    }
    assert.deepEqual(
      [...mute],
      [
        ...['aliases.alias1', 'aliases.alias2', 'aliases.alias3', 'aliases.alias4'],
        // Their parameter is an issue's key: `iss1` is none.
        ...['aliases.alias_match_multiple', 'aliases.alias_match_multiple_fixes1'],
        'aliases.alias_match_multiple_fixes2',
        ...['aliases.alias_with_undefined_jinja_in_ack_format', 'examples.remote_shell_cmd'],
        ...['generic.alias3', 'generic.alias7', 'hello_st2.greet', 'test.greet'],
        'vadc.bsd_get_vtm_bandwidth',
      ],
    );
  },
);
