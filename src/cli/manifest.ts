import { type Command, Option } from 'commander';
import { z } from 'zod';
import { appManifest } from '../chat/slack/manifest.ts';
import type { Environment } from '../parts.ts';
import { filled, readPlan } from './config-plan.ts';
import { CliError, exitCodes } from './exit-codes.ts';

interface ManifestFlags {
  readonly config?: string;
  readonly mode?: 'socket' | 'http';
  readonly install?: boolean;
  readonly signIn?: boolean;
  readonly publicUrl?: string;
  readonly command?: string;
  readonly name: string;
  readonly format: 'yaml' | 'json';
}

/** What of a config the manifest follows. Secrets are not among it: whoever prints a manifest has no app yet. */
const rule = z.looseObject({
  groups: z.unknown().optional(),
  approve: z.looseObject({ groups: z.unknown().optional() }).optional(),
});

const planned = z.looseObject({
  auth: z
    .looseObject({
      publicUrl: z.string().optional(),
      confirm: z.string().optional(),
      serverside: z.looseObject({ email: z.unknown().optional() }).optional(),
      clientCertificate: z.looseObject({ match: z.unknown().optional() }).optional(),
    })
    .default({}),
  access: z.looseObject({ rules: z.array(rule).default([]) }).default({ rules: [] }),
  executions: z.looseObject({ reactions: z.unknown().optional() }).default({}),
  chat: z
    .looseObject({
      slack: z
        .looseObject({
          mode: z.enum(['socket', 'http']).optional(),
          install: z.unknown().optional(),
          command: z.string().optional(),
          prefixInChannels: z.boolean().default(true),
          mentions: z.boolean().default(true),
          home: z.boolean().default(true),
          files: z.boolean().default(true),
          customize: z.boolean().default(false),
        })
        .prefault({}),
    })
    .prefault({}),
});

/** `bolt-stackstorm manifest`: before there is a config too, since the tokens in it come from the app. */
export function addManifest(program: Command, environment: Environment): void {
  program
    .command('manifest')
    .description('prints the manifest of the Slack app, with the least scopes')
    .option('-c, --config <file>', 'follows what stands in this config; its secrets may still be missing')
    .addOption(new Option('--mode <mode>', 'how Slack and the bot talk').choices(['socket', 'http']))
    .option('--install', 'for several workspaces, which install the app by OAuth')
    .option('--sign-in', 'people sign in with Slack before they log in (auth.confirm "slack")')
    .option(
      '--public-url <url>',
      'where Slack and browsers reach the bot (http mode, installations, sign-in)',
    )
    .option('--command <command>', 'the slash command (default: /st2)')
    .option('--name <name>', 'what the app is called in Slack', 'StackStorm')
    .addOption(new Option('--format <format>', 'how it is written').choices(['yaml', 'json']).default('yaml'))
    .action(async (flags: ManifestFlags) => {
      const { stringify } = await import('yaml');
      const manifest = appManifest(optionsOf(flags, environment));
      console.log(
        flags.format === 'json' ? JSON.stringify(manifest, null, 2) : stringify(manifest).trimEnd(),
      );
    });
}

function optionsOf(flags: ManifestFlags, environment: Environment) {
  const { auth, access, chat, executions } = readPlan(flags.config, planned);
  const { slack } = chat;
  const install = flags.install === true || slack.install !== undefined;
  const signIn = flags.signIn === true || auth.confirm === 'slack';
  const mode = flags.mode ?? slack.mode ?? 'socket';
  const publicUrl = (flags.publicUrl ?? filled(auth.publicUrl, environment))?.replace(/\/+$/, '');
  if (
    (install || signIn || mode === 'http') &&
    (publicUrl === undefined || !/^https:\/\/[^/?#]+$/.test(publicUrl))
  ) {
    throw new CliError(
      'HTTP mode, installations and Sign in with Slack need the address at which the bot is reached: --public-url https://chatops.example.com',
      exitCodes.invalid,
    );
  }
  const command = flags.command ?? slack.command ?? '/st2';
  if (!/^\/[a-z0-9_-]{1,31}$/.test(command)) {
    throw new CliError('--command is a slash command such as /st2.', exitCodes.invalid);
  }
  if (flags.name.length === 0 || flags.name.length > 35) {
    throw new CliError('--name has 1 to 35 characters.', exitCodes.invalid);
  }
  const { prefixInChannels, mentions, home, files, customize } = slack;
  const userGroups = access.rules.some(({ groups, approve }) => (groups ?? approve?.groups) !== undefined);
  const reactions = (executions.reactions ?? false) !== false;
  const emails = auth.serverside?.email !== undefined || auth.clientCertificate?.match === 'email';
  const optional = { customize, emails, reactions, userGroups, install, signIn };
  const features = { prefixInChannels, mentions, home, files, ...optional };
  return { name: flags.name, command, mode, publicUrl, features };
}
