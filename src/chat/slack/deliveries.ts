import type { Clock } from '../../ops/clock.ts';

/** How one delivery ended: `taken` was acknowledged, `failed` was not acted on and may be tried again. */
export type DeliveryOutcome = 'taken' | 'failed';

interface Known {
  readonly since: number;
  readonly outcome: Promise<DeliveryOutcome>;
}

/** Slack's last retry follows the first delivery after six minutes; a signature is good for ten, five either way. */
const rememberedMs = 15 * 60_000;
const most = 20_000;

/**
 * What this instance has been told, so that a retry, or a request that somebody recorded and sent again, is not acted on
 * twice. Other instances are kept from it by the claims that commands make (R2).
 */
export class Deliveries {
  readonly #known = new Map<string, Known>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How the delivery that came first ends; undefined where there is none, or it failed. */
  outcomeOf(id: string): Promise<DeliveryOutcome> | undefined {
    return this.#known.get(id)?.outcome;
  }

  /** From now on `outcome` stands for this delivery, until it fails. */
  remember(id: string, outcome: Promise<DeliveryOutcome>): void {
    this.#prune();
    const known: Known = { since: this.#clock.now(), outcome };
    this.#known.set(id, known);
    void outcome.then((ended) => {
      if (ended === 'failed' && this.#known.get(id) === known) this.#known.delete(id);
    });
  }

  /** In the order of their arrival, so the oldest stand first. */
  #prune(): void {
    const oldest = this.#clock.now() - rememberedMs;
    for (const [id, { since }] of this.#known) {
      if (since > oldest && this.#known.size < most) return;
      this.#known.delete(id);
    }
  }
}
