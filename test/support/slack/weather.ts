import type { WorldCore } from './world-core.ts';
import type { Json } from './world-types.ts';

/** What happens to a call instead of, or beside, its work. */
export type Blow =
  /** Slack's own error with HTTP 200, the work not done. */
  | { readonly error: string; readonly extra?: Json }
  /** An HTTP status, the work not done: 500, 503; 429 with `retryAfter` seconds. */
  | { readonly status: number; readonly retryAfter?: number; readonly body?: string }
  /** The connection is cut: before the work was done, or after it and before the answer. */
  | { readonly cut: 'before' | 'after' }
  /** The call waits until it is released: before the work is done, or after it and before the answer. */
  | { readonly hold: 'before' | 'after' };

export interface StormOptions {
  /** How many calls it strikes; default 1. */
  readonly times?: number;
  /** Only calls with such arguments. */
  readonly when?: (args: Json) => boolean;
}

/** One rule of the weather. */
export class Storm {
  /** How many calls it struck. */
  hits = 0;
  readonly method: string;
  readonly blow: Blow;
  readonly #times: number;
  readonly #when: (args: Json) => boolean;
  readonly #core: WorldCore;
  #over = false;
  readonly #opened: Promise<void>;
  #open: () => void = () => undefined;

  constructor(core: WorldCore, method: string, blow: Blow, options: StormOptions) {
    this.#core = core;
    this.method = method;
    this.blow = blow;
    this.#times = options.times ?? 1;
    this.#when = options.when ?? (() => true);
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  strikes(method: string, args: Json): boolean {
    if (this.#over || this.hits >= this.#times) return false;
    if (this.method !== '*' && this.method !== method) return false;
    return this.#when(args);
  }

  hit(): void {
    this.hits += 1;
    this.#core.touch();
  }

  /** Resolves when it struck that many calls. */
  async reached(times = 1): Promise<void> {
    await this.#core.until(() => this.hits >= times, `${times} × weather on ${this.method}`);
  }

  /** Lets held calls go on; later ones pass without waiting. */
  release(): void {
    this.#over = true;
    this.#open();
  }

  /** No more strikes. */
  stop(): void {
    this.release();
  }

  get held(): Promise<void> {
    return this.#opened;
  }
}

/** Slack's weather over the Web API, as tests make it. The oldest rule that fits a call strikes it. */
export class Weather {
  readonly #core: WorldCore;
  readonly #storms: Storm[] = [];

  constructor(core: WorldCore) {
    this.#core = core;
  }

  /** `on('chat.postMessage', { status: 429, retryAfter: 1 })`; method `*` is every method. */
  on(method: string, blow: Blow, options: StormOptions = {}): Storm {
    const storm = new Storm(this.#core, method, blow, options);
    this.#storms.push(storm);
    return storm;
  }

  /** The rule that strikes this call, counted as a hit. */
  strike(method: string, args: Json): Storm | undefined {
    const storm = this.#storms.find((one) => one.strikes(method, args));
    storm?.hit();
    return storm;
  }

  clear(): void {
    for (const storm of this.#storms.splice(0)) storm.stop();
  }
}
