import { type App, AuthorizationError, type Receiver } from '@slack/bolt';
import type { Context, Hono } from 'hono';
import type { Clock } from '../../ops/clock.ts';
import { limitedBody } from '../../ops/limited-body.ts';
import type { Logger } from '../../ops/logger.ts';
import { securityHeaders } from '../../ops/security-headers.ts';
import { type Acknowledged, type Acknowledging, acknowledging } from './acknowledgement.ts';
import { isWellFormed } from './body-shape.ts';
import { Deliveries, type DeliveryOutcome } from './deliveries.ts';
import { UnknownWorkspaceError } from './installations.ts';
import { deliveryId, kindOf, parsedBody, type SlackBody } from './request-body.ts';
import { type SignatureFault, signatureFault } from './request-signature.ts';
import { createSlackReplies, type SlackReplies } from './slack-replies.ts';

export interface SlackReceiverOptions {
  readonly signingSecret: string;
  /** The bot's public address. */
  readonly publicUrl: string;
  /** For events, commands and interactions alike; `/slack/events` unless given. */
  readonly path?: string;
  /** Largest body, in bytes; 1 MiB unless given. */
  readonly maxBodyBytes?: number;
  /** How long listeners have to acknowledge, in ms; Slack waits for 3,000. 2,500 unless given. */
  readonly patienceMs?: number;
}

export interface SlackReceiverDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a stop waits for listeners. */
const stopMs = 10_000;

/** What a person is told whose command nobody took; shown to them alone. */
const words = {
  none: 'I do not know this command. In a message to me, `help` lists what I do.',
  late: 'I am slower than usual. The answer comes when I have it.',
  unknownWorkspace:
    'I am not installed in this workspace any more. Whoever manages its apps can install me again.',
} as const;

/**
 * HTTP mode: what Slack posts, given to Bolt. A request is Slack's or it is refused (signature over the raw body, five
 * minutes either way); it is acknowledged in time or Slack is told to come again; it is acted on once, however often
 * it is sent to this instance.
 */
export class SlackReceiver implements Receiver {
  readonly #options: Required<SlackReceiverOptions>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #deliveries: Deliveries;
  readonly #replies: SlackReplies;
  readonly #underWay = new Set<Promise<unknown>>();
  #app: App | undefined;
  #isOpen = false;
  #refused = 0;
  #silentUntil = 0;

