import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { PersonName } from '../../src/chat/playground/places.ts';
import { PlaygroundSignIn } from '../../src/chat/playground/sign-in.ts';
import type { ProvenPerson, SignInAnswer } from '../../src/chat/sign-in.ts';
import { alicePassword, LoginRig } from './login-rig.ts';
import { issueLink } from './sessions.ts';

export const publicUrl = 'https://chatops.example.com';
export const proxy = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };
export const sessionCookie = '__Host-bolt-stackstorm-login';
export const oidcCookie = '__Host-oidc';

/** A platform whose word a test may change, and hears what it was asked. */
class WatchedSignIn extends PlaygroundSignIn {
  readonly asked: SignInAnswer[] = [];
  answer: (() => Promise<ProvenPerson>) | undefined;

  override async prove(answer: SignInAnswer): Promise<ProvenPerson> {
    this.asked.push(answer);
    const proven = await super.prove(answer);
    return this.answer === undefined ? proven : { ...proven, ...(await this.answer()) };
  }
}

export async function confirming(t: TestContext) {
  const platform = new WatchedSignIn(undefined, Date.now);
  const rig = await LoginRig.create({
    publicUrl,
    trustedProxies: ['127.0.0.1'],
    sessions: { confirm: 'slack' },
    signIn: (user) => (user.platform === 'playground' ? platform : undefined),
  });
  t.after(() => rig[Symbol.asyncDispose]());
  const { records } = rig.rig.audit;
  const outcomes = () => records.map(({ event, outcome }) => `${event} ${outcome}`);
  return { rig, platform, outcomes, ...rig.rig };
}

type Confirming = Awaited<ReturnType<typeof confirming>>;

/** A browser with a jar, which keeps Strict cookies at home where another site leads it here. */
export class Browser {
  readonly jar = new Map<string, string>();
  readonly #rig: LoginRig;
  login = '';

  constructor({ rig }: Pick<Confirming, 'rig'>) {
    this.#rig = rig;
  }

  async api(path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await this.#send(`/login/api/${path}`, [...this.jar.keys()], {
      ...init,
      headers: { 'content-type': 'application/json', origin: publicUrl, 'sec-fetch-site': 'same-origin' },
    });
    return { status: response.status, body: await response.json() };
  }

  async open(link: string) {
    const opened = await this.api('open', { link });
    this.login = String(opened.body['login']);
    return opened;
  }

  /** Presses the button; answers the platform's page. */
  async begin(): Promise<URL> {
    const { status, body } = await this.api('sign-in', { login: this.login });
    assert.equal(status, 200, JSON.stringify(body));
    return new URL(String(body['url']));
  }

  /** The platform leads back, from its own site. */
  async back(query: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
    const response = await this.#send(`/login/oidc/callback?${new URLSearchParams(query)}`, [oidcCookie], {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', ...headers },
    });
    const text = await response.text();
    const title = /<h1>([^<]*)<\/h1>/u.exec(text)?.[1] ?? '';
    return { status: response.status, title, text: text.replace(/\s+/gu, ' '), headers: response.headers };
  }

  authenticate() {
    return this.api('authenticate', { login: this.login, secret: 'plum', ...alicePassword });
  }

  async #send(path: string, cookies: readonly string[], init: RequestInit): Promise<Response> {
    const headers = new Headers({ ...proxy, ...Object.fromEntries(new Headers(init.headers)) });
    const held = cookies.flatMap((name) => (this.jar.has(name) ? [`${name}=${this.jar.get(name)}`] : []));
    if (held.length > 0) headers.set('cookie', held.join('; '));
    const response = await this.#rig.request(path, { ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(set) ?? [];
      if (/max-age=0/iu.test(set)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return response;
  }
}

/** What the platform leads back with once somebody has said who they are. */
export function allowed(platform: PlaygroundSignIn, page: URL, person: PersonName = 'alice') {
  const of = (name: string) => page.searchParams.get(name) ?? '';
  const code = platform.allow({
    person,
    nonce: of('nonce'),
    redirectUri: of('redirect_uri'),
    codeChallenge: of('code_challenge'),
  });
  return { code, state: of('state') };
}

export async function openedBrowser(rig: Confirming): Promise<Browser> {
  const browser = new Browser(rig);
  const { status } = await browser.open((await issueLink(rig.sessions)).link);
  assert.equal(status, 200);
  return browser;
}
