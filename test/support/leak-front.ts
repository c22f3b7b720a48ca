import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { cliCommand } from './cli-command.ts';
import type { Front, FrontAnswer } from './nginx.ts';
import type { SlackEmulator } from './slack/emulator.ts';

/** What a request carries that no log may keep. */
export interface WordsOnTheWay {
  readonly inQuery: string;
  readonly inHeader: string;
}

/** Cookies, and who they are for; what a browser of one person sends. */
export class FrontBrowser {
  readonly #front: Front;
  readonly #words: WordsOnTheWay;
  readonly #cookies = new Map<string, string>();
  /** What was answered, without the headers that are this browser's alone. */
  readonly answers: string[] = [];
  readonly secrets: string[] = [];

  constructor(front: Front, words: WordsOnTheWay) {
    this.#front = front;
    this.#words = words;
  }

  async get(path: string): Promise<FrontAnswer> {
    return this.#kept(await this.#front.ask(path, { headers: this.#headers() }));
  }

  async post(
    step: string,
    body: string | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<FrontAnswer> {
    const page = {
      'content-type': 'application/json',
      origin: this.#front.origin,
      'sec-fetch-site': 'same-origin',
    };
    return this.#kept(
      await this.#front.ask(`/login/api/${step}?${this.#words.inQuery}`, {
        method: 'POST',
        headers: { ...this.#headers(), ...page, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
  }

  #headers(): Record<string, string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      'user-agent': `browser ${this.#words.inHeader}`,
      referer: `https://elsewhere.example/${this.#words.inHeader}`,
      ...(cookie === '' ? {} : { cookie }),
    };
  }

  #kept(answer: FrontAnswer): FrontAnswer {
    this.answers.push(`${answer.status} ${answer.headers['content-type']} ${answer.body}`);
    for (const set of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(name, value);
      if (value !== '') this.secrets.push(value);
    }
    return answer;
  }
}

/** A bot of its own process, installed by OAuth, and what it says. */
export async function processes(t: TestContext, slack: SlackEmulator, file: string) {
  let output = '';
  const start = async () => {
    const from = output.length;
    const [command, ...first] = cliCommand;
    const child = spawn(command, [...first, 'start', '--config', file], {
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        slack.world.core.touch();
      });
    }
    const running = new Promise<void>((resolve, reject) => {
      child.once('close', () => reject(new Error(`the bot ended: ${output.slice(from)}`)));
      child.stdout.on('data', () => {
        if (output.slice(from).includes('the bot is running')) resolve();
      });
    });
    await running;
    return async (signal: NodeJS.Signals) => {
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    };
  };
  return { start, output: () => output };
}
