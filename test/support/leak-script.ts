import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { demoBot } from '../../src/demo/stackstorm/stackstorm.ts';
import { withPage } from './browser.ts';
import type { Demo } from './demo-process.ts';
import type { Treasure } from './leak-search.ts';
import type { EchoingStackStorm } from './leak-stackstorm.ts';
import { LoginClient } from './login-client.ts';
import { alertOf, heading } from './login-page.ts';
import { linkIn, loginUrl, PlaygroundClient } from './playground-client.ts';
import { bytesOf, type HttpRecord } from './record-http.ts';

/** What people type in the run. Each looks different in every way of writing it. */
export const typed = {
  secret: 'sécret-Zq7"plum/+%41\\tree',
  wrongSecret: 'guéss-Xk2"prune/+%42\\bush',
  dialogSecret: 'dïalog-Qw6"word/+%57\\here',
  publicSecret: 'öpen-Fy7/"+%43\\channel',
  password: 'pässword-Vn9"right/+%44\\ Ω',
  wrongPassword: 'wröng-Dp3"password/+%45\\ Ω',
  nameField: 'näme-Rt4"field/+%46\\ Ω',
  token: 'token-Jm3"of/+%47\\bob~&<>',
  wrongToken: 'token-Wu8"of/+%48\\nobody~&<>',
  apiKey: 'apikey-Hs8"of/+%49\\admin~&<>',
  wrongApiKey: 'apikey-Ce1"of/+%50\\nobody~&<>',
  parameter: 'pärameter-Bw6/+%51\\secret',
  refusedParameter: 'cöunt-Gd1/+%52\\refused',
  unknownCommand: 'fröbnicate-Lc5"/+%53\\this',
  malformedLogin: 'mälformed-Ek0"/+%54\\login',
  malformedChat: 'mälformed-Ab4"/+%55\\chat',
} as const;

/** What people do in the run, and what they typed and were given. */
export class LeakScript {
  #demo: Demo;
  readonly #stackstorm: EchoingStackStorm;
  readonly #said: string[] = [];
  /** To whom each was given. */
  readonly #links = new Map<string, string>();
  /** Those that stood in the answer to a dialog. */
  readonly #dialogLinks: string[] = [];
  readonly #wrongKey = randomBytes(32).toString('base64url');
  /** What the browser showed and kept. */
  readonly inBrowser: string[] = [];

  constructor(demo: Demo, stackstorm: EchoingStackStorm) {
    this.#demo = demo;
    this.#stackstorm = stackstorm;
  }

