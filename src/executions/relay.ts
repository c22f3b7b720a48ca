import { createHash } from 'node:crypto';
import { ChatError, type ChatPlatform, type ChatUser, type Place, type Post } from '../chat/chat.ts';
import { DeliveryStopped } from '../chat/delivery.ts';
import { announcement } from '../stackstorm/wire.ts';
import { type AnnouncementPayload, announcementPost } from './announcement-post.ts';
import { correlationOf, newCorrelationId } from './correlation.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import { type OpenRuns, RunLost } from './open-runs.ts';
import type { Results } from './results.ts';

/** Instances hear one announcement within moments of each other; the first keeps the others from it for so long. */
const hearingMs = 10_000;
const longestBackoffMs = 60_000;

/**
 * Announcements (`st2.announcement__<route>`): one with our correlation id goes to its run, any other is posted where its
 * payload says (a workflow's `chatops.post_message`, the second main use of ChatOps).
 */
export class Relay {
  readonly #deps: ExecutionsDeps;
  readonly #options: ExecutionsOptions;
  readonly #runs: OpenRuns;
  readonly #results: Results;
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(deps: ExecutionsDeps, options: ExecutionsOptions, parts: { runs: OpenRuns; results: Results }) {
    this.#deps = deps;
    this.#options = options;
    this.#runs = parts.runs;
    this.#results = parts.results;
  }

  /**
   * `data` is not yet checked. On our own route only what is ours is posted: other bots (err-stackstorm) may share it.
   */
  onAnnouncement(route: string, data: unknown): void {
    const parsed = announcement.safeParse(data);
    if (!parsed.success) {
      this.#deps.logger.warn('an announcement on the stream is not in StackStorm’s contract');
      return;
    }
    const { payload } = parsed.data;
    if (payload === null) return;
    const correlationId = correlationOf(payload.context);
    if (correlationId === undefined && !this.#options.announcementRoutes.includes(route)) return;
    const work = correlationId === undefined ? this.#broadcast(payload) : this.#ours(correlationId, payload);
    work.catch((error: unknown) => {
      if (error instanceof RunLost || error instanceof DeliveryStopped) return;
      this.#deps.logger.error({ err: error }, 'an announcement could not be relayed');
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
  }

  /** Another instance's run is that instance's to answer; one that nobody has open is late or forged. */
  async #ours(correlationId: string, payload: AnnouncementPayload): Promise<void> {
    const run = this.#runs.byCorrelation(correlationId);
    if (run !== undefined) return await this.#results.announced(run, payload);
    const outcome = this.#runs.wasPosted(correlationId) ? 'late-announcement' : 'not-mine';
    this.#deps.metrics.results.inc({ outcome });
  }

  async #broadcast(payload: AnnouncementPayload): Promise<void> {
    const post = announcementPost(payload, this.#options.resultMaxLength);
    if (post === undefined || !(await this.#isFirst(payload))) return;
    const key = `announcement:${newCorrelationId()}`;
    if (payload.whisper === true) return await this.#whisper(payload, post, key);
    const channel = payload.channel ?? '';
    const place = await this.#resolve((platform) => platform.resolveChannel(undefined, channel));
    if (place === undefined) return await this.#bury(key, 'channel-unknown', channel, post);
    await this.#deps.delivery.post(place, addressed(payload, post), { key });
  }

  async #whisper(payload: AnnouncementPayload, post: Post, key: string): Promise<void> {
    const id = payload.user ?? '';
    const user: ChatUser | undefined = await this.#resolve((platform) => platform.resolveUser(undefined, id));
    if (user === undefined) return await this.#bury(key, 'user-unknown', id, post);
    await this.#deps.delivery.whisper(user, post, { key });
  }

  /** The first instance to hear an announcement posts it, and for a while each one that is the same (nothing numbers them). */
  async #isFirst(payload: AnnouncementPayload): Promise<boolean> {
    const { store, identity } = this.#deps;
    const key = `heard:${createHash('sha256').update(JSON.stringify(payload)).digest('base64url')}`;
    if (await store.add(key, identity.id, hearingMs)) return true;
    if ((await store.get(key)) !== identity.id) return false;
    await store.set(key, identity.id, hearingMs);
    return true;
  }

  /** What the first platform that knows it answers; a platform that is down is asked again. */
  async #resolve<T extends Place | ChatUser>(
    ask: (platform: ChatPlatform) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (const platform of this.#deps.platforms) {
      const found = await this.#patiently(() => ask(platform));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #patiently<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    for (let wait = 1000; ; wait = Math.min(wait * 2, longestBackoffMs)) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        if (error.code !== 'rate-limited' && error.code !== 'unavailable') return undefined;
        await this.#pause(error.retryAfterMs ?? wait);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) throw new DeliveryStopped();
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ms, () => {
        this.#cancels.delete(cancel);
        resolve();
      });
      this.#cancels.add(cancel);
    });
  }

  #bury(key: string, reason: string, channel: string, post: Post): Promise<void> {
    const platform = this.#deps.platforms[0]?.name ?? 'none';
    return this.#deps.deadLetters.bury({
      key,
      code: 'cannot-deliver',
      reason,
      to: { platform, workspace: '', channel, kind: 'channel' },
      post,
    });
  }
}

/** As hubot-stackstorm writes it: who is meant stands before what is said. */
function addressed(payload: AnnouncementPayload, post: Post): Post {
  if (typeof payload.user !== 'string' || payload.user === '') return post;
  const text = `@${payload.user}:`;
  return {
    ...post,
    text: `${text} ${post.text}`,
    parts: [{ type: 'context', text }, ...(post.parts ?? [])],
  };
}
