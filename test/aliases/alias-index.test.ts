import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import type { ActionAlias } from '../../src/stackstorm/wire.ts';
import { needsShared, readSharedJson } from '../support/shared.ts';
import { anAlias, publicAliases } from './support/aliases.ts';
import { plain } from './support/outcome.ts';

function indexOf(...aliases: ActionAlias[]): AliasIndex {
  const index = new AliasIndex();
  index.replaceAll(aliases);
  return index;
}

/** A match in the form of catalog.json. */
function answer(index: AliasIndex, command: string): unknown {
  const match = index.match(command);
  switch (match.kind) {
    case 'match':
      return { ref: match.alias.ref, representation: match.representation, display: match.display };
    case 'ambiguous':
      return { error: 'ambiguous', count: match.count };
    case 'none':
      return { error: 'none' };
    case 'refused':
      return match;
  }
}

test('every row of catalog.json gets the answer of StackStorm', needsShared, () => {
  const rows = z.array(z.object({ command: z.string(), expect: z.unknown() }));
  const all = rows.parse(readSharedJson('stackstorm/aliases/catalog.json'));
  const index = indexOf(...publicAliases());
  assert.deepEqual(index.faults, []);
  for (const { command, expect } of all) assert.deepEqual(answer(index, command), expect, command);
  console.log(`catalog.json: ${all.length} of ${all.length} rows pass`);
});

test('no command of the recorded ones is refused', needsShared, () => {
  const rows = z.array(z.object({ command: z.string() }));
  const index = indexOf(...publicAliases());
  for (const name of ['vectors', 'catalog', 'multiple']) {
    for (const { command } of rows.parse(readSharedJson(`stackstorm/aliases/${name}.json`))) {
      assert.notEqual(index.match(command).kind, 'refused', command);
    }
  }
});

test('a command is one alias and its parameters; trailing pairs are parameters too', () => {
  const index = indexOf(
    anAlias('core.remote', ['run {{cmd}} on {{hosts}}']),
    anAlias('core.local', [{ display: 'local <cmd>', representation: ['local {{ cmd }}'] }]),
  );
  const remote = index.match('run "uptime -p" on web1 timeout=5');
  assert(remote.kind === 'match');
  assert.equal(remote.alias.ref, 'core.remote');
  assert.equal(remote.representation, 'run {{cmd}} on {{hosts}}');
  assert.deepEqual(plain(remote.parameters), { cmd: 'uptime -p', hosts: 'web1', timeout: '5' });
  assert.deepEqual(
    remote.matches.map(({ text }) => text),
    ['run "uptime -p" on web1 timeout=5'],
  );
  const local = index.match('local x');
  assert(local.kind === 'match');
  assert.deepEqual([local.representation, local.display], ['local {{ cmd }}', 'local <cmd>']);
  assert.deepEqual(index.match('Local x'), { kind: 'none' });
  assert.deepEqual(index.match('nothing of that kind'), { kind: 'none' });
});

test('two patterns that match are ambiguous, also when one alias has both', () => {
  const index = indexOf(
    anAlias('p.one', ['scan {{a}}', 'scan customer {{b}}']),
    anAlias('p.two', ['list {{x}}']),
    anAlias('q.two', ['list all']),
  );
  const scan = index.match('scan customer 5');
  assert(scan.kind === 'ambiguous');
  assert.equal(scan.count, 2);
  assert.deepEqual(scan.candidates.map(({ representation }) => representation).sort(), [
    'scan customer {{b}}',
    'scan {{a}}',
  ]);
  assert.deepEqual(answer(index, 'list all'), { error: 'ambiguous', count: 2 });
});

test('match_multiple is tried only where nothing else matches', () => {
  const multiple = { representation: ['(?:\\b|^)fixes (?P<key>[A-Z]+-\\d+)(?:\\b|$)'], match_multiple: true };
  const index = indexOf(
    anAlias('jira.fixes', [multiple]),
    anAlias('jira.nulled', [{ ...multiple, representation: ['never {{x}}'], match_multiple: null }]),
    anAlias('jira.mixed', ['page {{t}}', { representation: ['pages (?P<t>\\w+)'], match_multiple: true }]),
    anAlias('chat.fix', ['fixes OPS-1 now']),
  );
  assert.deepEqual(answer(index, 'fixes OPS-1 now'), {
    ref: 'chat.fix',
    representation: 'fixes OPS-1 now',
    display: 'fixes OPS-1 now',
  });
  assert.deepEqual(answer(index, 'never x'), { error: 'none' });
  assert.deepEqual(answer(index, 'page ops'), {
    ref: 'jira.mixed',
    representation: 'page {{t}}',
    display: 'page {{t}}',
  });
  const several = index.match('this fixes AB-1, fixes AB-2 and again fixes AB-1 note=x');
  assert(several.kind === 'match');
  assert.deepEqual(
    several.matches.map(({ text, parameters }) => [text, plain(parameters)]),
    [
      ['fixes AB-1 note=x', { key: 'AB-1', note: 'x' }],
      ['fixes AB-2 note=x', { key: 'AB-2', note: 'x' }],
    ],
  );
  assert.deepEqual(several.notAlone, []);
});

