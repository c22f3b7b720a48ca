import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { Hono } from 'hono';
import { pino } from 'pino';
import { createSlackInstall, type SlackInstallOptions } from '../../../src/chat/slack/install.ts';
import type { AuditRecord } from '../../../src/ops/audit.ts';
import { createEncryption } from '../../../src/storage/aes-gcm.ts';
import { openSqlite } from '../../../src/storage/sqlite.ts';
import type { Store } from '../../../src/storage/store.ts';
import { listen } from '../listen.ts';
import { ManualClock, Time } from '../manual-clock.ts';
import { TestAudit } from '../sessions.ts';
import { type SlackEmulator, startSlack } from './emulator.ts';
import type { AppOptions } from './world-apps.ts';

const encryption = createEncryption([randomBytes(32)]);

/** What a test changes of the install. */
export interface InstallChanges extends Partial<SlackInstallOptions> {
  readonly app?: AppOptions;
  /** Instances that share the Store. */
  readonly instances?: number;
}

/** A Slack, by its addresses and what it knows of the app. */
export interface SlackSide {
  readonly apiUrl: string;
  /** Tells Slack where the app's pages are. */
  register(redirectUrls: readonly string[]): AppSide;
}

interface AppSide {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
}

/** The install's pages on real sockets, in front of an emulated Slack. */
export async function installRig(
  t: TestContext,
  slack: SlackEmulator,
  time: Time,
  { app: appOptions, ...changes }: InstallChanges = {},
) {
  const app = slack.app({ botScopes: ['chat:write', 'im:write', 'commands'], ...appOptions });
  const { clientId, clientSecret, botScopes: scopes } = app;
  const register = (urls: readonly string[]) => {
    app.redirectUrls.push(...urls);
    return { clientId, clientSecret, scopes };
  };
  return { app, ...(await installPages(t, { apiUrl: slack.apiUrl, register }, time, changes)) };
}

/** The same, in front of any Slack. */
export async function installPages(
  t: TestContext,
  slack: SlackSide,
  time: Time,
  { instances: count = 1, ...options }: Omit<InstallChanges, 'app'> = {},
) {
  const store: Store = await openSqlite({ path: ':memory:', now: () => time.at });
  t.after(() => store.close());
  const audit = new TestAudit();
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const hono = new Hono();
      const server = await listen(hono);
      t.after(() => server.close());
      return { hono, server };
    }),
  );
  const app = slack.register(servers.map(({ server }) => `${server.url}/slack/oauth_redirect`));
  const made = await Promise.all(
    servers.map(async ({ hono, server }) => {
      const clock = new ManualClock(time);
      const install = await createSlackInstall(
        { store, encryption, audit, logger, clock },
        {
          ...app,
          stateTtl: 600_000,
          // One public address: a balancer stands in front of several.
          publicUrl: servers[0]?.server.url ?? server.url,
          apiUrl: slack.apiUrl,
          trustedProxies: [],
          pipeline: ['greet', 'audit'],
          folder: '/',
          greeting: { text: 'Hello. Say help.' },
          ...options,
        },
      );
      t.after(() => install.close());
      install.mount(hono);
      return { url: server.url, install, clock };
    }),
  );
  const [first] = made;
  if (first === undefined) throw new Error('no instance');
  const records: readonly AuditRecord[] = audit.records;
  return { ...first, instances: made, store, audit, records, lines };
}

/** Who a person says they are on Slack's page, and what they press. */
export interface Consent {
  readonly user: string;
  readonly workspace: string;
  readonly decision?: 'allow' | 'deny';
  readonly org?: 'yes';
}

/** A browser with its cookies. */
export class InstallBrowser {
  #cookie: string | undefined;
  /** Every address that it went to, ours and Slack's. */
  readonly visited: string[] = [];

  async get(url: string): Promise<Response> {
    this.visited.push(url);
    const headers = this.#cookie === undefined ? {} : { cookie: this.#cookie };
    const response = await fetch(url, { redirect: 'manual', headers });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.#cookie = set.split(';')[0] ?? '';
    return response;
  }

  /** Presses "Add to Slack"; answers the address of Slack's page. */
  async begin(url: string): Promise<string> {
    return locationOf(await this.get(`${url}/slack/install/start`));
  }

  /** Decides on Slack's page; answers the address that Slack leads back to. */
  async consent(
    authorizeUrl: string,
    { user, workspace, decision = 'allow', ...org }: Consent,
  ): Promise<string> {
    this.visited.push(authorizeUrl);
    const body = new URLSearchParams({ user, workspace, decision, ...org });
    return locationOf(await fetch(authorizeUrl, { method: 'POST', body, redirect: 'manual' }));
  }

  /** All of it. */
  async install(url: string, consent: Consent): Promise<Response> {
    return this.get(await this.consent(await this.begin(url), consent));
  }
}

export function locationOf(response: Response): string {
  const location = response.headers.get('location');
  if (response.status !== 302 || location === null) throw new Error(`no redirect but ${response.status}`);
  return location;
}

/** One workspace with alice in it, and the install's pages. */
export async function acmeInstall(t: TestContext, changes: InstallChanges = {}) {
  const time = new Time();
  const slack = await startSlack(t, { now: () => time.at });
  const team = slack.workspace({ id: 'T024', name: 'Acme <& Co>' });
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const rig = await installRig(t, slack, time, changes);
  return { ...rig, time, slack, team, alice, consent: { user: 'U0ALICE', workspace: 'T024' } as const };
}
