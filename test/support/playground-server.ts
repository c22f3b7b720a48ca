import { once } from 'node:events';
import pino from 'pino';
import type { ChatAction, ChatHandler, ChatMessage, Form, FormAnswer, Home } from '../../src/chat/chat.ts';
import { createPlaygroundApp } from '../../src/chat/playground/app.ts';
import { Playground, type PlaygroundOptions } from '../../src/chat/playground/playground.ts';
import { createEncryption } from '../../src/storage/aes-gcm.ts';
import type { Store } from '../../src/storage/store.ts';
import { type Listening, listen } from './listen.ts';

/** Every playground of the tests reads what the others wrote. */
const encryption = createEncryption([new Uint8Array(32).fill(7)]);

/** Keeps what the bot would hear, and answers as `reply` says. */
export class Ear extends EventTarget implements ChatHandler {
  readonly messages: ChatMessage[] = [];
  readonly actions: ChatAction[] = [];
  readonly #reply: (message: ChatMessage) => Promise<unknown>;

  constructor(reply: (message: ChatMessage) => Promise<unknown> = async () => undefined) {
    super();
    this.#reply = reply;
  }

  async message(message: ChatMessage): Promise<void> {
    this.messages.push(message);
    this.dispatchEvent(new Event('heard'));
    await this.#reply(message);
  }

  async action(action: ChatAction): Promise<Form | undefined> {
    this.actions.push(action);
    this.dispatchEvent(new Event('heard'));
    return undefined;
  }

  async submit(): Promise<FormAnswer> {
    return { kind: 'done' };
  }

  async home(): Promise<Home> {
    return { parts: [] };
  }

  async left(): Promise<void> {
    this.dispatchEvent(new Event('heard'));
  }

  /** Resolves when `count` messages have been heard. */
  async heard(count: number): Promise<readonly ChatMessage[]> {
    while (this.messages.length < count) await once(this, 'heard');
    return this.messages;
  }

  /** Resolves when `count` presses have been heard. */
  async acted(count: number): Promise<readonly ChatAction[]> {
    while (this.actions.length < count) await once(this, 'heard');
    return this.actions;
  }
}

export interface PlaygroundServer extends Listening {
  readonly playground: Playground;
  readonly ear: Ear;
}

/** A playground over HTTP on a free port, with a bot that only listens. */
export async function startPlayground(
  t: { after(done: () => Promise<void>): void },
  store: Store,
  options: Partial<PlaygroundOptions> & { readonly ear?: Ear } = {},
): Promise<PlaygroundServer> {
  const logger = pino({ enabled: false });
  const { ear = new Ear(), ...rest } = options;
  const playground = new Playground({ store, encryption, logger, pollMs: 20, ...rest });
  let port = 0;
  const listening = await listen(createPlaygroundApp({ playground, logger, port: () => port }));
  port = listening.port;
  await playground.start(ear);
  t.after(async () => {
    await playground.stop();
    await listening.close();
  });
  return { ...listening, playground, ear };
}
