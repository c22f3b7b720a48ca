import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BudgetExceededError, PatternError } from '../../src/aliases/regex/errors.ts';
import type { PatternFlags } from '../../src/aliases/regex/parse.ts';
import { Regex } from '../../src/aliases/regex/regex.ts';
import { Subject } from '../../src/aliases/regex/subject.ts';

function find(
  pattern: string,
  text: string,
  flags: PatternFlags = {},
): readonly (string | null)[] | undefined {
  const regex = new Regex(pattern, flags);
  const match = regex.search(new Subject(text), { left: 1_000_000 });
  return match && Array.from({ length: regex.program.groups + 1 }, (_, group) => match.group(group));
}

/** Python 3.11's answers: pattern, text, the groups of `re.search`. */
const rows: readonly (readonly [string, string, readonly (string | null)[] | undefined])[] = [
  ['a|ab', 'ab', ['a']],
  ['(a|ab)(c|bcd)', 'abcd', ['abcd', 'a', 'bcd']],
  ['a+?', 'aaa', ['a']],
  ['(a+?)b', 'aaab', ['aaab', 'aaa']],
  ['(a*)(a*)', 'aa', ['aa', 'aa', '']],
  ['(|a)*', 'aa', ['', '']],
  ['(|a)+', 'aa', ['', '']],
  ['(a|)*b', 'aab', ['aab', '']],
  ['(a*)*', 'b', ['', '']],
  ['(a?)*?b', 'aab', ['aab', 'a']],
  ['((x)|(y))+', 'xy', ['xy', 'y', 'x', 'y']],
  ['(?:(a)|b)*', 'ab', ['ab', 'a']],
  ['(a)|b', 'b', ['b', null]],
  ['x*', 'aaa', ['']],
  ['(?<=ab)c', 'abc', ['c']],
  ['(?<!a)b', 'ab b', ['b']],
  ['(?=(a+))a', 'aaa', ['a', 'aaa']],
  ['(?!(a))b', 'b', ['b', null]],
  ['(?:(?=a*b).)+', 'aab', ['aab']],
  ['a(?=b(c)?)', 'abc', ['a', 'c']],
  ['(a)(b)?\\1', 'aa', ['aa', 'a', null]],
  ['a{2,3}?', 'aaaa', ['aa']],
  ['a{2}{', 'aa{', ['aa{']],
  ['x{}', 'x{}', ['x{}']],
  ['\\Ba', 'ba', ['a']],
  ['\\B', '', undefined],
  ['a$', 'a\n', ['a']],
  ['a\\Z', 'a\n', undefined],
  ['.', '\n', undefined],
  ['.', '\u2028', ['\u2028']],
  ['[a-c-]+', 'a-c', ['a-c']],
  ['[\\w-]+', 'a-é', ['a-é']],
  ['[^\\s]+', ' a', ['a']],
  ['\\x41\\u0042\\103', 'ABC', ['ABC']],
  ['\\0', '\0', ['\0']],
  ['(?#note)a', 'a', ['a']],
];

test('what Python 3.11 finds', () => {
  for (const [pattern, text, expected] of rows) {
    const got = find(pattern, text);
    assert.deepEqual(got, expected, `${pattern} | ${JSON.stringify(text)}`);
  }
});

test('IGNORECASE knows the letters that Python knows', () => {
  const flags = { ignoreCase: true };
  assert.deepEqual(find('st2', 'ſT2', flags), ['ſT2']);
  assert.deepEqual(find('k', '\u212a', flags), ['\u212a']);
  assert.deepEqual(find('[a-z]+', 'ſK', flags), ['ſK']);
  assert.deepEqual(find('ß', 'SS', flags), undefined);
  assert.deepEqual(find('(é)\\1', 'éÉ', flags), ['éÉ', 'é']);
  assert.deepEqual(find('[^a]', 'A', flags), undefined);
});

test('what Python refuses is refused', () => {
  const bad = [
    '(',
    ')',
    '*',
    'a**',
    'a{2,1}',
    '[',
    '[b-a]',
    '\\',
    '\\8',
    '(?P<1>a)',
    '(?P<a>x)(?P<a>y)',
    '(?P=a)',
    '(?z)',
    'a(?i)',
    '^*',
    '(?<=a|bc)d',
    '(a\\1)',
    '\\x4',
  ];
  for (const pattern of bad) assert.throws(() => new Regex(pattern), PatternError, pattern);
});

test('what would take exponentially many steps takes few', () => {
  const taken = (pattern: string, length: number) => {
    const budget = { left: 10_000_000 };
    new Regex(pattern).search(new Subject('a'.repeat(length)), budget);
    return 10_000_000 - budget.left;
  };
  for (const pattern of [
    '(a+)+b',
    '(a|a)*b',
    '(a*)*b',
    '(a|aa)+b',
    '(?:a?){30}a{30}b',
    '(.*)(.*)(.*)(.*)(.*)b',
  ]) {
    assert(taken(pattern, 400) < 4.5 * taken(pattern, 100), pattern);
  }
});

test('groups that refer back to each other twice are read in no time', () => {
  const pattern = `(a)${Array.from({ length: 60 }, (_, at) => `(\\${at + 1}\\${at + 1})`).join('')}`;
  assert.equal(new Regex(pattern).program.groups, 61);
});

test('a back reference, which no memory helps, ends at the budget', () => {
  const regex = new Regex('(a*)*(a*)*\\1b');
  assert.throws(() => regex.search(new Subject('a'.repeat(40)), { left: 100_000 }), BudgetExceededError);
});
