import { type ChatPlatform, type ChatUser, chatUserKey } from '../../chat/chat.ts';
import { shownName } from '../../chat/shown-name.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';

/** An acknowledgement waits no longer for a name, in ms. */
const patienceMs = 500;
const mostRemembered = 1000;

/** What chat users are called, for the messages that tell who asked. */
export class Names {
  readonly #platforms: ReadonlyMap<string, ChatPlatform>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, string>();

  constructor(deps: { platforms: readonly ChatPlatform[]; clock: Clock; logger: Logger }) {
    this.#platforms = new Map(deps.platforms.map((platform) => [platform.name, platform]));
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  /** Undefined where the platform does not tell it soon: a message goes without it. Never throws. */
  async of(user: ChatUser): Promise<string | undefined> {
    const known = this.#known.get(chatUserKey(user));
    if (known !== undefined) return known;
    return await new Promise((resolve) => {
      const cancel = this.#clock.after(patienceMs, () => resolve(undefined));
      void this.#ask(user).then((name) => {
        cancel();
        resolve(name);
      });
    });
  }

  async #ask(user: ChatUser): Promise<string | undefined> {
    try {
      const profile = await this.#platforms.get(user.platform)?.profile(user);
      if (profile === undefined) return undefined;
      const name = shownName(profile.userName);
      if (name === '') return undefined;
      this.#known.set(chatUserKey(user), name);
      const [oldest] = this.#known.keys();
      if (this.#known.size > mostRemembered && oldest !== undefined) this.#known.delete(oldest);
      return name;
    } catch (error) {
      this.#logger.debug({ err: error, chatUser: chatUserKey(user) }, 'a chat user’s name is not known');
      return undefined;
    }
  }
}
