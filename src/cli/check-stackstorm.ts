import { AliasIndex } from '../aliases/alias-index.ts';
import { catalogEvents } from '../aliases/catalog.ts';
import type { Config } from '../config/schema.ts';
import { hasNotifyRule } from '../executions/notify-rules.ts';
import { errorLine } from '../ops/described-error.ts';
import { createBotCredential } from '../stackstorm/bot-credential.ts';
import { createStackStorm, type StackStormClient } from '../stackstorm/client.ts';
import type { ConnectionOptions } from '../stackstorm/dispatcher.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import { type PermissionCheck, tryBotPermissions } from '../stackstorm/permissions.ts';
import { probeAuth } from '../stackstorm/probe.ts';
import type { BotCredential } from '../stackstorm/stackstorm.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import type { CheckRow } from './check-report.ts';

/** Tries what the bot needs of StackStorm; changes nothing there. */
export function checkStackStorm(config: Config, connection: ConnectionOptions): Promise<CheckRow[]> {
  return asBot(config, connection, async (stackstorm, botCredential) => [
    ...(await accountRows(config, stackstorm, botCredential)),
    ...(await serversideRows(config, stackstorm)),
    ...(await passwordRows(config, stackstorm)),
  ]);
}

/** StackStorm's aliases, as the bot reads them. Throws StackStormError. */
export function readAliases(config: Config, connection: ConnectionOptions): Promise<readonly ActionAlias[]> {
  return asBot(config, connection, (stackstorm, botCredential) =>
    botCredential.use((credential) => stackstorm.aliases(credential)),
  );
}

async function asBot<T>(
  config: Config,
  connection: ConnectionOptions,
  ask: (stackstorm: StackStormClient, botCredential: BotCredential) => Promise<T>,
): Promise<T> {
  const stackstorm = createStackStorm({
    ...config.stackstorm,
    ...connection,
    timeoutMs: config.stackstorm.timeout,
  });
  const botCredential = createBotCredential({ stackstorm, source: config.stackstorm.credential });
  try {
    return await ask(stackstorm, botCredential);
  } finally {
    await stackstorm.close();
  }
}

async function accountRows(
  config: Config,
  stackstorm: StackStormClient,
  botCredential: BotCredential,
): Promise<CheckRow[]> {
  try {
    await botCredential.use((credential) => stackstorm.user(credential));
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    // Nothing else would go better, and each try may take stackstorm.timeout.
    return [{ state: 'failed', what: 'StackStorm login', detail: faultWords(error) }];
  }
  const checks = await tryBotPermissions(stackstorm, botCredential, { streamEvents: catalogEvents });
  const works = (call: PermissionCheck['call']) =>
    checks.some((check) => check.call === call && check.outcome.kind === 'ok');
  return [
    ...checks.map(permissionRow),
    ...(works('actionalias') ? [await aliasRow(stackstorm, botCredential)] : []),
    ...(works('rules') ? [await ruleRow(config, stackstorm, botCredential)] : []),
  ];
}

function permissionRow({ call, permission, outcome }: PermissionCheck): CheckRow {
  const what = `StackStorm ${call}`;
  switch (outcome.kind) {
    case 'ok':
      return { state: 'ok', what, detail: permission ?? '' };
    case 'missing':
      return {
        state: 'failed',
        what,
        detail: `StackStorm does not let the bot account do this. Give it a role with the permission ${permission ?? ''}.`,
      };
    case 'untried':
      return { state: 'skipped', what, detail: 'StackStorm has nothing at the moment to try it on' };
    case 'failed':
      return { state: 'failed', what, detail: faultWords(outcome.error) };
  }
}

async function aliasRow(stackstorm: StackStormClient, botCredential: BotCredential): Promise<CheckRow> {
  const index = new AliasIndex();
  index.replaceAll(await botCredential.use((credential) => stackstorm.aliases(credential)));
  const [...faults] = index.faults;
  if (faults.length === 0) return { state: 'ok', what: 'aliases', detail: `${index.size} read` };
  const names = faults.map(({ ref, representation, reason }) => `${ref}: "${representation}": ${reason}`);
  return {
    state: 'warning',
    what: 'aliases',
    detail: [`${index.size} read; set aside, since nobody could run them:`, ...names].join('\n'),
  };
}

async function ruleRow(
  { stackstorm: { routeKey } }: Config,
  stackstorm: StackStormClient,
  botCredential: BotCredential,
): Promise<CheckRow> {
  const rules = await botCredential.use((credential) => stackstorm.rules(credential));
  return hasNotifyRule(rules, routeKey)
    ? { state: 'ok', what: 'notify rule', detail: `results are announced for the route ${routeKey}` }
    : {
        state: 'warning',
        what: 'notify rule',
        detail: `no enabled rule announces results for the route ${routeKey} (stackstorm.routeKey), so the bot formats them itself and aliases' own result formats are not used. Install StackStorm's chatops pack.`,
      };
}

/** Whether the bot account is a service account, tried on one StackStorm user: StackStorm says so only when it is asked for a token. */
async function serversideRows(
  { auth, stackstorm: { credential } }: Config,
  stackstorm: StackStormClient,
): Promise<CheckRow[]> {
  if (auth.mode !== 'serverside' || credential.kind !== 'password') return [];
  const what = 'service account';
  const [user] = Object.values(auth.serverside.map ?? {});
  if (user === undefined) {
    return [{ state: 'skipped', what, detail: 'nobody is named in auth.serverside.map to try it on' }];
  }
  try {
    await stackstorm.createTokenFor(credential, { user }, 1);
    return [{ state: 'ok', what, detail: `StackStorm gives it tokens of others (tried: ${user})` }];
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    return [
      {
        state: 'failed',
        what,
        detail: `StackStorm gives it no token of ${user}: ${faultWords(error)}. The account must be a service account (docs/serverside.md).`,
      },
    ];
  }
}

/** S9. */
async function passwordRows({ auth }: Config, stackstorm: StackStormClient): Promise<CheckRow[]> {
  if (auth.mode !== 'clientside' || !auth.methods.includes('password')) return [];
  const what = 'password check';
  const probed = await probeAuth(stackstorm);
  switch (probed.kind) {
    case 'ok':
      return [{ state: 'ok', what, detail: 'StackStorm refuses a wrong password' }];
    case 'open-door':
      return [
        {
          state: 'failed',
          what,
          detail:
            'StackStorm’s auth gave a token for a random password, so anyone could log in as anyone. It is probably st2auth in proxy mode, reached past its proxy: point stackstorm.url or stackstorm.authUrl at that proxy, or take "password" out of auth.methods. start refuses until then.',
        },
      ];
    case 'unknown':
      return [{ state: 'failed', what, detail: `could not be told: ${faultWords(probed.error)}` }];
  }
}

/** StackStorm's own words are fit for the operator who asks. */
export function faultWords(error: StackStormError): string {
  const own = error.faultstring === undefined ? '' : `: ${error.faultstring}`;
  const reason = error.cause === undefined ? '' : `: ${errorLine(error.cause)}`;
  const request = error.requestId === undefined ? '' : ` (StackStorm's request ${error.requestId})`;
  switch (error.code) {
    case 'unauthorized':
      return `StackStorm does not take stackstorm.credential${own}${request}`;
    case 'forbidden':
      return `StackStorm does not allow it${own}${request}`;
    case 'unreachable':
      return `nothing that is StackStorm answers at stackstorm.url${reason}`;
    case 'timed-out':
      return 'no answer within stackstorm.timeout';
    default:
      return `${error.message}${own}${request}`;
  }
}
