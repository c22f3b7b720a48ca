import { ChatError, type ChatUser } from '../../src/chat/chat.ts';
import { createLoginApp } from '../../src/login/app.ts';
import { loadAssets } from '../../src/login/assets.ts';
import { type CertificateOptions, createCertificateCheck } from '../../src/login/certificate-check.ts';
import { createLoginCookie } from '../../src/login/cookie.ts';
import type { LoginMethod } from '../../src/login/credentials.ts';
import { createSignInLeg, type SignInLegParts } from '../../src/login/sign-in.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import type { SessionOptions } from '../../src/sessions/context.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import type { Store } from '../../src/storage/store.ts';
import { json, type Script, type ScriptedServer, startScripted } from './scripted-server.ts';
import { issueLink, type SessionRig, sessionOptions, sessionRig } from './sessions.ts';

/** What StackStorm would make of alice, her token and her key; the rest is 401, as FACTS.md says. */
export const stackstormScript: Script = (request, response) => {
  const unauthorized = () => json(response, 401, { faultstring: 'Unauthorized' });
  if (request.path === '/auth/v1/tokens') {
    const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString('utf8');
    if (basic !== 'alice:pass:word ✓') {
      json(response, 401, { faultstring: 'Invalid or missing credentials' });
      return;
    }
    const expiry = '2026-11-22T20:00:00.123456Z';
    json(response, 201, { user: 'alice', token: 'made-for-alice', expiry, metadata: {} });
    return;
  }
  const { 'x-auth-token': token, 'st2-api-key': apiKey } = request.headers;
  if (token === 'made-for-alice' || token === 'token-of-alice') {
    const authentication = { method: 'authentication token', token_expire: '2026-11-22T20:00:00Z' };
    json(response, 200, { username: 'alice', authentication });
  } else if (apiKey === 'key-of-alice') {
    json(response, 200, { username: 'alice', authentication: { method: 'API key' } });
  } else {
    unauthorized();
  }
};

export interface LoginRigOptions {
  readonly publicUrl?: string;
  readonly methods?: readonly LoginMethod[];
  readonly trustedProxies?: readonly string[];
  readonly script?: Script;
  readonly timeoutMs?: number;
  readonly sessions?: Partial<SessionOptions>;
  /** With `sessions.confirm: "slack"`: how people sign in at their chat platform. */
  readonly signIn?: SignInLegParts['of'];
  /** Logins are bound to client certificates, which are judged by the real time. */
  readonly certificates?: Omit<CertificateOptions, 'trustedProxies'>;
  /** What the bot has for its storage. */
  readonly storage?: (store: Store) => Store;
}

/** The login app on real storage, in front of a StackStorm that is a real HTTP server. */
export class LoginRig {
  readonly rig: SessionRig;
  readonly server: ScriptedServer;
  readonly publicUrl: string;
  readonly app: ReturnType<typeof createLoginApp>;
  readonly logins: ReturnType<typeof createMetrics>['logins'];
  /** Whether S9's probe has found that StackStorm checks passwords. */
  readonly passwords = { isOpen: true };
  /** `userName`: what a person calls themselves, instead of their id. */
  readonly profiles: { isDown: boolean; userName?: string; email?: string } = { isDown: false };
  readonly #close: () => Promise<void>;

  static async create(options: LoginRigOptions = {}): Promise<LoginRig> {
    const publicUrl = options.publicUrl ?? 'http://127.0.0.1:3141';
    const { storage = (store) => store } = options;
    const rig = await sessionRig({ publicUrl, ...options.sessions }, async ({ now }) =>
      storage(await openSqlite({ path: ':memory:', now })),
    );
    const server = await startScripted(options.script ?? stackstormScript);
    const assets = await loadAssets(new URL('../../static/login/', import.meta.url));
    return new LoginRig(rig, server, assets, { ...options, publicUrl });
  }

