import { randomUUID } from 'node:crypto';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { Collection, Row } from '../../storage/collection.ts';
import { type Store, StoreError } from '../../storage/store.ts';
import { ChatError } from '../chat.ts';
import { type InstallationRow, renewedRow, unrenewableRow } from './installation-row.ts';
import { OAuthError, type SlackOAuth } from './slack-oauth.ts';

/** A token lives for twelve hours; it is renewed when less than this is left of it. */
const aheadMs = 2 * 60 * 60_000;
/** One instance renews at a time, for longer than a call and the keeping take; one that dies is followed after this. */
const leaseMs = 60_000;
/** How long nobody asks again after Slack did not answer. */
const restMs = 10_000;
const lookMs = 250;
const keepTries = 60;

export interface RotationDeps {
  readonly store: Store;
  readonly rows: Collection<InstallationRow>;
  readonly oauth: Pick<SlackOAuth, 'renew'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Token rotation (https://docs.slack.dev/authentication/using-token-rotation): tokens are renewed before they end, by one
 * request however many wait for it, in this instance and in the others. A refresh token is good once, so two requests
 * would cost the installation.
 */
export class TokenRotation {
  readonly #deps: RotationDeps;
  readonly #renewing = new Map<string, Promise<InstallationRow | undefined>>();

  constructor(deps: RotationDeps) {
    this.#deps = deps;
  }

  /**
   * The row with a token that is good. Undefined where it was forgotten meanwhile. A renewal that fails, or that another
   * instance is making, is waited for only once the token has ended: then it throws ChatError `unavailable`, or StoreError.
   */
  async fresh(row: Row<InstallationRow>): Promise<InstallationRow | undefined> {
    if (!this.#isDue(row.value)) return row.value;
    const known = this.#renewing.get(row.id);
    if (known !== undefined) return known;
    const renewing = this.#renewed(row).finally(() => this.#renewing.delete(row.id));
    this.#renewing.set(row.id, renewing);
    return renewing;
  }

  async #renewed({ id }: Row<InstallationRow>): Promise<InstallationRow | undefined> {
    for (;;) {
      const lease = await this.#lease(id);
      // Read again under the lease: somebody else may have renewed it just before.
      const row = await this.#deps.rows.get(id);
      if (row === undefined || !this.#isDue(row.value)) {
        await lease?.giveBack();
        return row?.value;
      }
      if (lease !== undefined) return this.#renew(row, lease);
      if (!this.#hasEnded(row.value)) return row.value;
      await this.#pause();
    }
  }

  async #renew(row: Row<InstallationRow>, lease: Lease): Promise<InstallationRow | undefined> {
    const { rows, oauth, clock, logger } = this.#deps;
    let next: InstallationRow;
    try {
      next = renewedRow(row.value, await oauth.renew(row.value.refreshToken ?? ''), clock.now());
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const { code, slackCode } = error;
      logger.warn({ workspace: row.id, code, slackCode }, 'Slack did not renew the bot’s token');
      if (code === 'refused') {
        await rows.replace(row, unrenewableRow(row.value));
        await lease.giveBack();
        return row.value;
      }
      await lease.giveBack(restMs);
      if (this.#hasEnded(row.value)) throw new ChatError('unavailable', 'token_not_renewed');
      return row.value;
    }
    // Where it is not the same row any more, the app was installed anew or removed: what stands there counts.
    const saved = await this.#kept(row, next);
    await lease.giveBack();
    return saved?.value ?? (await rows.get(row.id))?.value;
  }

  /** The old token is used up, so a store that does not answer is asked again before the new one is lost. */
  async #kept(row: Row<InstallationRow>, next: InstallationRow): Promise<Row<InstallationRow> | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#deps.rows.replace(row, next);
      } catch (error) {
        if (!(error instanceof StoreError) || tries === keepTries) throw error;
        await this.#pause();
      }
    }
  }

  #isDue({ refreshToken, expiresAt }: InstallationRow): boolean {
    return (
      refreshToken !== undefined && expiresAt !== undefined && expiresAt - aheadMs <= this.#deps.clock.now()
    );
  }

  #hasEnded({ expiresAt = Number.POSITIVE_INFINITY }: InstallationRow): boolean {
    return expiresAt <= this.#deps.clock.now();
  }

  async #lease(id: string): Promise<Lease | undefined> {
    const { store } = this.#deps;
    const key = `slack-token-lease:${id}`;
    const mine: string = randomUUID();
    if (!(await store.add(key, mine, leaseMs))) return undefined;
    return {
      async giveBack(afterMs = 1) {
        // Not somebody else's, who took it after ours ran out.
        await store.replace(key, mine, '', afterMs);
      },
    };
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#deps.clock.after(lookMs, resolve);
    });
  }
}

interface Lease {
  /** At once, or after so many ms. */
  giveBack(afterMs?: number): Promise<void>;
}
