import { z } from 'zod';

const token = z.object({ token: z.string() });
const execution = z.object({
  id: z.string(),
  status: z.string(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  context: z.looseObject({ user: z.string().optional() }),
});
export type ApiExecution = z.infer<typeof execution>;

const endWords = ['succeeded', 'failed', 'timeout', 'canceled', 'abandoned'];

/** StackStorm's own API as one of its users sees it, past the bot: what really ran. */
export class StackStormApi {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(url: string, userToken: string) {
    this.#url = url;
    this.#headers = { 'x-auth-token': userToken };
  }

  /** The demo's accounts have their names as passwords. */
  static async as(url: string, name: string): Promise<StackStormApi> {
    const response = await fetch(`${url}/auth/v1/tokens`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${name}:${name}`).toString('base64')}`,
      },
      body: '{}',
    });
    return new StackStormApi(url, token.parse(await response.json()).token);
  }

  /** Every execution of the action, newest first. */
  async executions(action: string): Promise<ApiExecution[]> {
    const all: ApiExecution[] = [];
    for (;;) {
      const path = `/api/v1/executions?action=${action}&limit=100&offset=${all.length}`;
      const page = z.array(execution).parse(await this.#get(path));
      all.push(...page);
      if (page.length < 100) return all;
    }
  }

  /** Resolves when the execution has ended. StackStorm's stream says when; before it listens, a GET does. */
  async ended(id: string): Promise<ApiExecution> {
    const events = await this.listen('st2.execution__update');
    try {
      for (;;) {
        const found = execution.parse(await this.#get(`/api/v1/executions/${id}`));
        if (endWords.includes(found.status)) return found;
        await events.next();
      }
    } finally {
      events.close();
    }
  }

  /** The stream's bytes from now on, piece by piece as they come. Close it. */
  async listen(events: string): Promise<{ next(): Promise<string>; close(): void }> {
    const closing = new AbortController();
    const response = await fetch(`${this.#url}/stream/v1/stream?events=${events}`, {
      headers: this.#headers,
      signal: closing.signal,
    });
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const next = async () => {
      const piece = await reader?.read();
      if (piece?.value === undefined) throw new Error('StackStorm ended the stream');
      return decoder.decode(piece.value, { stream: true });
    };
    // The first bytes say that it listens.
    await next();
    return { next, close: () => closing.abort() };
  }

  /** Answers an inquiry, as somebody at StackStorm's own page does. */
  async respond(id: string, response: object): Promise<void> {
    const answer = await fetch(`${this.#url}/api/v1/inquiries/${id}`, {
      method: 'PUT',
      headers: { ...this.#headers, 'content-type': 'application/json' },
      body: JSON.stringify({ id, response }),
    });
    if (!answer.ok) throw new Error(`respond: ${answer.status}`);
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(this.#url + path, { headers: this.#headers });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }
}
