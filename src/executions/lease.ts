import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import type { Store } from '../storage/store.ts';

/** How long an instance that is not heard of counts as alive. */
const leaseTtlMs = 30_000;
const refreshMs = 10_000;
/** How long after a refresh the instance itself trusts its lease: the rest is room for a post that is under way. */
const trustedMs = 18_000;

/** Tells instances apart, and whether one on the same machine has died (kill -9), without waiting for its lease. */
export interface InstanceIdentity {
  readonly id: string;
  /** Names the machine, its boot and its process namespace: within one, process ids can be compared. */
  readonly host: string;
  readonly pid: number;
  isAlive(pid: number): boolean;
}

export function processIdentity(): InstanceIdentity {
  return {
    id: randomUUID(),
    host: [hostname(), bootId(), processNamespace()].join('|'),
    pid: process.pid,
    isAlive: (pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch (error) {
        // EPERM: there is one, of another user.
        return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
      }
    },
  };
}

/** Empty off Linux, where one boot and one namespace are taken for granted. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

const leaseRow = z.object({ host: z.string(), pid: z.number() });

/**
 * An instance's sign of life in the Store. Runs whose owner has none are adopted by another instance; an instance whose
 * own lease is in doubt (it was paused, the store was away) posts nothing before it has renewed it.
 */
export class Lease {
  readonly #store: Store;
  readonly #identity: InstanceIdentity;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #trustedUntil = 0;
  #cancel: (() => void) | undefined;
  #released = false;

  constructor(store: Store, identity: InstanceIdentity, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#identity = identity;
    this.#clock = clock;
    this.#logger = logger;
  }

  get owner(): string {
    return this.#identity.id;
  }

  /** Whether the lease can be relied on at this moment. */
  get isTrusted(): boolean {
    return this.#clock.now() < this.#trustedUntil;
  }

  get isReleased(): boolean {
    return this.#released;
  }

  /** Takes the lease and keeps it. Throws StoreError where it cannot be taken. */
  async start(): Promise<void> {
    this.#released = false;
    await this.renew();
    this.#schedule();
  }

  async renew(): Promise<void> {
    const from = this.#clock.now();
    const { host, pid } = this.#identity;
    await this.#store.set(leaseKey(this.owner), JSON.stringify({ host, pid }), leaseTtlMs);
    this.#trustedUntil = from + trustedMs;
  }

  /** Whether the instance is alive, as far as can be told. Throws StoreError. */
  async isAlive(owner: string): Promise<boolean> {
    if (owner === this.owner) return true;
    const value = await this.#store.get(leaseKey(owner));
    if (value === undefined) return false;
    const lease = leaseRow.parse(JSON.parse(value));
    return lease.host !== this.#identity.host || this.#identity.isAlive(lease.pid);
  }

  /** Gives the lease up, so that others adopt at once what is left. */
  async release(): Promise<void> {
    this.#released = true;
    this.#cancel?.();
    this.#trustedUntil = 0;
    await this.#store.delete(leaseKey(this.owner));
  }

  #schedule(): void {
    this.#cancel = this.#clock.after(refreshMs, () => {
      this.renew()
        .catch((error: unknown) => {
          this.#logger.warn({ err: error }, 'the lease could not be renewed');
        })
        .finally(() => {
          if (!this.#released) this.#schedule();
        });
    });
  }
}

function leaseKey(owner: string): string {
  return `instance:${owner}`;
}
