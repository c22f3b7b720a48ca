import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileFormat } from '../../src/aliases/format.ts';
import { matchFormat, readCommand } from '../../src/aliases/match.ts';
import { type Outcome, outcome } from './support/outcome.ts';

const none: Outcome = { match: false };
const wrong: Outcome = { error: 're.error' };
const reads = (parameters: Record<string, string | null>): Outcome => ({ match: true, parameters });

type Row = readonly [format: string, command: string, expected: Outcome];

/** What StackStorm answers, by the rules of its parser; the recorded vectors hold thousands more. */
const rows: Readonly<Record<string, readonly Row[]>> = {
  'a parameter takes a word, quoted text or braces, and drops the quotes': [
    ['ping {{host}}', 'ping web1', reads({ host: 'web1' })],
    ['ping {{ host }}', 'ping "web 1"', reads({ host: 'web 1' })],
    ['ping {{host}}', "ping 'web 1'", reads({ host: 'web 1' })],
    ['put {{a}} into {{b}}', 'put "x into y" into z', reads({ a: 'x into y', b: 'z' })],
    ['put {{a}} into {{b}}', 'put x into y into z', reads({ a: 'x', b: 'y into z' })],
    ['put {{a}}', 'put {"k": [1, 2]}', reads({ a: '{"k": [1, 2]}' })],
    ['put {{a}}', 'put “x”', reads({ a: '“x”' })],
    ['put {{a}}', 'put "one" or "two"', reads({ a: 'one" or "two' })],
  ],
  'letters, spaces and line ends are taken as they are': [
    ['ping {{host}}', 'Ping web1', none],
    ['ping {{host}}', 'ping  web1', reads({ host: ' web1' })],
    ['ping {{host}}', '  ping web1  ', reads({ host: 'web1' })],
    ['ping {{host}}', 'ping\tweb1', none],
    ['ping {{host}}', 'ping one\ntwo', reads({ host: 'one\ntwo' })],
    ['ping {{host}}', 'ping', none],
    ['ping {{host}}', 'ping ', reads({ host: ' ' })],
    ['ping {{host}}', 'ping x\u0085', reads({ host: 'x' })],
    ['ping {{host}}', 'ping x\u001f', reads({ host: 'x' })],
    ['ping {{host}}', 'ping x\ufeff', reads({ host: 'x\ufeff' })],
  ],
  'a default stands in for what is absent, with the space before it': [
    ['vms {{zone=eu}} {{limit=10}}', 'vms', reads({ zone: 'eu', limit: '10' })],
    ['vms {{zone=eu}} {{limit=10}}', 'vms us', reads({ zone: 'us', limit: '10' })],
    ['vms {{zone=eu}} {{limit=10}}', 'vms us 3 4', reads({ zone: 'us', limit: '3 4' })],
    ['say {{text="hello there"}}', 'say', reads({ text: 'hello there' })],
    ['say {{text=""}}', 'say', reads({ text: '' })],
    ["set {{conf={'a': 'b'}}}", 'set', reads({ conf: "{'a': 'b'}" })],
    ['run {{cmd}} on {{hosts=localhost}}', 'run date', none],
    ['run {{cmd}} on {{hosts=localhost}}', 'run date on', reads({ cmd: 'date', hosts: 'localhost' })],
    ['set {{a=}}', 'set x', wrong],
    ['set {{a=x\ny}}', 'set {{a=x\ny}}', { error: 'KeyError' }],
  ],
  'pairs at the end are cut off everywhere, and override': [
    ['run {{cmd}} on {{host}}', 'run date on h timeout=5', reads({ cmd: 'date', host: 'h', timeout: '5' })],
    ['run {{cmd}} on {{host}}', 'run date on h host=other', reads({ cmd: 'date', host: 'other' })],
    ['run {{cmd}} on {{host}}', 'run a x=1 on h x=1', reads({ cmd: 'a', host: 'h', x: '1' })],
    ['ok', 'ok a="b c" d=\'e f\' g={"h": 1}', reads({ a: 'b c', d: 'e f', g: '{"h": 1}' })],
    ['ok', 'ok a={"b": {"c": 1}}', reads({ a: '{"b": {"c": 1}' })],
    ['ok', 'ok a=1 b', none],
    ['ok', 'ok a=b=c', reads({ a: 'b=c' })],
    ['ok', 'ok a =b', reads({ a: 'b' })],
    ['ok', 'ok a= b', none],
    ['ok', 'ok __proto__=1 constructor=2', reads({ ['__proto__']: '1', constructor: '2' })],
    ['see {{url}}', 'see http://h/?a=b', none],
    ['put {{a}}', 'put $& x=$1', reads({ a: '$&', x: '$1' })],
  ],
  'the rest of a format is a Python pattern': [
    ['(start|stop) {{what}}', 'stop nginx', reads({ what: 'nginx' })],
    ['(start|stop) {{what}}', '(start|stop) nginx', none],
    ['is it up?', 'is it up?', none],
    ['is it up?', 'is it u', reads({})],
    ['a.b', 'a😀b', reads({})],
    ['get( type {{t}})? {{u}}', 'get x', reads({ t: null, u: 'x' })],
    ['((?P<a>x)|(?P<b>y))+', 'xy', reads({ a: 'x', b: 'y' })],
    ['(?P<x>a+)-(?P=x)', 'aa-aa', reads({ x: 'aa' })],
    ['(?P<x>a+)-(?P=x)', 'aa-a', none],
    ['n\\d+', 'n٣', reads({})],
    ['\\w+!', 'größe!', reads({})],
    ['x{,2}y', 'xxy', reads({})],
    ['[]x]+', ']x]', reads({})],
    ['(?i)^\\s*go\\s*$', 'GO', reads({})],
    ['(?i)go', 'go', wrong],
    ['(open', 'open', wrong],
    ['(?<n>x)', 'x', wrong],
    ['\\q', 'q', wrong],
    ['(?<=a+)b', 'ab', wrong],
  ],
  'anchors are added where StackStorm sees none': [
    ['^go$', 'go', none],
    ['^\\s*go\\s*$', 'go', reads({})],
    ['(?:\\b|^)fix (?P<k>\\w+)(?:\\b|$)', 'do fix X now', reads({ k: 'X' })],
    ['(?:^|\\b)fix (?P<k>\\w+)(?:$|\\b)', 'do fix X now', none],
    ['go|stop', 'gone', reads({})],
    ['go|stop', 'nonstop', reads({})],
    ['(?:^go|^got)x', 'gox', none],
    ['(^)?go', 'go', reads({})],
  ],
  'names must be names, once': [
    ['set {{a-b}}', 'set x', wrong],
    ['set {{a}}={{b}}', 'set x', wrong],
    ['set {{a}} {{a}}', 'set x y', wrong],
    ['set {{größe}}', 'set x', reads({ größe: 'x' })],
    ['set {{a b}}', 'set {{a b}}', reads({})],
  ],
  'nothing at all': [
    ['', '', reads({})],
    ['', 'a=b', reads({ a: 'b' })],
    ['', 'x', none],
    ['( go)?', '', none],
    ['{{a}}', '', reads({ a: ' ' })],
    ['{{a=""}}', '', none],
  ],
};

