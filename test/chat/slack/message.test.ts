import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Part, Post } from '../../../src/chat/chat.ts';
import { actionOf } from '../../../src/chat/slack/action-ids.ts';
import { limits } from '../../../src/chat/slack/limits.ts';
import { type SlackMessage, slackMessage } from '../../../src/chat/slack/message.ts';
import { textsOf } from '../../support/slack/block-kit/validate.ts';
import { faultsIn } from '../../support/slack/message-faults.ts';

function wordsOf(message: SlackMessage): string {
  return textsOf([message.blocks ?? [], message.attachments ?? []]).join('\n');
}

const withFiles = { files: true };
const withoutFiles = { files: false };

test('text is shown as it is, escaped, in a section', () => {
  const message = slackMessage({ text: '*a* _b_ ~c~ `d` 1 < 2 && 3 > 2' }, withFiles);
  assert.deepEqual(message, {
    text: '*a* _b_ ~c~ `d` 1 &lt; 2 &amp;&amp; 3 &gt; 2',
    blocks: [
      {
        type: 'section',
        text: {
          type: 'plain_text',
          text: '*a* _b_ ~c~ `d` 1 &lt; 2 &amp;&amp; 3 &gt; 2',
          emoji: true,
        },
      },
    ],
  });
});

test('addresses in text can be pressed, and what stands around them stays', () => {
  const { blocks } = slackMessage({ text: 'See https://st2.example/#/x, or *not*.' }, withFiles);
  assert.deepEqual(blocks, [
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'See ' },
            { type: 'link', url: 'https://st2.example/#/x' },
            { type: 'text', text: ', or *not*.' },
          ],
        },
      ],
    },
  ]);
});

test('what an alias’s author formatted stays formatted, and calls nobody', () => {
  const text = '*bold* `code` <https://x.example|site> <!channel> <@U1> a < b & https://y.example/z.';
  const { blocks } = slackMessage({ text, parts: [{ type: 'text', text, isFormatted: true }] }, withFiles);
  assert.deepEqual(blocks, [
    {
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: '*bold* `code` <https://x.example|site> @\u2060channel &lt;@U1&gt; a &lt; b &amp; <https://y.example/z>.',
        verbatim: true,
      },
    },
  ]);
});

