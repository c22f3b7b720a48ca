import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What the bench asks of the stub StackStorm. */
export type Ask =
  | { readonly kind: 'aliases'; readonly aliases: readonly unknown[] }
  | { readonly kind: 'forget' | 'arrivals' | 'hold' | 'streams' }
  /** From now on a POST is answered so many ms later. */
  | { readonly kind: 'answer-after'; readonly ms: number }
  /** Every execution ends: its update goes out on the streams. */
  | { readonly kind: 'end-executions' }
  /** The announcement of the next execution that ended; its message is the time (µs) at which it was written. */
  | { readonly kind: 'announce-result' }
  | {
      readonly kind: 'announce';
      readonly event: string;
      readonly payload: Readonly<Record<string, unknown>>;
    };

export type Told =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'arrived'; readonly command: string }
  | { readonly kind: 'streams'; readonly count: number }
  | {
      readonly kind: 'arrivals';
      readonly arrivals: readonly (readonly [command: string, at: number])[];
      readonly mostInFlight: number;
    };

/** The stub in its process. */
export class Stub {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(): Promise<Stub> {
    const child = fork(fileURLToPath(new URL('stub-stackstorm.ts', import.meta.url)));
    const told = await next(child, 'listening');
    return new Stub(child, told.url);
  }

  async do(ask: Ask): Promise<void> {
    this.#child.send(ask);
    await next(this.#child, 'done');
  }

  async arrivals(): Promise<{ readonly at: ReadonlyMap<string, number>; readonly mostInFlight: number }> {
    this.#child.send({ kind: 'arrivals' } satisfies Ask);
    const { arrivals, mostInFlight } = await next(this.#child, 'arrivals');
    return { at: new Map(arrivals), mostInFlight };
  }

  async streams(): Promise<number> {
    this.#child.send({ kind: 'streams' } satisfies Ask);
    return (await next(this.#child, 'streams')).count;
  }

  /** The next POST that arrives after `hold`. */
  arrived(): Promise<Extract<Told, { kind: 'arrived' }>> {
    return next(this.#child, 'arrived');
  }

  stop(): void {
    this.#child.kill();
  }
}

function next<K extends Told['kind']>(child: ChildProcess, kind: K): Promise<Extract<Told, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the stub StackStorm ended'));
    const hear = (told: Told) => {
      if (!isKind(told, kind)) return;
      child.off('message', hear).off('exit', gone);
      resolve(told);
    };
    child.on('message', hear).once('exit', gone);
  });
}

function isKind<K extends Told['kind']>(told: Told, kind: K): told is Extract<Told, { kind: K }> {
  return told.kind === kind;
}
