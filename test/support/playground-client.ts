import { z } from 'zod';

const message = z.object({
  id: z.string(),
  ts: z.union([z.string(), z.number()]),
  threadTs: z.union([z.string(), z.number()]).nullish(),
  from: z.string(),
  channel: z.string(),
  text: z.string(),
  blocks: z.array(z.unknown()).nullish(),
  private: z.boolean(),
  edited: z.boolean(),
});
export type ChatLine = z.infer<typeof message>;

const page = z.object({ messages: z.array(message), cursor: z.string().optional() });
const button = z.object({ label: z.string(), url: z.string() });

/** One person at the playground's HTTP API, as the page uses it. */
export class PlaygroundClient {
  readonly #url: string;
  readonly #user: string;

  constructor(url: string, user: string) {
    this.#url = url;
    this.#user = user;
  }

  /** Types a message and answers its id. */
  async say(channel: string, text: string, extra: Readonly<Record<string, string>> = {}): Promise<string> {
    const response = await fetch(`${this.#url}/playground/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: this.#user, channel, text, ...extra }),
    });
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    return z.object({ id: z.string() }).parse(await response.json()).id;
  }

  /** Everything that this person sees in a channel now. */
  async read(channel: string, after?: string): Promise<ChatLine[]> {
    return (await this.#page(channel, after, 0)).messages;
  }

  /** The first message after `after` from the bot that fits; waits for it as long as the signal lets it. */
  async waitFor(
    channel: string,
    after: string,
    fits: (line: ChatLine) => boolean,
    timeoutMs = 15_000,
  ): Promise<ChatLine> {
    const deadline = Date.now() + timeoutMs;
    let cursor = after;
    const seen: ChatLine[] = [];
    for (;;) {
      const left = deadline - Date.now();
      if (left <= 0) {
        throw new Error(
          `${this.#user} saw no such message in ${channel}; saw:\n${seen.map((line) => JSON.stringify(line)).join('\n')}`,
        );
      }
      const { messages, cursor: next } = await this.#page(channel, cursor, Math.min(left, 2_000));
      seen.push(...messages);
      const found = messages.find((line) => line.from === 'bot' && fits(line));
      if (found !== undefined) return found;
      cursor = next ?? cursor;
    }
  }

  /** Says something and answers the bot's first message that fits. */
  async ask(
    channel: string,
    text: string,
    fits: (line: ChatLine) => boolean = () => true,
  ): Promise<ChatLine> {
    return this.waitFor(channel, await this.say(channel, text), fits);
  }

  async #page(channel: string, after: string | undefined, waitMs: number) {
    const query = new URLSearchParams({ user: this.#user, channel, waitMs: String(waitMs) });
    if (after !== undefined) query.set('after', after);
    const response = await fetch(`${this.#url}/playground/api/messages?${query}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return page.parse(await response.json());
  }
}

/** The URL of the login button in a message. */
export function loginUrl(line: ChatLine): string {
  return linkIn(line);
}

/** The URL of the first button that has one, anywhere in it. */
export function linkIn(answer: unknown): string {
  const url = findButton(answer);
  if (url === undefined) throw new Error(`no button with a URL in ${JSON.stringify(answer)}`);
  return url;
}

function findButton(value: unknown): string | undefined {
  const found = button.safeParse(value);
  if (found.success) return found.data.url;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const url = findButton(inner);
    if (url !== undefined) return url;
  }
  return undefined;
}
