import type { JsonObject } from './json.ts';

/** One event as StackStorm's message queue carries it to every stream connection. */
export interface BusEvent {
  /** With the `st2.` prefix. */
  readonly name: string;
  readonly data: JsonObject;
  /** What `action_refs=` and `execution_ids=` filter by; null for announcements and aliases, which have neither. */
  readonly actionRef: string | null;
  readonly executionId: string | null;
}

export class EventBus {
  readonly #listeners = new Set<(event: BusEvent) => void>();

  /** False where nobody would hear an event. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  publish(event: BusEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Returns what unsubscribes. */
  subscribe(listener: (event: BusEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