  async everything(browser: Browser | undefined): Promise<void> {
    await this.#say('alice', 'general', `!session_start ${typed.publicSecret}`);
    await this.#asksByDialog('admin');
    await this.#aliceLogsIn(browser);
    await this.#logIn('bob', [
      { method: 'token', token: typed.wrongToken },
      { method: 'token', token: typed.token },
    ]);
    await this.#logIn('admin', [
      { method: 'apiKey', apiKey: typed.wrongApiKey },
      { method: 'apiKey', apiKey: typed.apiKey },
    ]);
    await this.#oddRequests();
    const commands = [
      `!st2 rotate db1 ${typed.parameter}`,
      `!st2 scale api to ${typed.refusedParameter}`,
      `!st2 ${typed.unknownCommand}`,
      `!${typed.unknownCommand}`,
      '!help',
      '!whoami',
    ];
    for (const command of commands) await this.#say('alice', 'general', command);
    await this.#result('alice', 'db1 has its new password');
    await this.#say('bob', 'general', `!st2 rotate db1 ${typed.parameter}`);
    await this.#say('admin', 'dm', '!session_list');
    await this.#trouble();
    await this.#say('admin', 'dm', '!session_cancel bob');
  }

  /** After a restart on the same database. */
  async again(demo: Demo): Promise<void> {
    this.#demo = demo;
    await this.#say('alice', 'dm', `!st2 rotate db2 ${typed.parameter}`);
    await this.#result('alice', 'db2 has its new password', 'dm');
    await this.#say('alice', 'dm', '!session_end');
  }

  /** The button of the bot's page, a word that is refused, and one that becomes a link, which is opened. */
  async #asksByDialog(person: string): Promise<void> {
    const call = async (path: string, body: object): Promise<unknown> => {
      const answer = await fetch(`${this.#demo.url}/playground/api/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user: person, ...body }),
      });
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
      return answer.json();
    };
    const button = { action: 'session_start', value: 'session_start' };
    const opened = z.object({ form: z.object({ id: z.string() }) }).parse(await call('actions', button));
    const form = opened.form.id;
    await call('forms', { form, fields: { word: `${typed.dialogSecret}${'x'.repeat(200)}` } });
    const url = linkIn(await call('forms', { form, fields: { word: typed.dialogSecret } }));
    this.#links.set(url, person);
    this.#dialogLinks.push(url);
    const login = new LoginClient(this.#demo.url);
    await expect(login.open(url), 200);
    await expect(login.password(typed.wrongSecret, 'admin', typed.wrongPassword), 401);
  }

  async #aliceLogsIn(browser: Browser | undefined): Promise<void> {
    if (browser === undefined) {
      const login = await this.#open('alice');
      await expect(login.password(typed.wrongSecret, 'alice', typed.password), 401);
      await expect(login.password(typed.secret, typed.nameField, typed.wrongPassword), 401);
      await expect(login.password(typed.secret, 'alice', typed.password), 200);
      return;
    }
    const link = await this.#link('alice');
    await withPage(browser, this.#demo.url, async (page) => {
      await page.goto(link);
      const attempt = async (secret: string, name: string, password: string) => {
        await page.getByLabel('Your secret word').fill(secret);
        await page.getByLabel('StackStorm user name').fill(name);
        await page.getByLabel('StackStorm password').fill(password);
        await page.getByRole('button', { name: 'Log in' }).click();
      };
      const look = async () => {
        const kept =
          'JSON.stringify([location.href, {...localStorage}, {...sessionStorage}, document.cookie])';
        this.inBrowser.push(await page.content(), String(await page.evaluate(kept)));
        this.inBrowser.push(JSON.stringify(await page.context().cookies()));
      };
      await attempt(typed.wrongSecret, 'alice', typed.password);
      await alertOf(page);
      await look();
      await attempt(typed.secret, typed.nameField, typed.wrongPassword);
      await page.getByRole('alert').getByText('does not take this login').waitFor();
      await look();
      await attempt(typed.secret, 'alice', typed.password);
      await heading(page).getByText('You are logged in').waitFor();
      await look();
    });
  }

  /** The last try is the right one. */
  async #logIn(person: string, tries: readonly Readonly<Record<string, string>>[]): Promise<void> {
    const login = await this.#open(person);
    for (const [index, credentials] of tries.entries()) {
      const isLast = index === tries.length - 1;
      await expect(login.authenticate({ secret: typed.secret, ...credentials }), isLast ? 200 : 401);
    }
  }

  /** Bodies that are no JSON, links that are none, a link that is used. */
  async #oddRequests(): Promise<void> {
    const { url } = this.#demo;
    const nobody = new LoginClient(url);
    await expect(nobody.open(`${randomUUID()}.${this.#wrongKey}`), 404);
    await expect(nobody.open(this.#wrongKey), 404);
    for (const link of this.#links.keys()) await expect(nobody.open(link), 410);
    for (const [path, words, more] of [
      ['login/api/authenticate', typed.malformedLogin, { 'sec-fetch-site': 'same-origin' }],
      ['login/api/open', typed.malformedLogin, { 'sec-fetch-site': 'same-origin' }],
      ['playground/api/messages', typed.malformedChat, {}],
    ] as const) {
      for (const body of [`{"text": "${words}`, words, JSON.stringify({ [words]: words })]) {
        const answer = await fetch(`${url}/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...more },
          body,
        });
        if (answer.status < 400) throw new Error(`${path} took ${answer.status}`);
        await answer.arrayBuffer();
      }
    }
  }

  /** StackStorm fails in every way while it repeats all that it hears. */
  async #trouble(): Promise<void> {
    const login = await this.#open('alice');
    const methods = [
      { method: 'password', username: typed.nameField, password: typed.wrongPassword },
      { method: 'token', token: typed.wrongToken },
      { method: 'apiKey', apiKey: typed.wrongApiKey },
    ];
    for (const how of ['page', 'faultstring', 'odd-json', 'no-json'] as const) {
      this.#stackstorm.echo(how);
      for (const credentials of methods) {
        await expect(login.authenticate({ secret: typed.secret, ...credentials }), 502);
      }
      await this.#say('alice', 'general', '!whoami');
      await this.#say('alice', 'general', `!st2 rotate db1 ${typed.parameter}`);
      this.#stackstorm.echo(undefined);
    }
  }

  async #link(person: string): Promise<string> {
    const line = await this.#say(person, 'dm', `!session_start ${typed.secret}`);
    const url = loginUrl(line);
    this.#links.set(url, person);
    return url;
  }

  async #open(person: string): Promise<LoginClient> {
    const login = new LoginClient(this.#demo.url);
    await expect(login.open(await this.#link(person)), 200);
    return login;
  }

  /** Types, and waits for the bot's first word. */
  async #say(person: string, channel: 'general' | 'dm', text: string) {
    this.#said.push(text);
    return new PlaygroundClient(this.#demo.url, person).ask(channel, text);
  }

  async #result(person: string, words: string, channel: 'general' | 'dm' = 'general'): Promise<void> {
    const client = new PlaygroundClient(this.#demo.url, person);
    const [first] = await client.read(channel);
    await client.waitFor(channel, first?.id ?? '', ({ text }) => text.includes(words));
  }

  /** An answer of the chat without what may stand in it: people's own messages, and the URL of the reader's own button. */
  withoutTyped(record: HttpRecord): Buffer {
    let rest = bytesOf(record).toString('latin1');
    const reader = /[?&]user=(?<name>\w+)/u.exec(record.target)?.groups?.['name'];
    const allowed = [
      ...this.#said.flatMap((text) =>
        ['alice', 'bob', 'admin'].flatMap((person) =>
          ['general', 'dm'].map((channel) => {
            const start = `"from":"${person}","channel":"${channel}","text":`;
            return `${start}${JSON.stringify(text)}`;
          }),
        ),
      ),
      ...[...this.#links]
        .filter(([, person]) => person === reader)
        .map(([url]) => url)
        .concat(record.target.includes(' /playground/api/forms') ? this.#dialogLinks : [])
        .map((url) => `{"label":"Log in to StackStorm","url":${JSON.stringify(url)}`),
    ];
    for (const words of allowed) rest = rest.replaceAll(Buffer.from(words).toString('latin1'), '');
    return Buffer.from(rest, 'latin1');
  }

  async treasures(keyFile: string): Promise<Treasure[]> {
    const key = (await readFile(keyFile, 'utf8')).trim();
    const keyPlaces = { mayStandIn: ['bot.sqlite.key after kill -9', 'bot.sqlite.key after the end'] };
    const linkKeys = [...this.#links.keys()].map((url) => url.slice(url.lastIndexOf('.') + 1));
    return [
      ...Object.entries(typed).map(([name, value]) => ({
        name,
        value,
        // StackStorm's own words about a parameter that it refuses are told to whoever typed it.
        ...(name === 'refusedParameter' ? { mayStandIn: ['chat'] } : {}),
      })),
      { name: 'bot credential', value: demoBot.apiKey },
      { name: 'encryption key', value: key, ...keyPlaces },
      { name: 'encryption key, bytes', value: Buffer.from(key, 'base64'), ...keyPlaces },
      ...this.#stackstorm.tokens.map((value, index) => ({ name: `StackStorm's token ${index}`, value })),
      ...[...linkKeys, this.#wrongKey].flatMap((value, index) => [
        { name: `link key ${index}`, value },
        { name: `link key ${index}, bytes`, value: Buffer.from(value, 'base64url') },
      ]),
    ];
  }
}

async function expect(answer: Promise<{ status: number; body: unknown }>, status: number): Promise<void> {
  const got = await answer;
  if (got.status !== status) throw new Error(`${got.status}, not ${status}: ${JSON.stringify(got.body)}`);
}
