import { z } from 'zod';
import { accessSection } from './access-section.ts';
import { authSection } from './auth-section.ts';
import { canHearOfCertificates, certificateWayFault, proxySecret } from './client-certificate-section.ts';
import { isUnconfirmedAmongStrangers, unconfirmedFault } from './confirm-keys.ts';
import { executionsSection } from './executions-section.ts';
import {
  addressRange,
  duration,
  encryptionKey,
  oneOf,
  prefix,
  storageUrl,
  text,
  wholeNumber,
  yesOrNo,
} from './fields.ts';
import { always, group, has } from './group.ts';
import {
  hasServiceAccount,
  mapsNobodyToService,
  serviceAccountFault,
  serviceMappedFault,
} from './serverside-section.ts';
import { slackSection } from './slack-section.ts';
import { canSignIn, signInFault } from './slack-sign-in-section.ts';
import { stackstormSection } from './stackstorm-section.ts';

const commands = group({
  prefix: prefix(1).prefault('!').describe('What a text for the bot starts with in a channel.'),
  pluginPrefix: prefix(0)
    .prefault('st2')
    .describe('What an alias is typed after (`!st2 deploy`); may be empty.'),
  maxLength: wholeNumber(10, 20_000)
    .default(2_000)
    .describe('Characters of a command; longer ones are refused.'),
  publicHelp: yesOrNo()
    .default(false)
    .describe('Whether help names aliases to people without a session too.'),
});

const server = group({
  host: text('an address to listen on').prefault('127.0.0.1').describe('Where the login page listens.'),
  port: wholeNumber(0, 65_535).default(3141).describe('Its port; 0 takes any free one.'),
  socket: text('the path of a Unix socket, 100 characters at most', 100)
    .describe(
      'A Unix socket for a TLS proxy on this machine, in place of host and port; whoever connects is trusted as a proxy.',
    )
    .exactOptional(),
  trustedProxies: z
    .array(addressRange(), { error: 'a list of IP addresses and ranges' })
    .prefault([])
    .describe('Proxies whose X-Forwarded-For and X-Forwarded-Proto count.'),
  proxySecret,
});

const storage = group({
  url: storageUrl()
    .prefault('sqlite://./data/bolt-stackstorm.sqlite')
    .meta({ description: 'Where sessions and open executions are kept.', writeOnly: true }),
});

const encryption = group(
  {
    keys: z
      .array(encryptionKey(), { error: 'a list of keys' })
      .min(1, { error: 'at least one key; "bolt-stackstorm keygen" makes one' })
      .meta({
        description:
          'Keys for what is stored. The first encrypts, all decrypt: to rotate, put a new one in front.',
        writeOnly: true,
      }),
  },
  `an object such as {"keys": ["\${BOLT_STACKSTORM_KEY}"]}; "bolt-stackstorm keygen" makes a key`,
);

const ops = group({
  host: text('an address to listen on')
    .prefault('127.0.0.1')
    .describe('Where /healthz, /readyz and /metrics listen; not for the public.'),
  port: wholeNumber(0, 65_535).default(3142).describe('Its port; 0 takes any free one.'),
  logLevel: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .prefault('info')
    .describe('The least severe lines that are logged.'),
  audit: group({
    file: text('the path of a file')
      .prefault('./data/audit.jsonl')
      .describe('The audit log, one JSON object a line.'),
    required: yesOrNo()
      .default(true)
      .describe('Whether logins, runs and admin acts are refused where the audit record cannot be written.'),
  })
    .prefault({})
    .describe('Who did what.'),
  stopTimeout: duration('1s', '10m').prefault('20s').describe('Time to finish what runs when stopped.'),
});

/** The config file, with environment variables and secret files put in (load.ts). */
export const configSchema = group({
  $schema: z
    .string({ error: 'a string' })
    .describe('Where editors find the schema of this file.')
    .exactOptional(),
  stackstorm: stackstormSection.describe('StackStorm, and how the bot speaks to it.'),
  auth: authSection.describe('Who runs it, and the login.'),
  chat: group({ slack: slackSection.describe('Slack (docs/slack.md).').exactOptional() })
    .prefault({})
    .describe('Chat platforms; `demo` brings its own.'),
  commands: commands.prefault({}).describe('What people type.'),
  access: accessSection.prefault({}).describe('Who may do what.'),
  executions: executionsSection.prefault({}).describe('Running aliases and telling how they ended.'),
  server: server.prefault({}).describe('The listener of the login page.'),
  storage: storage.prefault({}).describe('Where state is kept.'),
  encryption: encryption.describe('Encryption of what is stored.'),
  ops: ops.prefault({}).describe('Logs, audit, health, metrics.'),
})
  .refine(
    (value) =>
      !has(value.auth, 'standalone') && !isStandalone(value.auth) ? true : has(value.access, 'default'),
    {
      ...always,
      path: ['access', 'default'],
      error: '"allow" or "deny", written out: in standalone everyone in chat has the bot\'s power',
    },
  )
  .refine((value) => !needsPublicUrl(value.chat) || has(value.auth, 'publicUrl'), {
    ...always,
    path: ['auth', 'publicUrl'],
    error: 'an address such as "https://chatops.example.com" (Slack’s http mode and install need it)',
  })
  .refine(hasServiceAccount, {
    ...always,
    path: ['stackstorm', 'credential'],
    error: serviceAccountFault,
  })
  .refine(mapsNobodyToService, {
    ...always,
    path: ['auth', 'serverside', 'map'],
    error: serviceMappedFault,
  })
  .refine(canSignIn, { ...always, path: ['chat', 'slack', 'signIn'], error: signInFault })
  .refine(canHearOfCertificates, {
    ...always,
    path: ['auth', 'clientCertificate'],
    error: certificateWayFault,
  })
  .refine((value) => !isUnconfirmedAmongStrangers(value), {
    ...always,
    path: ['auth', 'confirm'],
    error: unconfirmedFault,
  })
  .transform(({ $schema: _, ...sections }) => ({
    ...sections,
    access: { ...sections.access, default: sections.access.default ?? ('allow' as const) },
  }));

function needsPublicUrl(chat: unknown): boolean {
  if (typeof chat !== 'object' || chat === null || !('slack' in chat)) return false;
  const { slack } = chat;
  if (typeof slack !== 'object' || slack === null) return false;
  return 'install' in slack || ('mode' in slack && slack.mode === 'http');
}

function isStandalone(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'mode' in value && value.mode === 'standalone';
}

/**
 * Everything that can be set. Plain numbers; durations are ms. `encryption.keys` are base64url of 32 bytes each
 * (parseKey of storage/aes-gcm.ts reads them); addresses have no slash at their end.
 */
export type Config = z.output<typeof configSchema>;