for (const [name, list] of Object.entries(rows)) {
  test(name, () => {
    for (const [format, command, expected] of list) {
      assert.deepEqual(
        outcome(format, command),
        expected,
        `${JSON.stringify(format)} | ${JSON.stringify(command)}`,
      );
    }
  });
}

test('all matches in a command, as finditer finds them', () => {
  const fixes = '(?:\\b|^)fixes (?P<key>[A-Z]+-\\d+)(?:\\b|$)';
  assert.deepEqual(outcome(fixes, 'fixes A-1, fixes B-2 by=me', true), {
    match: true,
    parameters: [
      { key: 'A-1', by: 'me' },
      { key: 'B-2', by: 'me' },
    ],
  });
  assert.deepEqual(outcome(fixes, 'nothing', true), { match: true, parameters: [] });
  assert.deepEqual(outcome('(?:\\b|^)(?:|(?P<w>[a-z]+))(?:\\b|$)', 'up', true), {
    match: true,
    parameters: [{ w: null }, { w: 'up' }, { w: null }],
  });
});

test('what only Python has is named, not guessed', () => {
  const aside: readonly (readonly [string, string])[] = [
    ['(?>a)b', 'atomic group (?>…)'],
    ['a++b', 'possessive quantifier'],
    ['(a)?(?(1)b|c)', 'conditional group (?(…)…)'],
    ['(?i:a)', 'flags for a part of the pattern (?i:…)'],
    ['(?m)a', 'inline flag (?m)'],
    ['(?x)a', 'inline flag (?x)'],
    ['\\N{DIGIT ONE}', 'named character \\N{…}'],
    ['(a{1000}){1000}', 'pattern that is too large when its repetitions are written out'],
  ];
  for (const [format, unsupported] of aside) assert.deepEqual(outcome(format, 'x'), { unsupported });
});

test('a key that JavaScript has a meaning for is an ordinary one', () => {
  const read = matchFormat(compileFormat('ok'), readCommand('ok __proto__=1 toString=2'), { left: 10_000 });
  assert.deepEqual(
    [...(read ?? [])],
    [
      ['__proto__', '1'],
      ['toString', '2'],
    ],
  );
});
