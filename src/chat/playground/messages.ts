import { Collection } from '../../storage/collection.ts';
import type { Encryption } from '../../storage/encryption.ts';
import type { Store } from '../../storage/store.ts';
import {
  type Change,
  type Content,
  changeSchema,
  messageId,
  type NewMessage,
  type StoredMessage,
} from './change.ts';

export interface MessageLogOptions {
  readonly store: Store;
  readonly encryption: Encryption;
  /** Ms since the epoch. */
  readonly now: () => number;
  /** How many entries are kept; older ones are forgotten. */
  readonly keep: number;
}

/** A process that slept longer than this (ms) reads the log anew: what it knew may have been forgotten meanwhile. */
const TRUSTED_PAUSE_MS = 60_000;

/**
 * The chat's messages, as a log in the Store: row `playground:<n>` is its n-th entry, and whoever `add`s it first has
 * written it. That one rule gives every process on the store the same messages in the same order, and makes a key
 * unique: an entry can only be added by a process that has read all the entries before it.
 */
export class MessageLog {
  readonly #rows: Collection<Change>;
  readonly #now: () => number;
  readonly #keep: number;
  readonly #messages = new Map<string, StoredMessage>();
  readonly #byKey = new Map<string, string>();
  readonly #byEvent = new Map<string, string>();
  readonly #wakes = new Set<() => void>();
  #entries: { seq: number; id: string | undefined }[] = [];
  #head = 0;
  #lastAt = 0;
  #readAt = 0;
  #turns: Promise<unknown> = Promise.resolve();
  #catchingUp: Promise<void> | undefined;

  constructor(options: MessageLogOptions) {
    this.#rows = new Collection(options.store, options.encryption, 'playground', changeSchema);
    this.#now = options.now;
    this.#keep = options.keep;
  }

  /** The place of the newest entry that this process has read. */
  get head(): number {
    return this.#head;
  }

  /** Reads what others wrote since. Callers share one read. */
  catchUp(): Promise<void> {
    this.#catchingUp ??= this.#inTurn(() => this.#readNew()).finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  get(id: string): StoredMessage | undefined {
    return this.#messages.get(id);
  }

