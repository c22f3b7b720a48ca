import { z } from 'zod';
import { chatUserKey, duration, oneOf, text, wholeNumber, yesOrNo } from './fields.ts';
import { always, counts, group, has, way } from './group.ts';

/** ChannelKind and UserKind of chat/chat.ts, as they are written. */
export const channelKinds = ['direct', 'group', 'private', 'public'] as const;
export const userKinds = ['member', 'guest', 'stranger', 'bot'] as const;

const admins = z.array(chatUserKey(), { error: 'a list of chat user keys' });

const idPattern = /^[A-Za-z0-9._-]{1,64}$/;
const userPattern = /^([a-z][a-z0-9-]{0,31}:[A-Za-z0-9._-]{1,64}:)?[A-Za-z0-9._-]{1,64}$/;
/** Packs and aliases may be called anything: only line breaks are surely a mistake. */
const globPattern = /^.{1,200}$/;

function glob() {
  const error = 'the name of an alias or of a command of the bot’s, with "*" and "?": "deploy.*"';
  return z.string({ error }).regex(globPattern, { error }).meta({ title: error });
}

/** One glob or a list of them; a list in the Config. */
function globs() {
  const error = 'a glob or a list of globs: "deploy.*"';
  const many = z.array(glob(), { error }).min(1, { error });
  return z
    .union([glob(), many], { error })
    .meta({ title: 'a glob, or a list of globs' })
    .transform((value) => (typeof value === 'string' ? [value] : value));
}

function ids(kind: string, pattern: RegExp, example: string) {
  const error = `${kind} such as ${example}`;
  const id = z.string({ error }).regex(pattern, { error }).meta({ title: kind });
  return listOf(id, error);
}

/** An empty list would be a condition that never holds: somebody meant another thing. */
function listOf<T extends z.ZodType>(item: T, error: string) {
  return z
    .array(item, { error: `a list of ${error}` })
    .min(1, { error: `at least one: ${error}` })
    .exactOptional();
}

const rule = group(
  {
    name: text('a name for the rule', 80)
      .describe('What the rule is called where it refuses somebody.')
      .exactOptional(),
    allow: globs()
      .describe('Aliases (`pack.name`) and commands of the bot’s that the rule lets run.')
      .exactOptional(),
    deny: globs().describe('Or those that it does not let run.').exactOptional(),
    users: ids('ids or chat user keys', userPattern, '"U0G9QF9C6" or "slack:T024BE7LD:U0G9QF9C6"').describe(
      'Only for these people.',
    ),
    groups: ids('ids of user groups', idPattern, '"S0614TZR7"').describe(
      'Only for people in one of these user groups.',
    ),
    channels: ids('ids of channels', idPattern, '"C024BE7LR"').describe('Only in one of these places.'),
    channelKinds: listOf(oneOf(channelKinds), '"direct", "group", "private", "public"').describe(
      'Only in places of these kinds; `group` is a DM of several people.',
    ),
    userKinds: listOf(oneOf(userKinds), '"member", "guest", "stranger", "bot"').describe(
      'Only for these kinds of people. Absent: `allow` is for members alone, `deny` for everyone.',
    ),
    confirm: yesOrNo()
      .describe('The person is shown what was understood, and it runs once they have confirmed it.')
      .exactOptional(),
    approve: group({
      users: ids('ids or chat user keys', userPattern, '"U0G9QF9C6" or "slack:T024BE7LD:U0G9QF9C6"').describe(
        'Who may approve; absent with `groups` absent too: anyone but the requester.',
      ),
      groups: ids('ids of user groups', idPattern, '"S0614TZR7"').describe(
        'Or people in one of these user groups.',
      ),
      count: wholeNumber(1, 10).default(1).describe('How many different people have to.'),
      within: duration('1m', '24h').prefault('1h').describe('In how long; then it is not run.'),
    })
      .describe('Others approve it first, each logged in, none of them the requester.')
      .exactOptional(),
    freshLogin: duration('1m', '30d')
      .describe('The person must have logged in within so long.')
      .exactOptional(),
  },
  'a rule such as {"allow": "deploy.*", "groups": ["S0614TZR7"]}',
)
  .refine((value) => counts(value, ['allow', 'deny'], 1), {
    ...always,
    error: 'exactly one of "allow" and "deny"',
  })
  .refine(
    (value) => !has(value, 'deny') || ['confirm', 'approve', 'freshLogin'].every((key) => !has(value, key)),
    {
      ...always,
      error: '"confirm", "approve" and "freshLogin" only beside "allow"',
    },
  )
  .meta({ title: 'a rule', oneOf: [way('allow'), way('deny')] });

export const accessSection = group({
  admins: admins.prefault([]).describe('Chat users who see and end sessions of their own workspace.'),
  globalAdmins: admins.prefault([]).describe('Chat users who do so for every workspace.'),
  default: oneOf(['allow', 'deny'])
    .meta({
      description: 'What holds where no rule names an alias. Must be written in standalone; else `allow`.',
      default: 'allow',
    })
    .exactOptional(),
  rules: z
    .array(rule, { error: 'a list of rules' })
    .max(200, { error: '200 rules at most' })
    .prefault([])
    .describe('Who may run what, and where; the first rule that fits decides (docs/access.md).'),
});
