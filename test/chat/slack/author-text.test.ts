import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Post } from '../../../src/chat/chat.ts';
import { authored, cutMrkdwn } from '../../../src/chat/slack/author-text.ts';
import { slackMessage } from '../../../src/chat/slack/message.ts';
import { faultsIn } from '../../support/slack/message-faults.ts';

/** A result as executions make it: the message of the alias, and our small print. */
function result(
  extra: Record<string, unknown>,
  message = 'Ticket <https://jira.example/1|ONE-1> is *open* & <b>',
): Post {
  return {
    text: message,
    parts: [
      { type: 'text', text: message, isFormatted: true },
      { type: 'context', text: 'succeeded · execution 6b03' },
    ],
    extra,
  };
}

const jira = {
  fallback: 'Info about Jira ticket ONE-1',
  color: '#042A60',
  title: 'ONE-1',
  title_link: 'https://jira.example/1',
  fields: [{ title: 'Summary', value: 'It *burns*', short: false }],
};
test('nobody but one named person is called by extra.slack', () => {
  const shout =
    'a <!channel> <!here|@here> <!subteam^S1|@ops> <!subteam^S2> @everyone <@U1> <#C1|x> <script> a@channel.example https://x.example/?a&b.';
  const defused =
    'a @\u2060channel @\u2060here @\u2060ops @\u2060S2 @\u2060everyone <@U1> <#C1|x> &lt;script&gt; a@channel.example <https://x.example/?a&amp;b>.';
  assert.equal(authored(shout, { people: true }), defused);
  assert.ok(authored(shout, { people: false }).includes('&lt;@U1&gt; &lt;#C1|x&gt;'));
  const extras = [
    {
      text: shout,
      attachments: [{ text: shout, pretext: shout, title: 'x', fields: [{ title: 'x', value: shout }] }],
    },
    { pretext: shout, fields: [{ title: 'x', value: shout }] },
    {
      blocks: [
        { type: 'section', text: { type: 'mrkdwn', text: shout }, fields: [{ type: 'mrkdwn', text: shout }] },
        { type: 'context', elements: [{ type: 'mrkdwn', text: shout }] },
        { type: 'markdown', text: shout },
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'broadcast', range: 'channel' },
                { type: 'usergroup', usergroup_id: 'S1' },
              ],
            },
          ],
        },
      ],
    },
    { attachments: [{ blocks: [{ type: 'section', text: { type: 'mrkdwn', text: shout } }] }] },
  ];
  for (const slack of extras) {
    const message = slackMessage(result({ slack }), { files: true });
    assert.equal(message.ignoredExtra, undefined);
    assert.doesNotMatch(
      JSON.stringify(message),
      /<!|"broadcast"|"usergroup"|[^\w]@(?:here|channel|everyone)\b/,
    );
    assert.deepEqual(faultsIn(message), []);
  }
});

test('a script’s output in a coloured message calls nobody at all', () => {
  const message = slackMessage(result({ slack: { color: 'good' } }, 'out: <!channel> <@U1>'), {
    files: true,
  });
  assert.equal(message.attachments?.[0]?.text, 'out: @\u2060channel &lt;@U1&gt;');
});

test('author’s mrkdwn is cut between its pieces', () => {
  assert.equal(cutMrkdwn('short', 10), 'short');
  assert.equal(cutMrkdwn(`${'a'.repeat(10)}<https://x.example|site> more`, 20), `${'a'.repeat(10)}…`);
  assert.equal(cutMrkdwn(`\`\`\`${'a'.repeat(30)}\`\`\``, 20), `\`\`\`${'a'.repeat(12)}…\n\`\`\``);
  assert.equal(cutMrkdwn(`${'a'.repeat(12)}&amp;&amp;&amp;`, 20), `${'a'.repeat(12)}…`);
  assert.equal(cutMrkdwn('😀'.repeat(20), 20), `${'😀'.repeat(7)}…`);
});

test('a long message with older fields stands before its attachment, and becomes a file', () => {
  const message = slackMessage(result({ slack: jira }, 'line\n'.repeat(10_000)), { files: true });
  assert.deepEqual(faultsIn(message), []);
  assert.equal(message.attachments?.length, 3);
  assert.equal(message.attachments?.[1]?.title, 'ONE-1');
  assert.ok(message.file?.content.includes('line\n'.repeat(9000)));
});

test('an attachment alone is a message too, as chatops.post_message sends one', () => {
  const message = slackMessage(
    { text: 'Deployed', extra: { slack: { attachments: [{ title: 'Deployed' }] } } },
    { files: true },
  );
  assert.deepEqual(message, { text: '', attachments: [{ title: 'Deployed', fallback: 'Deployed' }] });
});

test('any extra at all gives a message that Slack takes', () => {
  const long = fc.constantFrom(
    'x'.repeat(5000),
    '<!here>'.repeat(600),
    '&'.repeat(2990),
    '```a'.repeat(900),
    '😀'.repeat(3000),
  );
  const scalar = fc.oneof(fc.string(), long, fc.integer(), fc.boolean(), fc.constant(null), fc.webUrl());
  const text = fc.record({ type: fc.constantFrom('mrkdwn', 'plain_text'), text: scalar });
  const block = fc.oneof(
    fc.record({ type: fc.constant('section'), text }),
    fc.record({ type: fc.constant('section'), fields: fc.array(text, { maxLength: 12 }) }),
    fc.record({ type: fc.constant('header'), text }),
    fc.record({ type: fc.constant('context'), elements: fc.array(text, { maxLength: 12 }) }),
    fc.record({ type: fc.constant('markdown'), text: scalar }),
    fc.anything(),
  );
  const attachment = fc.record(
    {
      fallback: scalar,
      color: scalar,
      pretext: scalar,
      title: scalar,
      title_link: scalar,
      text: scalar,
      fields: fc.array(fc.record({ title: scalar, value: scalar, short: scalar }), { maxLength: 30 }),
      footer: scalar,
      image_url: scalar,
      ts: scalar,
      blocks: fc.array(block, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  const slack = fc.oneof(
    attachment,
    fc.record({ attachments: fc.array(attachment, { maxLength: 25 }), text: scalar }),
    fc.record({ blocks: fc.array(block, { maxLength: 60 }) }),
    fc.anything(),
  );
  fc.assert(
    fc.property(slack, fc.oneof(fc.string(), long), (given, message) => {
      const sent = slackMessage(result({ slack: given }, message), { files: false });
      assert.deepEqual(faultsIn(sent), []);
      assert.doesNotMatch(JSON.stringify(sent), /<!(?:here|channel|everyone)/);
      assert.match(JSON.stringify(sent), /execution 6b03/);
    }),
    { numRuns: 300 },
  );
});