test('nothing in a result calls anybody', () => {
  const shout = '<!channel> <!here|x> <@U1> <!subteam^S1|ops> <#C1> see https://x.example';
  const types = ['text', 'heading', 'code', 'context'] as const;
  for (const type of types) {
    const message = slackMessage({ text: shout, parts: [{ type, text: shout }] }, withFiles);
    assert.doesNotMatch(JSON.stringify(message), /<[!@#]/, type);
  }
  const fields = slackMessage(
    { text: 'x', parts: [{ type: 'fields', fields: [{ label: shout, value: shout }] }] },
    withFiles,
  );
  assert.doesNotMatch(JSON.stringify(fields), /<[!@#]/);
});

test('code keeps its fence whole, whatever stands in it', () => {
  const code = `${'a line & more\n'.repeat(600)}\`\`\`\n<!channel>\n\`\`\`\`\`\nend\``;
  const { blocks = [], file } = slackMessage({ text: 'x', parts: [{ type: 'code', text: code }] }, withFiles);
  assert.ok(blocks.length > 2);
  assert.equal(file, undefined);
  const texts = textsOf(blocks);
  for (const text of texts) assert.match(text, /^```\n[\s\S]+\n```$/);
  for (const text of texts) assert.equal(text.split('```').length, 3);
  const shown = texts.map((text) => text.slice(4, -4)).join('\n');
  assert.equal(
    shown.replaceAll('\u200b', '').replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
    code,
  );
});

test('what is too long becomes a file with its beginning, and the small print stays', () => {
  const code = 'x'.repeat(50_000);
  const post: Post = {
    text: `core.local: succeeded\n${code}`,
    parts: [
      { type: 'text', text: 'core.local: succeeded' },
      { type: 'code', text: code },
      { type: 'context', text: 'execution 6b03' },
    ],
  };
  const message = slackMessage(post, withFiles);
  assert.deepEqual(faultsIn(message), []);
  assert.equal(message.file?.name, 'output.txt');
  assert.equal(message.file?.title, 'core.local: succeeded');
  assert.ok(message.file?.content.includes(code));
  const words = wordsOf(message);
  assert.match(words, /^core.local: succeeded\n```\nxxx/);
  assert.match(
    words,
    /The beginning: \d+ of 50035 characters. The whole is in the file output.txt.\nexecution 6b03$/,
  );
  assert.ok(words.length < 4000);
});

test('without files, what is too long is cut and says so', () => {
  const parts: Part[] = [
    { type: 'text', text: 'headline' },
    { type: 'code', text: '<&>'.repeat(9000) },
    { type: 'context', text: 'execution 6b03' },
  ];
  const message = slackMessage({ text: 'x'.repeat(5000), parts }, withoutFiles);
  assert.deepEqual(faultsIn(message), []);
  assert.equal(message.file, undefined);
  assert.match(wordsOf(message), /Cut here: \d+ of 27022 characters\.\nexecution 6b03$/);
  assert.ok(wordsOf(message).length > 10_000);
  assert.equal(message.text.length, limits.text);
});

test('help over 50 packs fits into one message, whole', () => {
  const parts = Array.from({ length: 50 }, (_, pack): Part[] => [
    { type: 'heading', text: `pack${pack}` },
    { type: 'code', text: `!st2 pack${pack} do {{ a }}  —  does it` },
  ]).flat();
  const message = slackMessage(
    { text: 'help', parts: [...parts, { type: 'context', text: '1 to 50 of 90.' }] },
    withFiles,
  );
  assert.deepEqual(faultsIn(message), []);
  const words = wordsOf(message);
  for (let pack = 0; pack < 50; pack++)
    assert.ok(words.includes(`*pack${pack}*\n\`\`\`\n!st2 pack${pack} do`));
  assert.equal(message.file, undefined);
});

test('buttons have ids of their own, and their action is found again', () => {
  const buttons = Array.from({ length: 30 }, (_, index) => ({
    label: `End ${index}`,
    action: 'end:session',
    value: `${index}`,
  }));
  const message = slackMessage(
    {
      text: 'x',
      parts: [
        { type: 'buttons', buttons },
        {
          type: 'buttons',
          buttons: [{ label: 'Log in', url: 'https://bot.example/login/#x', style: 'primary' }],
        },
      ],
    },
    withFiles,
  );
  assert.deepEqual(faultsIn(message), []);
  const ids = JSON.stringify(message).match(/"action_id":"[^"]+"/g) ?? [];
  assert.equal(new Set(ids).size, 31);
  assert.equal(actionOf('bolt-stackstorm:end:session:29'), 'end:session');
  assert.match(
    JSON.stringify(message.blocks?.at(-1)),
    /"url":"https:\/\/bot.example\/login\/#x","style":"primary"/,
  );
});

test('a button that Slack would not take is told, not cut', () => {
  const buttonOf = (url: string): Post => ({
    text: 'x',
    parts: [{ type: 'buttons', buttons: [{ label: 'x', url }] }],
  });
  assert.throws(() => slackMessage(buttonOf(`https://x.example/${'a'.repeat(3000)}`), withFiles), {
    code: 'too-long',
    reason: 'button_url_too_long',
  });
});

test('a link of a button stands nowhere else', () => {
  const url = 'https://bot.example/login/#secret';
  const parts: Part[] = [
    { type: 'code', text: 'y'.repeat(20_000) },
    { type: 'buttons', buttons: [{ label: 'Log in', url }] },
  ];
  const message = slackMessage({ text: 'Log in', parts }, withFiles);
  assert.equal(JSON.stringify(message).split('secret').length, 2);
});

const anyText = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.string({
      unit: fc.constantFrom(
        'a',
        '&',
        '<',
        '>',
        '`',
        '```',
        '\n',
        ' ',
        '😀',
        '\ud83d',
        '\ude00',
        '\u200b',
        '*',
        'https://x.example/',
        '<!channel>',
        '\u001b[31m',
        '\r\n',
        '\u0000',
      ),
      maxLength: 80,
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('a', '&', '`', '\n', '😀', 'word ', 'line\n', '<!here> https://x.example '),
        fc.integer({ min: 1000, max: 20_000 }),
      )
      .map(([unit, times]) => unit.repeat(times)),
  },
);
const label = fc.string({ maxLength: 200 });
const anyPart: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    type: fc.constantFrom('text' as const, 'code' as const, 'heading' as const, 'context' as const),
    text: anyText,
  }),
  fc.record({ type: fc.constant('text' as const), text: anyText, isFormatted: fc.constant(true as const) }),
  fc.record({
    type: fc.constant('fields' as const),
    fields: fc.array(fc.record({ label: anyText, value: anyText }), { maxLength: 30 }),
  }),
  fc.record({
    type: fc.constant('buttons' as const),
    buttons: fc.array(
      fc.oneof(
        fc.record({ label, action: fc.constant('act'), value: fc.string({ maxLength: 2000 }) }),
        fc.record({ label, url: fc.webUrl() }),
      ),
      { maxLength: 60 },
    ),
  }),
);
const anyPost: fc.Arbitrary<Post> = fc.record(
  { text: anyText, parts: fc.array(anyPart, { maxLength: 90 }) },
  { requiredKeys: ['text'] },
);

test('a post of any size is a message within Slack’s limits', () => {
  fc.assert(
    fc.property(anyPost, fc.boolean(), (post, files) => {
      const message = slackMessage(post, { files });
      assert.deepEqual(faultsIn(message), []);
      const shown = JSON.stringify(message, (key, value) =>
        key === 'file' || key === 'value' ? undefined : value,
      );
      assert.doesNotMatch(shown, /<!/);
    }),
    { numRuns: 150 },
  );
});
