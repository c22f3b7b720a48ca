import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Mention, mentionsIn, stripMention, undoSlackText } from '../../../src/chat/slack/text.ts';
import { type Directory, escapeText, sentText } from '../../support/slack/typing.ts';

const names: Readonly<Record<string, string>> = { U1: 'alice', C1: 'general', S1: 'oncall' };
const nameOf = ({ id }: Mention) => names[id];

/** What Slack delivers, what the person meant. */
const table: readonly (readonly [what: string, delivered: string, meant: string])[] = [
  ['nothing to undo', '!st2 list vms', '!st2 list vms'],
  ['escapes', '!st2 run a &lt; b &amp;&amp; c &gt; d', '!st2 run a < b && c > d'],
  ['escapes are undone once', '!st2 echo &amp;lt;b&amp;gt; &amp;amp;', '!st2 echo &lt;b&gt; &amp;'],
  ['an escaped sequence is text', 'echo &lt;@U1&gt; &lt;!channel&gt;', 'echo <@U1> <!channel>'],
  ['a user', 'whois <@U1>', 'whois @alice'],
  ['a user with a label', 'whois <@U1|al>', 'whois @al'],
  ['a user of the Grid', 'whois <@W1|bob>', 'whois @bob'],
  ['a user whom nobody knows', 'whois <@U999>', 'whois @U999'],
  ['a channel', 'post to <#C1|general>', 'post to #general'],
  ['a channel without a label', 'post to <#C1> <#C1|>', 'post to #general #general'],
  ['a channel that nobody knows', 'post to <#C999>', 'post to #C999'],
  ['a user group', 'page <!subteam^S1|@ops>', 'page @ops'],
  ['a user group without a label', 'page <!subteam^S1>', 'page @oncall'],
  ['a user group that nobody knows', 'page <!subteam^S999>', 'page @S999'],
  ['everyone', 'say <!here> <!channel> <!everyone|@everyone>', 'say @here @channel @everyone'],
  ['a date', 'at <!date^1392734382^{date_short}|Feb 18, 2014>', 'at Feb 18, 2014'],
  ['a bare domain', 'ping <http://example.com|example.com>', 'ping example.com'],
  ['a bare domain, as typed', 'ping <http://Example.COM|Example.COM> now', 'ping Example.COM now'],
  [
    'a bare domain with a path',
    'get <http://example.com/a?b=1&amp;c=2|example.com/a?b=1&amp;c=2>',
    'get example.com/a?b=1&c=2',
  ],
  ['a domain that got a slash', 'get <http://example.com/|example.com>', 'get example.com'],
  ['an address', 'get <https://example.com/a?b=1&amp;c=2>', 'get https://example.com/a?b=1&c=2'],
  ['an address as its own label', 'get <https://example.com|https://example.com>', 'get https://example.com'],
  ['a link with chosen words', 'get <https://example.com/x|this page>', 'get https://example.com/x'],
  ['a mail address', 'invite <mailto:a@b.example|a@b.example>', 'invite a@b.example'],
  ['a mail link with chosen words', 'invite <mailto:a@b.example|Anna>', 'invite a@b.example'],
  ['a telephone number', 'call <tel:+15550100|+1 555 0100>', 'call +1 555 0100'],
  ['another scheme', 'clone <ssh://git@host.example/r.git>', 'clone ssh://git@host.example/r.git'],
  ['a key with an address', 'set url=<https://example.com>', 'set url=https://example.com'],
  ['curly double quotes', 'run “uptime -p” on „web1‟', 'run "uptime -p" on "web1"'],
  ['curly single quotes', 'run ‘it’s’ on ‚web1‛', "run 'it's' on 'web1'"],
  ['a no-break space', 'list\u00a0vms\u202fnow', 'list vms now'],
  ['zero width', 'list\u200b vms\ufeff', 'list vms'],
  ['a family keeps its joiners', 'say 👩\u200d👧', 'say 👩\u200d👧'],
  ['the whole command as code', '`!st2 list vms`', '!st2 list vms'],
  ['a part as code', '!st2 run `uptime -p` on `web1`', '!st2 run uptime -p on web1'],
  ['code with escapes', '!st2 run `a &lt; b`', '!st2 run a < b'],
  ['code with an address', 'get `<https://example.com>`', 'get https://example.com'],
  ['one backtick', 'run a ` b', 'run a ` b'],
  ['backticks inside words', 'run a`b`c', 'run a`b`c'],
  ['empty code', 'run `` and ` `', 'run `` and ` `'],
  ['the whole command as a block', '```!st2 list vms```', '!st2 list vms'],
  ['the whole command as a block of lines', '```\n!st2 run\nls\n```', '!st2 run\nls'],
  ['a part as a block', '!st2 run ```set -e\nls``` on web1', '!st2 run set -e\nls on web1'],
  ['a block on lines of its own', '!st2 run\n```\nset -e\nls\n```\non web1', '!st2 run set -e\nls on web1'],
  ['a block after a space and a break', '!st2 run \n```ls```', '!st2 run ls'],
  ['a block that never ends', 'run ```ls', 'run ```ls'],
  ['an empty block', 'run `````` x', 'run `````` x'],
  ['backticks in a block', 'run ```echo `date` ```', 'run echo `date` '],
  ['line breaks', '!st2 run a\n\nb', '!st2 run a\n\nb'],
  ['an unclosed bracket', 'run <@U1', 'run <@U1'],
  ['two brackets', 'run <<@U1>', 'run <@alice'],
  ['brackets of somebody else', 'run <file> <>', 'run <file> <>'],
  ['an unknown command of Slack’s', 'run <!future^1|later> <!future^1>', 'run later <!future^1>'],
  ['marks that are no code stay', 'ls *.txt _x_ ~y~', 'ls *.txt _x_ ~y~'],
];

