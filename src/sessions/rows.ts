import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { Collection, type Row } from '../storage/collection.ts';
import type { Encryption } from '../storage/encryption.ts';
import { type Store, StoreError } from '../storage/store.ts';
import { isAlive, isInUse, type LiveSession, lastUse, type SessionRow, sessionRow } from './session.ts';

/** What a step makes of a row: the next one (absent: leave it), and what to tell its caller. */
export interface Step<R> {
  readonly next?: SessionRow;
  readonly result: R;
}

/** A change that was made, with the row as it stands now, if it was changed. */
export interface Changed<R> {
  readonly result: R;
  readonly row: Row<SessionRow> | undefined;
}

/** Two instances cannot keep each other from a row for long; a store that loses every replace must not hang us. */
const maxTries = 500;

/** What stands in for "no row" after the last part of a row went: empty, and gone in a moment. */
const emptyRowTtl = 1_000;

/** The session rows, by chat user. They change only by compare and set (S3). */
export class SessionRows {
  readonly #rows: Collection<SessionRow>;
  readonly #now: () => number;
  readonly #idleTtl: number | undefined;

  constructor(store: Store, encryption: Encryption, now: () => number, idleTtl?: number) {
    this.#rows = new Collection(store, encryption, 'session', sessionRow, { reopens: false });
    this.#now = now;
    this.#idleTtl = idleTtl;
  }

  /** The user's row with only what is alive in it, or undefined where nothing is. Throws StoreError, EncryptionError. */
  async get(user: ChatUser): Promise<SessionRow | undefined> {
    const row = await this.#rows.get(chatUserKey(user));
    return row === undefined ? undefined : this.#living(row.value, this.#now());
  }

  /**
   * Applies `step` to the user's row until nobody changed the row in between: `step` sees only what is alive, may be
   * called several times, and must not have effects of its own.
   */
  async change<R>(
    user: ChatUser,
    step: (row: SessionRow | undefined, now: number) => Step<R>,
  ): Promise<Changed<R>> {
    const key = chatUserKey(user);
    for (let tries = 0; tries < maxTries; tries++) {
      const stored = await this.#rows.get(key);
      const now = this.#now();
      const { next, result } = step(stored && this.#living(stored.value, now), now);
      if (next === undefined) return { result, row: undefined };
      const row = await this.#write(key, stored, next, now);
      if (row !== undefined) return { result, row };
    }
    throw new StoreError('unavailable', `a session row did not hold still for ${maxTries} tries`);
  }

  /** Puts `value` where `changed` still stands; false where somebody has changed it since. */
  async putBack(changed: Row<SessionRow>, value: SessionRow): Promise<boolean> {
    return (await this.#write(changed.id, changed, value, this.#now())) !== undefined;
  }

  /** Takes a session that was not used for too long out of the user's row: of any number of callers, one gets it. */
  async dropIdle(user: ChatUser): Promise<LiveSession | undefined> {
    const idleTtl = this.#idleTtl;
    if (idleTtl === undefined) return undefined;
    const key = chatUserKey(user);
    for (let tries = 0; tries < maxTries; tries++) {
      const stored = await this.#rows.get(key);
      const now = this.#now();
      if (stored?.value.live === undefined) return undefined;
      const { live, ...rest } = stored.value;
      if (!isAlive(live, now) || now < lastUse(live) + idleTtl) return undefined;
      if ((await this.#write(key, stored, rest, now)) !== undefined) return live;
    }
    throw new StoreError('unavailable', `a session row did not hold still for ${maxTries} tries`);
  }

  /** Whose rows there are, without a look into them. */
  users(keyPrefix: string): AsyncIterable<string> {
    return this.#rows.ids(keyPrefix);
  }

  /** Deletes the user's row, whatever is in it: for one that nobody can read any more. */
  async forget(user: ChatUser): Promise<void> {
    await this.#rows.delete(chatUserKey(user));
  }

  /** Every row that has something alive in it. */
  async *scan(keyPrefix: string): AsyncIterable<SessionRow> {
    for await (const { value } of this.#rows.scan(keyPrefix)) {
      const row = this.#living(value, this.#now());
      if (row !== undefined) yield row;
    }
  }

  #write(key: string, stored: Row<SessionRow> | undefined, next: SessionRow, now: number) {
    const end = Math.max(next.live?.expiresAt ?? 0, next.pending?.expiresAt ?? 0);
    const ttl = Math.max(end - now, emptyRowTtl);
    return stored === undefined ? this.#rows.add(key, next, ttl) : this.#rows.replace(stored, next, ttl);
  }

  #living(row: SessionRow, now: number): SessionRow | undefined {
    const living: SessionRow = { user: row.user };
    if (row.pending !== undefined && isAlive(row.pending, now)) living.pending = row.pending;
    if (row.live !== undefined && isInUse(row.live, now, this.#idleTtl)) living.live = row.live;
    return living.pending === undefined && living.live === undefined ? undefined : living;
  }
}
