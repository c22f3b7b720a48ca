import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Collection } from '../../storage/collection.ts';
import type { Encryption } from '../../storage/encryption.ts';
import type { Store } from '../../storage/store.ts';

/** How long a state that is used or too old can still be told from one that never was. */
const rememberedMs = 24 * 60 * 60_000;

const stateRow = z.object({
  /** SHA-256 of what the browser's cookie holds. */
  browser: z.string(),
  /** Ms since the epoch. */
  expiresAt: z.number(),
  isUsed: z.boolean(),
});

export type StateFault = 'state-unknown' | 'state-used' | 'state-expired' | 'state-other-browser';

/**
 * The `state` of an install: 256 random bits of which only the hash is stored, good once, for a while, in the browser
 * that began (RFC 6749 section 10.12; RFC 9700 section 4.7).
 */
export class InstallStates {
  readonly #rows: Collection<z.infer<typeof stateRow>>;
  readonly #ttlMs: number;
  readonly #now: () => number;

  constructor(deps: { store: Store; encryption: Encryption; now: () => number }, ttlMs: number) {
    this.#rows = new Collection(deps.store, deps.encryption, 'slack-install-state', stateRow);
    this.#ttlMs = ttlMs;
    this.#now = deps.now;
  }

  /** A new state for the browser whose cookie holds `browser`. */
  async begin(browser: string): Promise<string> {
    const state = randomWord();
    const row = { browser: hash(browser), expiresAt: this.#now() + this.#ttlMs, isUsed: false };
    await this.#rows.add(hash(state), row, this.#ttlMs + rememberedMs);
    return state;
  }

  /** Uses the state up: of any number of callers, at any number of instances, one gets undefined. */
  async use(state: string, browser: string | undefined): Promise<StateFault | undefined> {
    const row = await this.#rows.get(hash(state));
    if (row === undefined) return 'state-unknown';
    if (browser === undefined || row.value.browser !== hash(browser)) return 'state-other-browser';
    if (row.value.isUsed) return 'state-used';
    if (row.value.expiresAt <= this.#now()) return 'state-expired';
    const won = await this.#rows.replace(row, { ...row.value, isUsed: true }, rememberedMs);
    return won === undefined ? 'state-used' : undefined;
  }
}

/** 256 random bits. */
export function randomWord(): string {
  return randomBytes(32).toString('base64url');
}

function hash(word: string): string {
  return createHash('sha256').update(word).digest('base64url');
}