for (const [what, delivered, meant] of table) {
  test(`Slack's text is undone: ${what}`, () => {
    assert.equal(undoSlackText(delivered, { straightenQuotes: true, nameOf }), meant);
  });
}

test('curly quotes stay where the config says so', () => {
  const typed = 'say “it’s”';
  assert.equal(undoSlackText(typed, { straightenQuotes: false }), typed);
});

test('without names, mentions are ids', () => {
  assert.equal(undoSlackText('<@U1> <#C1> <#C1|general>', { straightenQuotes: true }), '@U1 #C1 #general');
});

test('mentions that need a name are found once, those with a label are not', () => {
  assert.deepEqual(mentionsIn('<@U1> <@U1> <@U2|bob> <#C1|> <#C2|x> <!subteam^S1> <!here> &lt;@U3&gt;'), [
    { kind: 'user', id: 'U1' },
    { kind: 'channel', id: 'C1' },
    { kind: 'group', id: 'S1' },
  ]);
});

test('the bot’s mention is taken off where the text begins with it', () => {
  assert.equal(stripMention('<@U0BOT> list vms', 'U0BOT'), 'list vms');
  assert.equal(stripMention(' <@U0BOT|st2>: list &lt;x&gt;', 'U0BOT'), 'list &lt;x&gt;');
  assert.equal(stripMention('<@U0BOT>', 'U0BOT'), '');
  assert.equal(stripMention('<@U1> list', 'U0BOT'), undefined);
  assert.equal(stripMention('hey <@U0BOT> list', 'U0BOT'), undefined);
});

test('what is typed in plain words comes back exactly', () => {
  const directory: Directory = { users: [], channels: [], usergroups: [] };
  const piece = fc.oneof(
    fc.constantFrom(
      '&lt;',
      '&amp;',
      '<',
      '>',
      '&',
      '<@U1>',
      '<!here>',
      '|',
      '\n',
      ' ',
      "'",
      '"',
      '*',
      '_',
      'example.com',
      'a@b.example',
      'https://x.example/a?b=1&c=<',
    ),
    fc.string({ unit: 'binary' }),
  );
  const typed = fc
    .array(piece)
    .map((pieces) => pieces.join(''))
    .filter((text) => !/[`\u00a0\u2000-\u200b\u202f\u205f\u2060\ufeff]/.test(text));
  fc.assert(
    fc.property(typed, (text) => {
      const undo = (delivered: string) => undoSlackText(delivered, { straightenQuotes: false });
      assert.equal(undo(escapeText(text)), text);
      assert.equal(undo(sentText(text, directory)), text);
    }),
  );
});

test('long hostile texts are undone in linear time', () => {
  for (const unit of ['<', '<@U1', '`', '``` ', '`a', '&lt', '<!date^', '“\n```']) {
    const text = unit.repeat(20_000);
    const before = process.cpuUsage().user;
    undoSlackText(text, { straightenQuotes: true });
    mentionsIn(text);
    assert.ok(process.cpuUsage().user - before < 500_000, unit);
  }
});
