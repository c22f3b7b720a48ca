import { z } from 'zod';
import { duration, httpUrl, oneOf, text, yesOrNo } from './fields.ts';
import { always, counts, group, has } from './group.ts';
import { slackSignIn } from './slack-sign-in-section.ts';

/** A token's kind is in its first letters; the rest is Slack's business and is never shown. */
function token(prefix: 'xapp-' | 'xoxb-', page: string) {
  const error = `a token that begins with "${prefix}" (${page})`;
  return z
    .string({ error })
    .regex(new RegExp(`^${prefix}[\\w-]+$`), { error })
    .meta({ title: `${prefix}…`, writeOnly: true });
}

const slashCommand = () => {
  const error =
    'a slash command such as "/st2": lower case letters, digits, "-" and "_", 32 characters at most';
  return z
    .string({ error })
    .regex(/^\/[a-z0-9_-]{1,31}$/, { error })
    .meta({ title: 'a slash command' });
};

const install = group({
  clientId: text('the "Client ID" (page Basic Information)').describe('The app’s client id.'),
  clientSecret: text('the "Client Secret" (page Basic Information)')
    .meta({ writeOnly: true })
    .describe('Its client secret.'),
  stateTtl: duration('1m', '1h')
    .prefault('10m')
    .describe('How long somebody may take between /slack/install and the way back.'),
  successUrl: httpUrl()
    .describe('Where to go after an installation; a page of ours unless given.')
    .exactOptional(),
  failureUrl: httpUrl().describe('Where to go after one that failed; `?reason=` is added.').exactOptional(),
  pipeline: z
    .array(text('"greet", "audit" or the path of a module'), {
      error: 'a list of "greet", "audit" and paths of modules',
    })
    .prefault(['greet', 'audit'])
    .describe('What happens at an installation, in this order.'),
});

export const slackSection = group(
  {
    mode: oneOf(['socket', 'http'])
      .prefault('socket')
      .describe(
        '`socket`: the bot dials Slack, no inbound port. `http`: Slack posts to `auth.publicUrl`/slack/events.',
      ),
    appToken: token('xapp-', 'page Basic Information, App-Level Tokens, scope connections:write')
      .describe('Needed in socket mode.')
      .exactOptional(),
    signingSecret: text('the "Signing Secret" (page Basic Information)')
      .meta({ writeOnly: true })
      .describe('Needed in http mode.')
      .exactOptional(),
    botToken: token('xoxb-', 'page Install App, Bot User OAuth Token')
      .describe('The bot in one workspace. Or `install`.')
      .exactOptional(),
    install: install
      .describe('Several workspaces install the app by OAuth, at `auth.publicUrl`/slack/install.')
      .exactOptional(),
    signIn: slackSignIn
      .describe('Sign in with Slack, for `auth.confirm: "slack"`; by default with the client of `install`.')
      .exactOptional(),
    command: slashCommand().prefault('/st2').describe('The slash command.'),
    prefixInChannels: yesOrNo()
      .default(true)
      .describe(
        'Whether `!command` is heard in channels and group DMs; the bot then reads what is written there.',
      ),
    mentions: yesOrNo().default(true).describe('Whether `@bot command` is heard.'),
    home: yesOrNo().default(true).describe('Whether the bot has a Home tab.'),
    files: yesOrNo().default(true).describe('Whether long output becomes a file; else it is cut.'),
    customize: yesOrNo()
      .default(false)
      .describe('Whether `extra.slack` may set the name and icon of a message.'),
    replies: oneOf(['thread', 'channel'])
      .prefault('thread')
      .describe('Where answers to a command in a channel go.'),
    straightenQuotes: yesOrNo()
      .default(true)
      .describe(
        'Whether curly quotes, which Slack’s clients make, become straight; off for formats that hold curly ones.',
      ),
    apiUrl: httpUrl()
      .prefault('https://slack.com/api')
      .describe('Another Slack API. For tests: whoever answers there gets the tokens.'),
  },
  `an object such as {"appToken": "\${SLACK_APP_TOKEN}", "botToken": "\${SLACK_BOT_TOKEN}"}`,
)
  .refine((value) => counts(value, ['botToken', 'install'], 1), {
    ...always,
    error: 'exactly one of "botToken" (one workspace) and "install" (several)',
  })
  .refine((value) => isHttp(value) || has(value, 'appToken'), {
    ...always,
    path: ['appToken'],
    error: 'a token that begins with "xapp-" (needed in socket mode)',
  })
  .refine((value) => !isHttp(value) || has(value, 'signingSecret'), {
    ...always,
    path: ['signingSecret'],
    error: 'the "Signing Secret" (needed in http mode)',
  });

function isHttp(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'mode' in value && value.mode === 'http';
}
