import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Regex } from '../../src/aliases/regex/regex.ts';
import { Subject } from '../../src/aliases/regex/subject.ts';
import { readTrailingPairs } from '../../src/aliases/trailing-pairs.ts';

const pair = String.raw`(?:^|\s+)\s*(\S+?)\s*=(""|''|"(.+?)"|'(.+?)'|({.+?})|(\S+))`;
const ending = new Regex(String.raw`.*?((${pair}\s*)*)$`, { dotAll: true });
const everyPair = new Regex(pair, { dotAll: true });

/** StackStorm's own expressions, run on the bounded matcher. */
function byExpression(command: string): unknown {
  const budget = { left: 10_000_000 };
  const tail = ending.search(new Subject(command), budget)?.group(1) ?? '';
  if (tail === '') return { tail, pairs: [], stream: ` ${command} ` };
  const pairs = [...everyPair.matches(new Subject(tail), budget)].map((match) => [
    match.group(1),
    [3, 4, 5, 6].map((group) => match.group(group) ?? '').join(''),
  ]);
  return { tail, pairs, stream: ` ${command.split(tail).join('')} ` };
}

function byScanner(command: string): unknown {
  const { tail, pairs, stream } = readTrailingPairs(command);
  return { tail, pairs, stream };
}

test('the linear scanner finds what the expression finds', () => {
  const pieces = [
    'a',
    'b',
    'x',
    '=',
    '=',
    '=',
    ' ',
    ' ',
    ' ',
    '  ',
    '"',
    '"',
    "'",
    '{',
    '}',
    '\n',
    '\t',
    '😀',
    '\u00a0',
    '\u0085',
    '\ufeff',
  ];
  const command = fc.array(fc.constantFrom(...pieces), { maxLength: 22 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(command, (text) => {
      assert.deepEqual(byScanner(text), byExpression(text));
    }),
    { numRuns: 10_000, seed: 7 },
  );
});

const steps = (command: string) => readTrailingPairs(command).stackstormSteps;

test('the steps of StackStorm are told apart: exponential, cubic, harmless', () => {
  const doubled = (pairs: number) => `ping ${'a=b  '.repeat(pairs)}x`;
  assert(steps(doubled(8)) / steps(doubled(6)) > 8, 'three times as many for each pair');
  assert(steps(doubled(16)) > 1e9);
  assert(steps(`${'a="b" '.repeat(16)}end`) > 1e8);
  assert(steps(`${'a={b} '.repeat(16)}end`) > 1e8);
  assert(steps(`${'a=b=c '.repeat(20)}end`) > 1e7);
  assert(steps(' '.repeat(1600)) > 1e8);
  assert(steps(`${'a=b '.repeat(160)}end`) < 1e6);
  assert(steps('word '.repeat(400)) < 1e5);
  assert(steps(`run date on web ${'k=v '.repeat(100)}`) < 1e5);
  assert(steps(`${'a="b" '.repeat(330)}end`) > 1e100);
});
