import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sourceArguments } from './source-arguments.ts';

export type WorkerRequest = { readonly id: string } & (
  | { readonly do: 'flood' }
  | {
      readonly do: 'race';
      readonly what: 'take' | 'add' | 'replace';
      readonly key: string;
      readonly expected: string;
      readonly times: number;
    }
  | { readonly do: 'set'; readonly key: string; readonly value: string }
  | { readonly do: 'delete'; readonly key: string }
);

export interface WorkerAnswer {
  readonly id: string;
  readonly won?: number;
  readonly done?: readonly string[];
  readonly refused?: string;
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** A store that another process has open. */
export class StoreProcess {
  readonly child: ChildProcess;
  #last = 0;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** `uid`: the user that it runs as, where the test's own user may change that. */
  static async start(
    url: string,
    options: { uid?: number } = {},
  ): Promise<StoreProcess & { refused?: string }> {
    const script = fileURLToPath(new URL('store-worker.ts', import.meta.url));
    const child = fork(script, [url], { execArgv: [...sourceArguments], ...options });
    const started = new StoreProcess(child);
    const { refused } = await started.answer('open');
    return refused === undefined ? started : Object.assign(started, { refused });
  }

  ask(request: WithoutId<WorkerRequest>): Promise<WorkerAnswer> {
    this.#last += 1;
    const id = String(this.#last);
    const answered = this.answer(id);
    this.child.send({ ...request, id });
    return answered;
  }

  /** The next answer to a request. */
  answer(id: string): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      const onMessage = (answer: WorkerAnswer): void => {
        if (answer.id === id) {
          this.child.off('message', onMessage).off('exit', onExit);
          resolve(answer);
        }
      };
      const onExit = (code: number | null): void =>
        reject(new Error(`The store's process ended with ${code}`));
      this.child.on('message', onMessage).once('exit', onExit);
    });
  }

  /** kill -9, and waits until it is dead. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exit;
    }
  }
}
