import type {
  ChatError,
  ChatHandler,
  ChatPlatform,
  ChatProfile,
  ChatUser,
  Place,
  Post,
  PostRef,
} from '../../src/chat/chat.ts';

/** One thing that a person sees in chat. */
export interface Seen {
  readonly key: string;
  readonly ref: PostRef;
  readonly place: Place | undefined;
  /** Set where only this person sees it. */
  readonly user: string | undefined;
  post: Post;
  edits: number;
}

type Call = 'post' | 'edit' | 'whisper' | 'findPost' | 'resolveChannel' | 'react';

/**
 * A chat that keeps what was posted and lets a test make its weather. It is strict: the same key posted twice is seen
 * twice. Several bots may share one chat, each through its own {@link RecordingPlatform}.
 */
export class RecordingChat {
  readonly seen: Seen[] = [];
  readonly channels = new Map<string, string>();
  /** The marks on each message, by its id. */
  readonly marks = new Map<string, readonly string[]>();
  readonly calls: { readonly call: Call; readonly key: string }[] = [];
  /** Asked before each call: an error to throw, or a promise to wait for. */
  weather: (call: Call, key: string) => ChatError | Promise<void> | undefined = () => undefined;
  readonly #watchers = new Set<() => void>();

  keyed(key: string): Seen[] {
    return this.seen.filter((seen) => seen.key === key);
  }

  get texts(): string[] {
    return this.seen.map((seen) => seen.post.text);
  }

  /** Resolves with the first value that is not undefined, asked now and after each change. */
  until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#watchers.delete(watch);
        reject(new Error(`it was never seen; seen: ${JSON.stringify(this.texts)}`));
      }, 10_000);
      const watch = () => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(deadline);
        this.#watchers.delete(watch);
        resolve(found);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  /** Resolves with the message whose text matches. */
  message(pattern: RegExp): Promise<Seen> {
    return this.until(() => this.seen.find((seen) => pattern.test(seen.post.text)));
  }

  changed(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}

export class RecordingPlatform implements ChatPlatform {
  readonly name = 'test';
  readonly #chat: RecordingChat;
  /** The process of this platform is dead: nothing that it asks for happens any more. */
  isDead = false;

  constructor(chat: RecordingChat) {
    this.#chat = chat;
  }

  async start(_handler: ChatHandler): Promise<void> {
    await this.#pass('post', '');
  }

  async stop(): Promise<void> {
    this.isDead = true;
  }

  async post(place: Place, post: Post, key: string): Promise<PostRef> {
    await this.#pass('post', key);
    return this.#show({ key, place, post, user: undefined });
  }

  async edit(ref: PostRef, post: Post): Promise<void> {
    await this.#pass('edit', ref.id);
    const seen = this.#chat.seen.find((candidate) => candidate.ref.id === ref.id);
    if (seen === undefined) return;
    seen.post = post;
    seen.edits += 1;
    this.#chat.changed();
  }

  async react({ id }: PostRef, mark: string, instead?: string): Promise<void> {
    await this.#pass('react', id);
    const kept = (this.#chat.marks.get(id) ?? []).filter((name) => name !== mark && name !== instead);
    this.#chat.marks.set(id, [...kept, mark]);
    this.#chat.changed();
  }

  async whisper(user: ChatUser, post: Post, options: { key: string; near?: Place }): Promise<PostRef> {
    await this.#pass('whisper', options.key);
    return this.#show({ key: options.key, place: options.near, post, user: user.id });
  }

  async findPost(_place: Place, key: string): Promise<PostRef | undefined> {
    await this.#pass('findPost', key);
    return this.#chat.keyed(key)[0]?.ref;
  }

  async resolveChannel(_workspace: string | undefined, channel: string): Promise<Place | undefined> {
    await this.#pass('resolveChannel', channel);
    const id = this.#chat.channels.get(channel.replace(/^#/, ''));
    return id === undefined ? undefined : placeOf(id);
  }

  async resolveUser(_workspace: string | undefined, id: string): Promise<ChatUser | undefined> {
    return id.startsWith('U') ? { platform: 'test', workspace: 'T1', id } : undefined;
  }

  async profile(user: ChatUser): Promise<ChatProfile> {
    return { platformName: 'Test', workspaceName: user.workspace, userName: user.id };
  }

  async groupsOf(): Promise<readonly string[]> {
    return [];
  }

  #show(shown: Omit<Seen, 'ref' | 'edits'>): PostRef {
    const { seen } = this.#chat;
    const ref = { place: shown.place ?? placeOf('D1'), id: `m${seen.length + 1}` };
    seen.push({ ...shown, ref, edits: 0 });
    this.#chat.changed();
    return ref;
  }

  async #pass(call: Call, key: string): Promise<void> {
    if (this.isDead) await new Promise(() => undefined);
    this.#chat.calls.push({ call, key });
    const weather = this.#chat.weather(call, key);
    if (weather instanceof Error) throw weather;
    await weather;
  }
}

export function placeOf(channel: string, thread?: string): Place {
  const place = { platform: 'test', workspace: 'T1', channel, kind: 'channel' as const };
  return thread === undefined ? place : { ...place, thread };
}
