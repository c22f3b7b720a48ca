import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AliasIndex } from '../../src/aliases/alias-index.ts';
import { parseExtra } from '../../src/chat/slack/extra.ts';
import { slackMessage } from '../../src/chat/slack/message.ts';
import { mentionedIn, mentionsIn, stripMention, undoSlackText } from '../../src/chat/slack/text.ts';
import { parseCommand } from '../../src/commands/parse.ts';
import { announcementPost } from '../../src/executions/announcement-post.ts';
import { formatResult } from '../../src/executions/format-result.ts';
import { anAlias } from '../aliases/support/aliases.ts';
import { anyJson, anyWords, bounded } from '../support/fuzz.ts';
import { heeded } from '../support/slack/heeded.ts';
import { faultsIn } from '../support/slack/message-faults.ts';

/** What formats, regular expressions and Slack's markup are made of, in any order. */
const pieces = [
  ...[
    '{{',
    '}}',
    '{{x}}',
    '{{ y = 1 }}',
    "{{z='a b'}}",
    '=',
    '"',
    "'",
    '{',
    '}',
    '(',
    ')',
    '(?:',
    '(?P<n>',
    '(?=',
    '(?<!',
    '|',
  ],
  ...[
    '*',
    '+',
    '?',
    '*?',
    '.*',
    '.+',
    '\\s*',
    '\\',
    '[',
    ']',
    '[^a]',
    '^',
    '$',
    '{1,3}',
    '{,99999}',
    'a',
    'ab',
    ' ',
    '  ',
    '\n',
    'x=1 ',
    'é',
    '😀',
  ],
  ...[
    '<',
    '>',
    '<@U1>',
    '<@U1|',
    '<#C1|g>',
    '<!channel>',
    '<!subteam^S1',
    '&lt;',
    '&amp;',
    '`',
    '```',
    '<https://x.example|',
    '“',
  ],
];
const soup = (maxLength: number) =>
  fc.array(fc.constantFrom(...pieces), { maxLength }).map((all) => all.join(''));
const anyText = fc.oneof(
  soup(60),
  anyWords,
  fc
    .tuple(fc.constantFrom(...pieces), fc.nat({ max: 2_000 }))
    .map(([one, times]) => one.repeat(times).slice(0, 2_000)),
);

/** As StackStorm can send it: half a character has no UTF-8. */
const wireJson = anyJson.map((json): unknown =>
  JSON.parse((JSON.stringify(json) ?? 'null').replaceAll(/\\ud[89a-f][0-9a-f]{2}/gi, '?')),
);

test('any formats, any text: a match is decided within its steps, and nothing throws', (t) => {
  const stepsPerCommand = 2_000_000;
  const ended = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(soup(25), { minLength: 1, maxLength: 6 }), anyText, (formats, text) => {
      const index = new AliasIndex({ stepsPerCommand });
      index.replaceAll(formats.map((format, at) => anAlias(`p.a${at}`, [format])));
      const before = process.cpuUsage().user;
      const { kind } = index.match(text);
      // A hundred times what the steps take.
      assert.ok(process.cpuUsage().user - before < 3_000_000, 'too long');
      assert.ok(index.faults.length <= formats.length);
      ended.set(kind, (ended.get(kind) ?? 0) + 1);
    }),
    bounded(t, 300),
  );
  assert.ok(ended.has('match') && ended.has('none'), JSON.stringify([...ended]));
});

test('what Slack delivers, whatever it is: read in linear time, and nothing throws', (t) => {
  const syntax = { prefix: '!', pluginPrefix: 'st2' };
  const names = new Set(['help', 'session_start']);
  fc.assert(
    fc.property(anyText, fc.boolean(), (text, straightenQuotes) => {
      const nameOf = () => text;
      const meant = undoSlackText(text, { straightenQuotes, nameOf });
      mentionsIn(text);
      mentionedIn(text);
      stripMention(text, 'U1');
      for (const addressed of ['prefix', 'bot'] as const) parseCommand(meant, addressed, syntax, names);
    }),
    bounded(t, 1_000),
  );
  for (const piece of pieces) {
    const long = piece.repeat(20_000);
    const before = process.cpuUsage().user;
    undoSlackText(long, { straightenQuotes: true });
    stripMention(long, 'U1');
    parseCommand(long, 'prefix', syntax, names);
    assert.ok(process.cpuUsage().user - before < 500_000, piece);
  }
});

test('what StackStorm announces and runs answer, whatever it is: a message that Slack takes and that calls nobody', (t) => {
  const facts = { executionId: '5e1c9c5b5e5b5c0001a1b2c3', status: 'succeeded' };
  fc.assert(
    fc.property(fc.oneof(anyText, wireJson), wireJson, fc.boolean(), (message, slack, files) => {
      const extra = { slack };
      parseExtra(extra);
      const execution = { id: facts.executionId, status: 'failed', result: message };
      const own = slackMessage(formatResult(execution, 'p.a', 'alice', { maxLength: 4_000 }), { files });
      assert.deepEqual(faultsIn(own), []);
      assert.deepEqual(heeded({ ...own, file: undefined }).calls, []);
      const post = announcementPost({ message }, 4_000, facts);
      assert.ok(post !== undefined);
      const plain = slackMessage(post, { files });
      assert.deepEqual(faultsIn(plain), []);
      assert.deepEqual(heeded({ ...plain, file: undefined }).calls, []);
      assert.deepEqual(faultsIn(slackMessage({ ...post, extra }, { files })), []);
    }),
    bounded(t, 200),
  );
});
