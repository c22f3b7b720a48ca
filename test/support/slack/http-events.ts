import { randomBytes } from 'node:crypto';
import type { AppRequest, Dispatcher, Outcome, Patience } from './dispatch.ts';
import { slackSignature } from './signature.ts';
import type { Json } from './world-types.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** How long a test waits for the answer to a request that it makes itself. */
const RAW_TIMEOUT_MS = 10_000;

/** A request as it went to the app. Header names are in lower case. */
export interface SentRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the app answered; 0 when it did not. */
  status: number;
}

/** What the app answered to one request. */
export interface AppAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface PostOptions {
  readonly contentType?: string;
  /** Seconds since the epoch; default: now. */
  readonly timestamp?: number;
  /** Default: the right one. `null` leaves the header away. */
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface HttpTarget {
  readonly signingSecret: string;
  /** Where events, commands and interactions go; undefined: none is configured, and nothing arrives. */
  url(type: AppRequest['type']): string | undefined;
}

/**
 * Signed deliveries to an app's request URL (https://docs.slack.dev/apis/events-api#error-handling): an event that is
 * not answered with a 2xx in time is sent again up to three times, with `x-slack-retry-num` and `x-slack-retry-reason`;
 * commands and interactions never. Slack waits a minute and five before the later retries; here they follow at once.
 */
export class HttpEvents implements Dispatcher {
  /** Every request that was sent, oldest first. */
  readonly sent: SentRequest[] = [];
  readonly #target: HttpTarget;
  readonly #patience: Patience;
  readonly #changed: () => void;
  readonly #closing = new AbortController();
  readonly #now: () => number;

  constructor(target: HttpTarget, patience: Patience, now: () => number, changed: () => void) {
    this.#target = target;
    this.#patience = patience;
    this.#now = now;
    this.#changed = changed;
  }

  async send(request: AppRequest): Promise<Outcome> {
    const url = this.#target.url(request.type);
    const { body, contentType } = encode(request);
    const most = request.type === 'events_api' ? this.#patience.retries : 0;
    let retryReason: string | undefined;
    for (let attempt = 0; ; attempt += 1) {
      const headers =
        retryReason === undefined
          ? {}
          : { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': retryReason };
      const answer =
        url === undefined ? 'connection_failed' : await this.#tryPost(url, body, { contentType, headers });
      const attempts = attempt + 1;
      if (typeof answer !== 'string') {
        if (answer.status >= 200 && answer.status < 300)
          return { acknowledged: true, response: decode(answer), attempts };
        retryReason = 'http_error';
        if (answer.headers.get('x-slack-no-retry') === '1')
          return { acknowledged: false, reason: 'dispatch_failed', attempts };
      } else {
        retryReason = answer;
      }
      if (attempt >= most || this.#closing.signal.aborted) {
        const reason = retryReason === 'http_timeout' ? 'operation_timeout' : 'dispatch_failed';
        return { acknowledged: false, reason, attempts };
      }
    }
  }

  /**
   * Posts a body as Slack does, or nearly so: `options` make a forged, stale or unsigned request of it.
   * @throws when the app cannot be reached or does not answer in time
   */
  async post(
    body: string,
    options: PostOptions = {},
    url = this.#target.url('events_api'),
  ): Promise<AppAnswer> {
    if (url === undefined) throw new Error('the app has no request URL');
    const timestamp = options.timestamp ?? Math.floor(this.#now() / 1000);
    const signature =
      options.signature === undefined
        ? slackSignature(this.#target.signingSecret, timestamp, body)
        : options.signature;
    const headers = {
      'content-type': options.contentType ?? JSON_TYPE,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      accept: '*/*',
      'x-slack-request-timestamp': String(timestamp),
      ...(signature === null ? {} : { 'x-slack-signature': signature }),
      ...options.headers,
    };
    return this.#transmit(url, headers, body, options.timeoutMs ?? RAW_TIMEOUT_MS);
  }

  /** Posts a request again, byte for byte, as somebody who recorded it would. Default: the last one. */
  async replay(request: SentRequest | undefined = this.sent.at(-1)): Promise<AppAnswer> {
    if (request === undefined) throw new Error('no request to replay');
    return this.#transmit(request.url, { ...request.headers }, request.body, RAW_TIMEOUT_MS);
  }

  /** Whether the app passes the check that Slack makes when a request URL is entered: it answers the challenge. */
  async verifyUrl(): Promise<boolean> {
    const challenge = randomBytes(24).toString('hex');
    const answer = await this.post(JSON.stringify({ token: 'legacy', challenge, type: 'url_verification' }));
    if (answer.status !== 200) return false;
    if (answer.text === challenge) return true;
    const decoded = decode(answer);
    return (
      typeof decoded === 'object' &&
      decoded !== null &&
      'challenge' in decoded &&
      decoded.challenge === challenge
    );
  }

  /** Ends all: what is under way is broken off. */
  close(): void {
    this.#closing.abort();
  }

  async #tryPost(url: string, body: string, options: PostOptions): Promise<AppAnswer | string> {
    try {
      return await this.post(body, { ...options, timeoutMs: this.#patience.ackTimeoutMs }, url);
    } catch (error) {
      return error instanceof Error && error.name === 'TimeoutError' ? 'http_timeout' : 'connection_failed';
    }
  }

  async #transmit(
    url: string,
    headers: Record<string, string>,
    body: string,
    timeoutMs: number,
  ): Promise<AppAnswer> {
    const sent: SentRequest = { url, headers, body, status: 0 };
    this.sent.push(sent);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#closing.signal]),
      });
      const text = await response.text();
      sent.status = response.status;
      return { status: response.status, headers: response.headers, text };
    } finally {
      this.#changed();
    }
  }
}

function encode(request: AppRequest): { body: string; contentType: string } {
  if (request.type === 'events_api') return { body: JSON.stringify(request.payload), contentType: JSON_TYPE };
  if (request.type === 'slash_commands')
    return { body: form(request.payload).toString(), contentType: FORM_TYPE };
  return { body: form({ payload: JSON.stringify(request.payload) }).toString(), contentType: FORM_TYPE };
}

function form(fields: Json): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) params.set(name, String(value));
  return params;
}

/** JSON where the app says so, undefined for an empty body, else the text. */
function decode(answer: AppAnswer): unknown {
  if (answer.text === '') return undefined;
  if (!(answer.headers.get('content-type') ?? '').includes('json')) return answer.text;
  const parsed: unknown = JSON.parse(answer.text);
  return parsed;
}
