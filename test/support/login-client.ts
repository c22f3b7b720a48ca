import { z } from 'zod';

const opened = z.looseObject({ login: z.string(), attemptsLeft: z.number() });

/** The answer of the login API: its status and its JSON. */
export interface LoginAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** A browser at the login API without a page: keeps the cookie, sends what a same-origin fetch sends. */
export class LoginClient {
  readonly #origin: string;
  #cookie: string | undefined;
  #login: string | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The same browser, with the cookie and login that it holds, at another instance. */
  at(origin: string): LoginClient {
    const there = new LoginClient(origin);
    there.#cookie = this.#cookie;
    there.#login = this.#login;
    return there;
  }

  /** Opens a link given as the button's URL or as `<uuid>.<key>`. */
  async open(link: string): Promise<LoginAnswer> {
    const answer = await this.post('open', {
      link: link.includes('#') ? link.slice(link.indexOf('#') + 1) : link,
    });
    if (answer.status === 200) this.#login = opened.parse(answer.body).login;
    return answer;
  }

  async authenticate(body: Readonly<Record<string, string>>): Promise<LoginAnswer> {
    return this.post('authenticate', {
      ...(this.#login === undefined ? {} : { login: this.#login }),
      ...body,
    });
  }

  async password(secret: string, username: string, password: string): Promise<LoginAnswer> {
    return this.authenticate({ secret, method: 'password', username, password });
  }

  async post(path: string, body: unknown): Promise<LoginAnswer> {
    const response = await fetch(`${this.#origin}/login/api/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: this.#origin,
        'sec-fetch-site': 'same-origin',
        ...(this.#cookie === undefined ? {} : { cookie: this.#cookie }),
      },
      body: JSON.stringify(body),
    });
    const set = response.headers.getSetCookie()[0];
    if (set !== undefined) this.#cookie = set.split(';')[0];
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? {} : z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
      headers: response.headers,
    };
  }
}