  constructor(deps: SlackReceiverDeps, options: SlackReceiverOptions) {
    this.#options = { path: '/slack/events', maxBodyBytes: 1024 * 1024, patienceMs: 2_500, ...options };
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#deliveries = new Deliveries(deps.clock);
    this.#replies = createSlackReplies(securityHeaders(new URL(options.publicUrl)));
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Requests are taken from now on; before, Slack is asked to come again. */
  async start(): Promise<void> {
    this.#isOpen = true;
  }

  /** Takes nothing new; resolves when every listener has ended, or after ten seconds. */
  async stop(): Promise<void> {
    this.#isOpen = false;
    await this.#within(Promise.all(this.#underWay), stopMs);
  }

  /** Adds the request URL to the public listener. */
  mount(hono: Hono): void {
    hono.post(this.#options.path, (c) => this.#answer(c));
    hono.all(this.#options.path, () => this.#replies.problem('method-not-allowed'));
  }

  async #answer(c: Context): Promise<Response> {
    try {
      return await this.#receive(c);
    } catch (err) {
      this.#logger.error({ err }, 'a request from Slack could not be answered');
      return this.#replies.problem('internal-error');
    }
  }

  async #receive(c: Context): Promise<Response> {
    const raw = await limitedBody(c.req.raw, this.#options.maxBodyBytes);
    if (raw === 'too-large') return this.#replies.problem('body-too-large');
    if (raw === 'cut-off') return this.#replies.problem('malformed-body');
    const text = raw.toString('utf8');
    const contentType = c.req.header('content-type');
    const signature = c.req.header('x-slack-signature');
    const timestamp = c.req.header('x-slack-request-timestamp');
    const signed = { body: text, timestamp, signature };
    const fault = signatureFault(signed, this.#options.signingSecret, this.#clock.now());
    if (fault !== undefined) {
      // Slack checks the certificate of a slash command's address so, unsigned; nothing in it is read.
      if (signature === undefined && parsedBody(text, contentType)?.['ssl_check'] === '1')
        return this.#replies.acknowledged();
      this.#warnOf(fault);
      return this.#replies.problem('not-from-slack');
    }
    const body = parsedBody(text, contentType);
    if (body === undefined) return this.#replies.problem('malformed-body');
    if (body['ssl_check'] === '1') return this.#replies.acknowledged();
    if (body['type'] === 'url_verification')
      return this.#replies.acknowledged({ challenge: body['challenge'] });
    if (!isWellFormed(body)) return this.#replies.problem('malformed-body');
    return this.#once(c, body, deliveryId(body) ?? `signature:${signature}`);
  }

  async #once(c: Context, body: SlackBody, id: string): Promise<Response> {
    const app = this.#app;
    if (!this.#isOpen || app === undefined) return this.#replies.problem('not-ready');
    // The first one may still fail: then this one takes its place. It is not waited for longer than Slack waits.
    for (let first = this.#deliveries.outcomeOf(id); first !== undefined; ) {
      if ((await this.#within(first)) !== 'failed') return this.#replies.acknowledged();
      first = this.#deliveries.outcomeOf(id);
    }
    const retryNum = Number.parseInt(c.req.header('x-slack-retry-num') ?? '', 10);
    const retryReason = c.req.header('x-slack-retry-reason');
    const delivery = acknowledging(
      (ack) =>
        app.processEvent({
          body,
          ack,
          ...(Number.isNaN(retryNum) ? {} : { retryNum }),
          ...(retryReason === undefined ? {} : { retryReason }),
        }),
      this.#options.patienceMs,
      this.#clock,
    );
    this.#deliveries.remember(id, this.#outcomeOf(delivery));
    return this.#replyTo(body, await delivery.answer);
  }

  /** Anybody can send such requests: one line a minute is enough to see that the secret, or a clock, is wrong. */
  #warnOf(fault: SignatureFault): void {
    this.#refused += 1;
    const now = this.#clock.now();
    if (now < this.#silentUntil) return;
    this.#silentUntil = now + 60_000;
    this.#logger.warn(
      { fault, count: this.#refused },
      'requests that Slack did not sign were refused: if Slack sent them, look at chat.slack.signingSecret and the clock',
    );
    this.#refused = 0;
  }

  /** An acknowledged one is taken, whatever becomes of it; {@link stop} waits for every end. */
  async #outcomeOf({ answer, ended }: Acknowledging): Promise<DeliveryOutcome> {
    this.#underWay.add(ended);
    void ended.then(() => this.#underWay.delete(ended));
    if ((await answer).kind === 'acknowledged') return 'taken';
    const end = await ended;
    return end.isAcknowledged || !('error' in end) || isUnknownWorkspace(end.error) ? 'taken' : 'failed';
  }

  #replyTo(body: SlackBody, answer: Acknowledged): Response {
    const kind = kindOf(body);
    const say = (text: string) => this.#replies.acknowledged({ response_type: 'ephemeral', text });
    switch (answer.kind) {
      case 'acknowledged':
        return this.#replies.acknowledged(answer.body);
      case 'none':
        if (kind === 'command') return say(words.none);
        return this.#replies.problem('unhandled');
      case 'late':
        this.#logger.warn({ kind }, 'a request from Slack was not acknowledged in time');
        return kind === 'command' ? say(words.late) : this.#replies.problem('too-slow');
      case 'failed':
        return this.#failed(kind, answer.error, say);
    }
  }

  #failed(kind: string, error: unknown, say: (text: string) => Response): Response {
    if (isUnknownWorkspace(error)) {
      if (kind === 'command') return say(words.unknownWorkspace);
      return this.#replies.acknowledged(undefined, { 'X-Slack-No-Retry': '1' });
    }
    this.#logger.error({ err: error, kind }, 'a request from Slack could not be acted on');
    return this.#replies.problem('internal-error');
  }

  async #within<T>(work: Promise<T>, ms = this.#options.patienceMs): Promise<T | undefined> {
    let cancel: (() => void) | undefined;
    const time = new Promise<undefined>((resolve) => {
      cancel = this.#clock.after(ms, () => resolve(undefined));
    });
    return Promise.race([work, time]).finally(() => cancel?.());
  }
}

/** Bolt wraps what its `authorize` throws. */
function isUnknownWorkspace(error: unknown): boolean {
  return (
    error instanceof UnknownWorkspaceError ||
    (error instanceof AuthorizationError && error.original instanceof UnknownWorkspaceError)
  );
}
