import type { Config } from '../config/schema.ts';
import { configWarnings } from '../config/warnings.ts';
import { AuditFile } from '../ops/audit-file.ts';
import { errorLine } from '../ops/described-error.ts';
import { createLogger } from '../ops/logger.ts';
import { connectionOf, type Environment, proxiesOf } from '../parts.ts';
import { readEncryption } from '../storage/aes-gcm.ts';
import { checkStorageKeys } from '../storage/key-check.ts';
import { openStore } from '../storage/open-store.ts';
import type { CheckRow } from './check-report.ts';
import { checkSlack } from './check-slack.ts';
import { checkStackStorm } from './check-stackstorm.ts';

/**
 * What `bolt-stackstorm check` finds out about a config that is valid: what to be warned about, the numbers that bound
 * guessing (S6), and every connection, tried. Makes the storage and the audit file where they are missing, as a start would.
 */
export async function check(config: Config, environment: Environment): Promise<CheckRow[]> {
  return [
    ...configWarnings(config).map(warningRow),
    ...limitRows(config),
    await tried('storage', async () => {
      const store = await openStore(config.storage.url);
      try {
        await store.ping();
        await checkStorageKeys(store, readEncryption(config.encryption.keys));
      } finally {
        await store.close();
      }
      return 'opens and answers';
    }),
    await tried('audit log', async () => {
      const audit = new AuditFile(
        { ...config.ops.audit, required: true },
        { logger: createLogger({ level: 'silent' }), now: Date.now },
      );
      await audit.open();
      await audit.close();
      return config.ops.audit.file;
    }),
    ...(await stackstormRows(config, environment)),
    ...(await slackRows(config, environment)),
  ];
}

function warningRow(warning: string): CheckRow {
  const [, key = '', detail = warning] = /^(\S+): (.*)$/s.exec(warning) ?? [];
  return { state: 'warning', what: key, detail };
}

/** What `auth.confirm` asks of people. */
const confirmations = {
  off: 'none: whoever logs in on a link logs in for the chat user whose link it is',
  code: 'a code that the page shows and its chat user enters in chat: 3 tries, while the login lives',
  slack: 'signing in to chat as the chat user whose link it is, before the form',
} as const;

function limitRows({ auth, commands, executions }: Config): CheckRow[] {
  const bounds: CheckRow[] = [
    note(
      'commands',
      `${commands.maxLength} characters at most; ${executions.maxMatches} runs by one command`,
    ),
  ];
  if (auth.mode === 'standalone') return bounds;
  const { openFailures, loginFailures, links } = auth.limits;
  return [
    ...bounds,
    note('links', `${links.count} in ${time(links.window)} and chat user; each lives ${time(auth.linkTtl)}`),
    note('wrong links', `${openFailures.count} in ${time(openFailures.window)} and address`),
    note(
      'failed logins',
      `${auth.maxAttempts} a login, ${loginFailures.count} in ${time(loginFailures.window)} and chat user`,
    ),
    note('confirmation', confirmations[auth.confirm]),
    note('client certificates', certificates(auth)),
    note(
      'sessions',
      `${time(auth.sessionTtl)} at most${auth.idleTtl === undefined ? '' : `, ${time(auth.idleTtl)} unused`}; tokens are asked for ${time(auth.tokenTtl)}`,
    ),
  ];
}

function certificates({ clientCertificate: bound }: Config['auth']): string {
  if (bound === undefined) return 'logins are not bound to them (auth.clientCertificate)';
  const by =
    bound.match === 'email'
      ? 'e-mail address'
      : bound.match === 'cn'
        ? 'common name'
        : 'auth.clientCertificate.match.map';
  return `${bound.required ? 'needed' : 'whoever shows one'}, and must be the chat user’s, by ${by}`;
}

function note(what: string, detail: string): CheckRow {
  return { state: 'note', what, detail };
}

async function stackstormRows(config: Config, environment: Environment): Promise<CheckRow[]> {
  try {
    return await checkStackStorm(config, await connectionOf(config, environment));
  } catch (error) {
    return [{ state: 'failed', what: 'StackStorm', detail: errorLine(error) }];
  }
}

async function slackRows(config: Config, environment: Environment): Promise<CheckRow[]> {
  try {
    return await checkSlack(config, proxiesOf(environment));
  } catch (error) {
    return [{ state: 'failed', what: 'Slack', detail: errorLine(error) }];
  }
}

async function tried(what: string, run: () => Promise<string>): Promise<CheckRow> {
  try {
    return { state: 'ok', what, detail: await run() };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? `: ${errorLine(error.cause)}` : '';
    return { state: 'failed', what, detail: `${errorLine(error)}${cause}` };
  }
}

/** Ms in the largest unit that is whole: `12 h`. */
function time(ms: number): string {
  const units: readonly [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const [size, unit] = units.find(([each]) => ms % each === 0) ?? [1, 'ms'];
  return `${ms / size} ${unit}`;
}
