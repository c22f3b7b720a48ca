import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type ChatAction, type ChatMessage, type ChatUser, chatUserKey, type Part } from '../chat/chat.ts';
import { Collection } from '../storage/collection.ts';
import type { Encryption } from '../storage/encryption.ts';
import type { Store } from '../storage/store.ts';
import { askedMessage, askedMessageOf } from './asked-message.ts';

/** A command that waits for its person's login; what decides about it later is looked at anew. */
const keptCommand = z.object({
  id: z.string(),
  /** What was typed for the alias, without the prefixes. */
  command: z.string(),
  /** Ms since the epoch. */
  until: z.number(),
  message: askedMessage,
});
export type KeptCommand = z.infer<typeof keptCommand>;

const keptForMs = 10 * 60_000;
const shownLength = 300;

/** The button that runs a kept command. */
export const keptAction = 'run_kept_command';

/**
 * The last command of each person that was refused for want of a session, encrypted, for ten minutes: after the login it
 * is one press away. Nothing here runs it.
 */
export class KeptCommands {
  readonly #rows: Collection<KeptCommand>;
  readonly #now: () => number;

  constructor(deps: {
    readonly store: Store;
    readonly encryption: Encryption;
    /** Ms since the epoch. */
    readonly now: () => number;
  }) {
    this.#rows = new Collection(deps.store, deps.encryption, 'kept', keptCommand);
    this.#now = deps.now;
  }

  async keep(message: ChatMessage, command: string): Promise<void> {
    const until = this.#now() + keptForMs;
    const kept: KeptCommand = { id: randomUUID(), command, until, message: askedMessageOf(message) };
    await this.#rows.set(chatUserKey(message.user), kept, keptForMs);
  }

  /** What offers the kept command to its person, in private; nothing where none is kept. */
  async offer(user: ChatUser): Promise<readonly Part[]> {
    const kept = (await this.#rows.get(chatUserKey(user)))?.value;
    if (kept === undefined || kept.until <= this.#now()) return [];
    const { command, id } = kept;
    return [
      { type: 'text', text: 'Before that you asked for this, which was not run:' },
      { type: 'code', text: command.length > shownLength ? `${command.slice(0, shownLength)}…` : command },
      {
        type: 'buttons',
        buttons: [{ label: 'Run it now', action: keptAction, value: id, style: 'primary' }],
      },
    ];
  }

  /** The command of the button, for the one press that gets it; undefined where it is gone, or another one is kept. */
  async take({ user, value }: ChatAction): Promise<KeptCommand | undefined> {
    const key = chatUserKey(user);
    if ((await this.#rows.get(key))?.value.id !== value) return undefined;
    const kept = await this.#rows.take(key);
    if (kept === undefined) return undefined;
    if (kept.id === value) return kept.until > this.#now() ? kept : undefined;
    // A newer one came in between: it stays.
    await this.#rows.add(key, kept, Math.max(kept.until - this.#now(), 1));
    return undefined;
  }
}
