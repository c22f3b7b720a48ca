import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand } from '../../src/commands/parse.ts';

const names = new Set(['session_start', 'help', 'st2help']);
const syntax = { prefix: '!', pluginPrefix: 'st2' };

const rows: readonly [typed: string, addressed: 'prefix' | 'bot', expected: object][] = [
  ['good morning', 'prefix', { kind: 'not-for-us' }],
  ['st2 list vms', 'prefix', { kind: 'not-for-us' }],
  ['!st2 list vms', 'prefix', { kind: 'alias', text: 'list vms' }],
  ['  !st2   run  uptime on web1 ', 'prefix', { kind: 'alias', text: 'run  uptime on web1' }],
  ['! st2 list vms', 'prefix', { kind: 'alias', text: 'list vms' }],
  ['!st2\nlist vms', 'prefix', { kind: 'alias', text: 'list vms' }],
  ['!st2', 'prefix', { kind: 'empty' }],
  ['!', 'prefix', { kind: 'empty' }],
  ['!st22 list', 'prefix', { kind: 'unknown', text: 'st22 list' }],
  ['!list vms', 'prefix', { kind: 'unknown', text: 'list vms' }],
  ['!session_start plum', 'prefix', { kind: 'bot-command', name: 'session_start', rest: 'plum' }],
  ['!session start plum', 'prefix', { kind: 'bot-command', name: 'session_start', rest: 'plum' }],
  ['!st2 session_start plum', 'prefix', { kind: 'bot-command', name: 'session_start', rest: 'plum' }],
  ['!st2 session start  a plum', 'prefix', { kind: 'bot-command', name: 'session_start', rest: 'a plum' }],
  ['!st2help', 'prefix', { kind: 'bot-command', name: 'st2help', rest: '' }],
  ['!helping hands', 'prefix', { kind: 'unknown', text: 'helping hands' }],
  ['help', 'bot', { kind: 'bot-command', name: 'help', rest: '' }],
  ['list vms', 'bot', { kind: 'alias', text: 'list vms' }],
  ['st2 list vms', 'bot', { kind: 'alias', text: 'list vms' }],
  ['!st2 list vms', 'bot', { kind: 'alias', text: 'list vms' }],
];

for (const [typed, addressed, expected] of rows) {
  test(`${JSON.stringify(typed)} (${addressed})`, () => {
    assert.deepEqual(parseCommand(typed, addressed, syntax, names), expected);
  });
}

test('the plugin prefix may be empty: then everything after the prefix is an alias', () => {
  const plain = { prefix: '!', pluginPrefix: '' };
  assert.deepEqual(parseCommand('!list vms', 'prefix', plain, names), { kind: 'alias', text: 'list vms' });
  assert.deepEqual(parseCommand('!help me', 'prefix', plain, names), {
    kind: 'bot-command',
    name: 'help',
    rest: 'me',
  });
});

test('another prefix, of several characters', () => {
  const other = { prefix: '/st', pluginPrefix: 'do' };
  assert.deepEqual(parseCommand('/st do list vms', 'prefix', other, names), {
    kind: 'alias',
    text: 'list vms',
  });
  assert.deepEqual(parseCommand('!st2 list vms', 'prefix', other, names), { kind: 'not-for-us' });
});
