import { confirmWarnings } from './confirm-keys.ts';
import { isLoopback } from './fields.ts';
import type { Config } from './schema.ts';
import { serversideWarnings } from './serverside-section.ts';
import { sessionWarnings } from './session-keys.ts';

/**
 * What is allowed and yet should be known: `check` prints these and every start logs them (S5, security.md T1). Each names
 * its key first.
 */
export function configWarnings(config: Config): string[] {
  return [
    ...stackstormWarnings(config),
    ...authWarnings(config),
    ...confirmWarnings(config),
    ...sessionWarnings(config),
    ...serversideWarnings(config),
    ...slackWarnings(config),
    ...accessWarnings(config),
    ...listenerWarnings(config),
  ];
}

function stackstormWarnings({ stackstorm }: Config): string[] {
  const warnings: string[] = [];
  if (stackstorm.allowInsecureTls) {
    warnings.push(
      "stackstorm.allowInsecureTls: StackStorm's certificate is not verified. Everyone on the way can read credentials. Set stackstorm.caFile instead.",
    );
  }
  for (const key of ['url', 'authUrl', 'apiUrl', 'streamUrl'] as const) {
    const address = stackstorm[key];
    if (address === undefined) continue;
    const { protocol, hostname } = new URL(address);
    if (protocol === 'http:' && !isLoopback(hostname)) {
      warnings.push(`stackstorm.${key}: credentials travel without TLS to ${hostname}. Use https.`);
    }
  }
  return warnings;
}

function authWarnings({ auth, access, ops, server }: Config): string[] {
  const warnings: string[] = [];
  if (auth.mode === 'standalone') {
    const everyone = access.default === 'allow' ? 'Everyone in chat runs' : 'Whoever access allows runs';
    warnings.push(`auth.standalone: ${everyone} with the bot's own StackStorm credential.`);
  } else if (auth.mode === 'clientside') {
    if (
      auth.publicUrl.startsWith('https:') &&
      server.trustedProxies.length === 0 &&
      server.socket === undefined
    ) {
      warnings.push(
        'server.trustedProxies: auth.publicUrl is https and no proxy is named, so every login will be refused (403 https-required). Name the address of the TLS proxy in front, or listen on a Unix socket (server.socket).',
      );
    }
  }
  if (!ops.audit.required) {
    warnings.push('ops.audit.required: logins and runs go on where their audit record cannot be written.');
  }
  return warnings;
}

function slackWarnings({ chat: { slack } }: Config): string[] {
  if (slack === undefined || new URL(slack.apiUrl).origin === 'https://slack.com') return [];
  return [
    `chat.slack.apiUrl: ${new URL(slack.apiUrl).origin} stands in for Slack, and gets the tokens and every message. It is for tests.`,
  ];
}

function accessWarnings({ access, chat }: Config): string[] {
  const warnings: string[] = [];
  if (shutsEveryoneOut(access)) {
    warnings.push(
      'access: nobody may run any alias: no rule that is reached allows one. Add an "allow" (docs/access.md), or set access.default to "allow".',
    );
  }
  const numbers = access.rules.flatMap(({ users = [] }, index) =>
    users.some((user) => !user.includes(':')) ? [index + 1] : [],
  );
  if (chat.slack?.install !== undefined && numbers.length > 0) {
    warnings.push(
      `access.rules: rule ${numbers.join(', ')} names people by their id alone. With several workspaces that is whoever has the id in any of them: write chat user keys ("slack:T024BE7LD:U0G9QF9C6"; whoami says it).`,
    );
  }
  return warnings;
}

/** Everything is denied before the first `allow` is reached, or there is none and the default denies. */
function shutsEveryoneOut({ rules, default: standard }: Config['access']): boolean {
  const decisive = rules.find((rule) => rule.allow !== undefined || deniesAll(rule));
  return decisive === undefined ? standard === 'deny' : decisive.allow === undefined;
}

/** A `deny` of every alias, for everyone, everywhere. */
function deniesAll({
  deny = [],
  users,
  groups,
  channels,
  channelKinds,
  userKinds,
}: Config['access']['rules'][number]): boolean {
  const conditions = [users, groups, channels, channelKinds, userKinds];
  return deny.some((glob) => /^\*+$/.test(glob)) && conditions.every((condition) => condition === undefined);
}

function listenerWarnings({ server, ops }: Config): string[] {
  const warnings: string[] = [];
  if (server.trustedProxies.some((range) => range.endsWith('/0'))) {
    warnings.push(
      'server.trustedProxies: a range of every address is trusted, so anyone can forge where they come from.',
    );
  }
  if (!isLoopback(ops.host)) {
    warnings.push(`ops.host: metrics and health are readable by whoever reaches ${ops.host}.`);
  }
  return warnings;
}
