import { type ChatPlatform, type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import { shownName } from '../chat/shown-name.ts';
import type { Logger } from '../ops/logger.ts';
import { parseChatUserKey } from '../sessions/list.ts';
import { Limiter } from '../storage/limiter.ts';
import type { Store } from '../storage/store.ts';
import { spanWords } from './words.ts';

/** `auth.notifyAdmins`, with the admins whom `true` means. */
export interface AdminNoticeOptions {
  readonly notifyAdmins: boolean | readonly string[];
  readonly admins: readonly string[];
  readonly globalAdmins: readonly string[];
}

interface AdminNoticeDeps {
  readonly delivery: Pick<Delivery, 'whisper'>;
  readonly platforms: readonly ChatPlatform[];
  readonly store: Pick<Store, 'get' | 'add' | 'replace'>;
  readonly logger: Logger;
  readonly now: () => number;
}

interface AdminNotice {
  /** Who did it, or whose login it is: they know, or are told in words of their own, so no admin is told of themselves. */
  readonly about: ChatUser;
  /** Whose admins are told, if not of the chat user's own workspace. */
  readonly workspace?: Pick<ChatUser, 'platform' | 'workspace'>;
  /** Names and ids, and nothing that anybody typed. `who` is the chat user. */
  readonly text: (who: string) => string;
  /** Names the notice for ever. */
  readonly key: string;
}

/** So many an admin is told one by one, whatever people do. */
const flood = { count: 30, window: 10 * 60_000 };

/**
 * Tells `auth.notifyAdmins` by direct message of what happens to logins. Each hears of the people of their own workspace
 * alone, unless they are a global admin; a flood is cut, which is told once.
 */
export class AdminNotices {
  readonly #deps: AdminNoticeDeps;
  readonly #people: readonly { readonly user: ChatUser; readonly isGlobal: boolean }[];
  readonly #limiter: Limiter;

  constructor(deps: AdminNoticeDeps, options: AdminNoticeOptions) {
    const { notifyAdmins, admins, globalAdmins } = options;
    const all = notifyAdmins === true ? [...admins, ...globalAdmins] : [];
    const keys = typeof notifyAdmins === 'boolean' ? all : notifyAdmins;
    this.#deps = deps;
    this.#limiter = new Limiter(deps.store, 'adminNotices', flood, deps.now);
    this.#people = [...new Set(keys)].flatMap((key) => {
      const user = parseChatUserKey(key);
      return user === undefined ? [] : [{ user, isGlobal: globalAdmins.includes(key) }];
    });
  }

  async tell({ about, workspace: where = about, text, key }: AdminNotice): Promise<void> {
    const own = chatUserKey(about);
    const people = this.#people.filter(
      ({ user, isGlobal }) =>
        chatUserKey(user) !== own &&
        (isGlobal || (user.platform === where.platform && user.workspace === where.workspace)),
    );
    if (people.length === 0) return;
    const words = text(await this.nameOf(about));
    await Promise.all(people.map(({ user }) => this.#tell(user, words, key)));
  }

  /** A name that people know, and the key, which no name can feign. */
  async nameOf(user: ChatUser): Promise<string> {
    const key = chatUserKey(user);
    try {
      const profile = await this.#deps.platforms.find(({ name }) => name === user.platform)?.profile(user);
      const name = profile === undefined ? '' : shownName(profile.userName);
      return name ? `${name} (${key})` : key;
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'the chat platform did not say what a person is called');
      return key;
    }
  }

  async #tell(admin: ChatUser, text: string, key: string): Promise<void> {
    const { delivery, store, logger, now } = this.#deps;
    const own = chatUserKey(admin);
    if ((await this.#limiter.take(own)).kind === 'taken') {
      await delivery.whisper(admin, { text }, { key: `${key}:admin:${own}` });
      return;
    }
    logger.warn({ chatUser: own }, 'an admin was not told of a login: too many in a short time');
    if (!(await store.add(`told:admin-flood:${own}`, '1', flood.window))) return;
    const words = `More happens to logins than I tell you one by one (${flood.count} in ${spanWords(flood.window)}). The audit log has all of it.`;
    await delivery.whisper(admin, { text: words }, { key: `admin-flood:${now()}:${own}` });
  }
}
