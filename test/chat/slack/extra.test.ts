import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Post } from '../../../src/chat/chat.ts';
import { type SlackMessage, slackMessage } from '../../../src/chat/slack/message.ts';
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

const print = {
  type: 'context',
  elements: [{ type: 'plain_text', text: 'succeeded · execution 6b03', emoji: false }],
};
const said = 'Ticket <https://jira.example/1|ONE-1> is *open* &amp; &lt;b&gt;';
const escaped = 'Ticket &lt;https://jira.example/1|ONE-1&gt; is *open* &amp; &lt;b&gt;';
const mrkdwn_in = ['text', 'pretext'];

/** The way of hubot-stackstorm's older fields: the message in one attachment; the small print in another. */
function flat(fields: Record<string, unknown>): SlackMessage {
  const colour = 'color' in fields ? { color: fields['color'] } : {};
  const fallback = fields['fallback'] ?? escaped;
  return JSON.parse(
    JSON.stringify({
      text: '',
      attachments: [
        { mrkdwn_in, ...fields, fallback, text: said },
        { ...colour, fallback, blocks: [print] },
      ],
    }),
  );
}

const jira = {
  fallback: 'Info about Jira ticket ONE-1',
  color: '#042A60',
  title: 'ONE-1',
  title_link: 'https://jira.example/1',
  fields: [{ title: 'Summary', value: 'It *burns*', short: false }],
};
const jiraSent = { ...jira, color: '#042a60' };

/** What an author writes, where that comes from, and what is sent. */
const table: readonly (readonly [what: string, extra: Record<string, unknown>, sent: unknown])[] = [
  [
    'attachments take the message’s place, with icon and name (hubot-stackstorm, adapters/slack.js)',
    { slack: { icon_emoji: ':jira:', username: 'Jira Bot', attachments: [jira] } },
    {
      text: escaped,
      blocks: [print],
      attachments: [jiraSent],
      sender: { username: 'Jira Bot', icon_emoji: ':jira:' },
    },
  ],
  [
    'attachments with a text (hubot-stackstorm, slack-messages.js)',
    { slack: { text: 'All of *one* <https://x.example|site>', attachments: [jira] } },
    {
      text: 'All of *one* <https://x.example|site>',
      blocks: [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: 'All of *one* <https://x.example|site>', verbatim: true },
        },
        print,
      ],
      attachments: [jiraSent],
    },
  ],
  [
    'older fields make an attachment around the message (hubot-stackstorm, "Backwards compatibility")',
    { slack: jira },
    flat({ ...jiraSent }),
  ],
  [
    'an author and a footer (pack github, latest_release)',
    {
      slack: {
        author_name: 'octo',
        author_icon: 'https://x.example/i.png',
        title: 'v1',
        title_link: 'https://x.example/v1',
        color: '#00ad52',
        ts: 1489000000,
        footer: 'GitHub',
      },
    },
    flat({
      color: '#00ad52',
      author_name: 'octo',
      author_icon: 'https://x.example/i.png',
      title: 'v1',
      title_link: 'https://x.example/v1',
      footer: 'GitHub',
      ts: '1489000000',
    }),
  ],
  [
    'a picture (pack chatops_tests, kitten)',
    { slack: { image_url: 'http://x.example/k.jpg' } },
    flat({ image_url: 'http://x.example/k.jpg' }),
  ],
  [
    'a pretext (err-stackstorm, chat_adapters.py, _post_legacy_attachment: summary)',
    { slack: { pretext: 'By *Jinja*' } },
    flat({ pretext: 'By *Jinja*' }),
  ],
  ['a colour (pack aws)', { slack: { color: 'good' } }, flat({ color: 'good' })],
  [
    'a colour beside slack (hubot-stackstorm, data.extra.color; pack orion)',
    { color: '#439FE0' },
    flat({ color: '#439fe0' }),
  ],
  [
    'a colour by name (errbot, backends/slack.py, COLORS)',
    { slack: { color: 'red' } },
    flat({ color: '#FF0000' }),
  ],
  [
    'an unknown key beside a known one is passed over (pack azure, capacity)',
    { slack: { color: 'good', capacity: '3' } },
    flat({ color: 'good' }),
  ],
  [
    'blocks, with the message as their text (err-stackstorm, _post_block_message)',
    {
      slack: { blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Done*' } }, { type: 'divider' }] },
    },
    {
      text: escaped,
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Done*' } }, { type: 'divider' }, print],
    },
  ],
  [
    'thread_response (hubot-stackstorm pull request 237)',
    { slack: { thread_response: true } },
    { text: escaped, blocks: ownBlocks(), inThread: true },
  ],
  [
    'thread_response out of Jinja',
    { slack: { thread_response: 'False' } },
    { text: escaped, blocks: ownBlocks(), inThread: false },
  ],
  ['another platform’s extra', { mattermost: { color: 'good' } }, { text: escaped, blocks: ownBlocks() }],
  ['an empty extra', { slack: {} }, { text: escaped, blocks: ownBlocks() }],
  ['a null', { slack: null }, { text: escaped, blocks: ownBlocks() }],
  [
    'what would post elsewhere is passed over',
    { slack: { channel: 'C9', thread_ts: '1.2', reply_broadcast: true, link_names: true, parse: 'full' } },
    { text: escaped, blocks: ownBlocks() },
  ],
  [
    'a bad shape: the message goes without',
    { slack: 'loud' },
    {
      text: escaped,
      blocks: ownBlocks(),
      ignoredExtra: 'extra.slack: Invalid input: expected object, received string',
    },
  ],
  [
    'bad attachments',
    { slack: { attachments: [{ fields: 'none' }] } },
    {
      text: escaped,
      blocks: ownBlocks(),
      ignoredExtra: 'attachments.0.fields: Invalid input: expected array, received string',
    },
  ],
  [
    'bad blocks',
    { slack: { blocks: [{ type: 'section' }] } },
    { text: escaped, blocks: ownBlocks(), ignoredExtra: 'blocks: 0: a section without text' },
  ],
  [
    'a button of the author’s is never one of ours',
    {
      slack: {
        blocks: [
          {
            type: 'actions',
            elements: [
              {
                type: 'button',
                text: { type: 'plain_text', text: 'Press' },
                action_id: 'session-end:0',
                value: 'x',
              },
              {
                type: 'button',
                text: { type: 'plain_text', text: 'Open' },
                action_id: 'session-end:0',
                url: 'https://x.example',
              },
            ],
          },
        ],
      },
    },
    {
      text: escaped,
      blocks: [
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              text: { type: 'plain_text', text: 'Press' },
              action_id: 'bolt-stackstorm:extra:0',
              value: 'x',
            },
            {
              type: 'button',
              text: { type: 'plain_text', text: 'Open' },
              action_id: 'bolt-stackstorm:extra:1',
              url: 'https://x.example',
            },
          ],
        },
        print,
      ],
    },
  ],
];

function ownBlocks(): unknown[] {
  return [{ type: 'section', text: { type: 'mrkdwn', text: said, verbatim: true } }, print];
}

for (const [what, extra, sent] of table) {
  test(`extra.slack: ${what}`, () => {
    const message = slackMessage(result(extra), { files: true });
    assert.deepEqual(message, sent);
    assert.deepEqual(faultsIn(message), []);
  });
}