  /** Use {@link LoginRig.create}. */
  private constructor(
    rig: SessionRig,
    server: ScriptedServer,
    assets: Awaited<ReturnType<typeof loadAssets>>,
    options: LoginRigOptions & { publicUrl: string },
  ) {
    this.rig = rig;
    this.server = server;
    this.publicUrl = options.publicUrl;
    const stackstorm = createStackStorm({ url: server.url, timeoutMs: options.timeoutMs });
    const metrics = createMetrics();
    const profile = async (user: ChatUser) => {
      if (this.profiles.isDown) throw new ChatError('unavailable', 'chat_is_down');
      const email = this.profiles.email ?? `${user.id}@example.com`;
      return {
        platformName: 'Playground',
        workspaceName: 'Demo',
        userName: this.profiles.userName ?? user.id,
        email,
      };
    };
    const trustedProxies = options.trustedProxies ?? [];
    this.logins = metrics.logins;
    this.app = createLoginApp(
      {
        sessions: rig.sessions,
        stackstorm,
        cookie: createLoginCookie(rig.encryption, new URL(options.publicUrl)),
        passwords: this.passwords,
        profile,
        assets,
        ...(options.certificates && {
          certificates: createCertificateCheck(
            { profile, sessions: rig.sessions, logger: rig.logger, now: Date.now },
            { ...options.certificates, trustedProxies },
          ),
        }),
        ...(options.signIn && {
          signIn: createSignInLeg(
            { ...rig, of: options.signIn, now: rig.clock.now },
            new URL(options.publicUrl),
          ),
        }),
        metrics,
        logger: rig.logger,
        now: rig.clock.now,
      },
      {
        publicUrl: options.publicUrl,
        methods: options.methods ?? ['password', 'token', 'apiKey'],
        tokenTtl: sessionOptions.sessionTtl,
        trustedProxies,
      },
    );
    this.#close = async () => {
      await stackstorm.close();
      await server.close();
      await rig.store.close();
    };
  }

  /** One request, from a peer at `from`. */
  request(path: string, init: RequestInit = {}, from = '127.0.0.1'): Promise<Response> {
    const env = { incoming: { socket: { remoteAddress: from } } };
    return Promise.resolve(this.app.request(new URL(path, this.publicUrl).href, init, env));
  }

  browser(): Browser {
    return new Browser(this);
  }

  /** A browser that comes through a proxy: its headers, and the proxy's address. */
  browserOver(headers: Readonly<Record<string, string>>, from: string): Browser {
    return new Browser(this, headers, from);
  }

  /** A browser in which a new link of alice's is open. */
  async opened(): Promise<Browser> {
    const browser = this.browser();
    const { status } = await browser.open((await issueLink(this.rig.sessions)).link);
    if (status !== 200) throw new Error(`open answered ${status}`);
    return browser;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

export interface ApiAnswer {
  readonly status: number;
  /** Of a problem, else `ok`. */
  readonly code: unknown;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/** The page's own requests: same origin, and the cookie kept. */
export class Browser {
  readonly #rig: LoginRig;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #from: string | undefined;
  cookie: string | undefined;
  login: unknown;

  constructor(rig: LoginRig, headers: Readonly<Record<string, string>> = {}, from?: string) {
    this.#rig = rig;
    this.#headers = headers;
    this.#from = from;
  }

  async open(link: unknown): Promise<ApiAnswer> {
    const answer = await this.post('open', { link });
    if (answer.status === 200) this.login = answer.body['login'];
    return answer;
  }

  current(): Promise<ApiAnswer> {
    return this.#send('login', { headers: { 'sec-fetch-site': 'same-origin' } });
  }

  authenticate(input: Readonly<Record<string, unknown>>): Promise<ApiAnswer> {
    return this.post('authenticate', { login: this.login, secret: 'plum', ...input });
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    const { origin } = new URL(this.#rig.publicUrl);
    return this.#send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  async #send(path: string, init: RequestInit): Promise<ApiAnswer> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#headers)) headers.set(name, value);
    if (this.cookie !== undefined) headers.set('cookie', this.cookie);
    return this.#read(await this.#rig.request(`/login/api/${path}`, { ...init, headers }, this.#from));
  }

  async #read(response: Response): Promise<ApiAnswer> {
    for (const set of response.headers.getSetCookie()) {
      this.cookie = /max-age=0/i.test(set) ? undefined : set.split(';')[0];
    }
    const body: unknown = JSON.parse(await response.text());
    if (typeof body !== 'object' || body === null) throw new TypeError('not a JSON object');
    const record = Object.fromEntries(Object.entries(body));
    return {
      status: response.status,
      code: response.ok ? 'ok' : record['code'],
      body: record,
      headers: response.headers,
    };
  }
}

/** alice's password, with a colon and a character that is not ASCII in it. */
export const alicePassword = { method: 'password', username: 'alice', password: 'pass:word ✓' };