  /** Every message whose newest change is past `cursor`, oldest first. */
  changedSince(cursor: number): StoredMessage[] {
    return [...this.#messages.values()].filter((message) => message.changed > cursor);
  }

  /** The message that carries `key`, also one that another process has just written. */
  async findKey(key: string): Promise<StoredMessage | undefined> {
    await this.#inTurn(() => this.#readNew());
    return this.#known(this.#byKey, key);
  }

  /** Adds a message, unless one with its `key` or `eventId` stands already: then that one is answered. */
  add(message: NewMessage): Promise<{ readonly message: StoredMessage; readonly isNew: boolean }> {
    return this.#inTurn(async () => {
      for (;;) {
        await this.#readNew();
        const known = this.#known(this.#byKey, message.key) ?? this.#known(this.#byEvent, message.eventId);
        if (known !== undefined) return { message: known, isNew: false };
        const added = await this.#write({ kind: 'message', at: this.#time(), ...message });
        if (added !== undefined) return { message: added, isNew: true };
      }
    });
  }

  /** Gives the message another content. False: there is no such message (any more). */
  edit(id: string, content: Content): Promise<boolean> {
    return this.#inTurn(async () => {
      for (;;) {
        await this.#readNew();
        if (!this.#messages.has(id)) return false;
        if ((await this.#write({ kind: 'edit', at: this.#time(), of: id, content })) !== undefined)
          return true;
      }
    });
  }

  /** Marks a message, unless it is marked so already. False: there is no such message (any more). */
  react(id: string, mark: string, instead?: string): Promise<boolean> {
    return this.#inTurn(async () => {
      for (;;) {
        await this.#readNew();
        const message = this.#messages.get(id);
        if (message === undefined) return false;
        const stands = message.reactions.includes(mark);
        if (stands && (instead === undefined || !message.reactions.includes(instead))) return true;
        const more = instead === undefined ? {} : { instead };
        const change = { kind: 'reaction', at: this.#time(), of: id, mark, ...more } as const;
        if ((await this.#write(change)) !== undefined) return true;
      }
    });
  }

  /** Resolves at the next change that this process makes or reads, after `ms`, or on abort. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakes.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wakes.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work, work);
    this.#turns = turn;
    return turn;
  }

  /** Clocks go back; ids do not. */
  #time(): number {
    return Math.max(this.#now(), this.#lastAt);
  }

  #known(index: ReadonlyMap<string, string>, name: string | undefined): StoredMessage | undefined {
    const id = name === undefined ? undefined : index.get(name);
    return id === undefined ? undefined : this.#messages.get(id);
  }

  async #readNew(): Promise<void> {
    const now = this.#now();
    if (this.#head === 0 || now - this.#readAt > TRUSTED_PAUSE_MS) await this.#readAll();
    for (;;) {
      const row = await this.#rows.get(rowId(this.#head + 1));
      if (row === undefined) break;
      this.#apply(this.#head + 1, row.value);
    }
    this.#readAt = now;
  }

  async #readAll(): Promise<void> {
    const rows: { seq: number; change: Change }[] = [];
    for await (const row of this.#rows.scan()) {
      const seq = Number(row.id);
      if (seq > this.#head) rows.push({ seq, change: row.value });
    }
    rows.sort((one, other) => one.seq - other.seq);
    for (const { seq, change } of rows) this.#apply(seq, change);
  }

  /** The message after the change, or undefined where another process wrote the entry first. */
  async #write(change: Change): Promise<StoredMessage | undefined> {
    const seq = this.#head + 1;
    if ((await this.#rows.add(rowId(seq), change)) === undefined) return undefined;
    const message = this.#apply(seq, change);
    await this.#forget();
    return message;
  }

  #apply(seq: number, change: Change): StoredMessage | undefined {
    this.#head = seq;
    this.#lastAt = Math.max(this.#lastAt, change.at);
    const message = this.#changed(seq, change);
    this.#entries.push({ seq, id: change.kind === 'message' ? message?.id : undefined });
    if (message !== undefined) this.#messages.set(message.id, message);
    for (const wake of [...this.#wakes]) wake();
    return message;
  }

  #changed(seq: number, change: Change): StoredMessage | undefined {
    if (change.kind === 'edit') {
      const before = this.#messages.get(change.of);
      return before && { ...before, content: change.content, edited: true, changed: seq };
    }
    if (change.kind === 'reaction') {
      const before = this.#messages.get(change.of);
      const kept = before?.reactions.filter((name) => name !== change.instead && name !== change.mark) ?? [];
      return before && { ...before, reactions: [...kept, change.mark], changed: seq };
    }
    const { kind: _, ...message } = change;
    const id = messageId(change.at, seq);
    if (change.key !== undefined) this.#byKey.set(change.key, id);
    if (change.eventId !== undefined) this.#byEvent.set(change.eventId, id);
    return { ...message, id, edited: false, reactions: [], changed: seq };
  }

  /** In steps of a tenth, so that it is not done at every message. */
  async #forget(): Promise<void> {
    if (this.#entries.length < this.#keep * 1.1) return;
    const old = this.#entries.splice(0, this.#entries.length - this.#keep);
    for (const { seq, id } of old) {
      const message = id === undefined ? undefined : this.#messages.get(id);
      if (message !== undefined) {
        this.#messages.delete(message.id);
        if (message.key !== undefined) this.#byKey.delete(message.key);
        if (message.eventId !== undefined) this.#byEvent.delete(message.eventId);
      }
      await this.#rows.delete(rowId(seq));
    }
  }
}

function rowId(seq: number): string {
  return String(seq).padStart(10, '0');
}