test('a match from whose text alone StackStorm would read something else is not sent', () => {
  const index = indexOf(
    anAlias('p.fix', [
      { representation: ['(?:\\b|^)(?<=now )fix (?P<what>\\w+)(?:\\b|$)'], match_multiple: true },
    ]),
  );
  assert.deepEqual(index.match('now fix a, now fix b'), {
    kind: 'refused',
    reason: 'not-alone',
    alias: index.get('p.fix'),
  });
});

test('a bad pattern sets its own alias aside, and says why', () => {
  const index = indexOf(
    anAlias('p.good', ['ping {{host}}']),
    anAlias('p.name', ['set {{foo-bar}}']),
    anAlias('p.atomic', ['(?>a|ab)c', 'fine {{x}}']),
    anAlias('p.default', ['foo {{a=x\ny}}']),
    anAlias('p.off', ['set {{foo-bar}}'], { enabled: false }),
  );
  assert.equal(answer(index, 'ping x') === undefined, false);
  assert.equal(index.match('ping x').kind, 'match');
  assert.equal(index.match('fine x').kind, 'none');
  assert.deepEqual(
    index.faults.map(({ ref, code }) => [ref, code]),
    [
      ['p.name', 're.error'],
      ['p.atomic', 'unsupported'],
      ['p.default', 'KeyError'],
    ],
  );
  assert.match(index.faults[0]?.reason ?? '', /foo-bar/);
  assert.match(index.faults[1]?.reason ?? '', /atomic group/);
  index.upsert(anAlias('p.name', ['set {{foo}}']));
  assert.equal(index.faults.length, 2);
  assert.equal(index.match('set x').kind, 'match');
});

test('aliases come, change and go, by ref and by id', () => {
  const index = indexOf(anAlias('b.two', ['two {{x}}']), anAlias('a.one', ['one {{x}}']));
  assert.deepEqual(
    index.aliases.map(({ ref }) => ref),
    ['a.one', 'b.two'],
  );
  index.upsert(anAlias('a.one', ['first {{x}}']));
  assert.equal(index.match('one x').kind, 'none');
  assert.equal(index.match('first x').kind, 'match');
  index.upsert({ ...anAlias('a.renamed', ['first {{x}}']), id: 'id-of-a.one' });
  assert.deepEqual(
    index.aliases.map(({ ref }) => ref),
    ['a.renamed', 'b.two'],
  );
  index.remove('id-of-b.two');
  assert.equal(index.match('two x').kind, 'none');
  index.upsert(anAlias('a.renamed', ['first {{x}}'], { id: 'id-of-a.one', enabled: false }));
  assert.equal(index.match('first x').kind, 'none');
  assert.equal(index.size, 1);
  index.replaceAll([]);
  assert.equal(index.size, 0);
});

test('an alias whose bare name another pack has is shadowed, by a disabled one too', () => {
  const one = anAlias('a.ping', ['ping a {{x}}']);
  const two = anAlias('b.ping', ['ping b {{x}}'], { enabled: false });
  const three = anAlias('b.pong', ['pong']);
  const index = indexOf(one, two, three);
  const shadows = (alias: ActionAlias) => index.shadowedBy(alias).map(({ ref }) => ref);
  assert.deepEqual(shadows(one), ['b.ping']);
  assert.deepEqual(shadows(two), ['a.ping']);
  assert.deepEqual(shadows(three), []);
  index.remove('b.ping');
  assert.deepEqual(shadows(one), []);
});

test('a pattern is found however its words stand, glued, optional or in alternatives', () => {
  const rows = [
    ['{{a}}end now {{b}}', 'weekend now 5'],
    ['go{{where}}', 'gone'],
    ['list {{zone=eu}}', 'list'],
    ['list( all)?', 'list all'],
    ['list{{zone=eu}}', 'lists'],
    ['(?:start|stop it) {{what}}', 'stop it x'],
    ['alpha|beta', 'gambeta'],
    ['((up|down)-?)+!', 'up-down-up!'],
    ['(?i)^\\s*shout {{x}}\\s*$', 'SHOUT x'],
    ['é{{x}}', 'éa'],
    ['#{{n}}', '#1'],
    ['.*', 'anything'],
    ['a {{x}} b', 'a x x=1 b x=1'],
  ] as const;
  for (const [format, command] of rows) {
    const index = indexOf(anAlias('p.one', [format]), anAlias('p.two', ['something else {{y}}']));
    assert.equal(index.match(command).kind, 'match', `${format} | ${command}`);
  }
});

test('near misses are found by how they are written', () => {
  const index = indexOf(
    anAlias('core.list', [{ display: 'list vms <zone>', representation: ['list vms {{zone}}'] }]),
    anAlias('core.run', ['run {{cmd}} on {{hosts}}']),
    anAlias('core.hidden', ['list vns']),
  );
  assert.deepEqual(
    index.nearest('lsit vms eu', 1).map(({ text }) => text),
    ['list vms <zone>'],
  );
  assert.deepEqual(
    index.nearest('list vm', 5, ({ ref }) => ref !== 'core.hidden').map(({ alias }) => alias.ref),
    ['core.list'],
  );
  assert.deepEqual(index.nearest('qqqq zzzz', 3), []);
  assert.deepEqual(index.nearest('', 3), []);
});
