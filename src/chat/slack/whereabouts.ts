import { type ChatUser, chatUserKey } from '../chat.ts';
import { type Installations, installationKey } from './installations.ts';

const most = 50_000;

/** Through which installation somebody is reached: their own workspace's, their org's, or where they were last seen. */
export class Whereabouts {
  readonly #installations: Installations;
  readonly #seen = new Map<string, string>();

  constructor(installations: Installations) {
    this.#installations = installations;
  }

  /** Somebody wrote to the bot there. */
  saw(user: ChatUser, workspace: string): void {
    const key = chatUserKey(user);
    this.#seen.delete(key);
    this.#seen.set(key, workspace);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > most && oldest !== undefined) this.#seen.delete(oldest);
  }

  /** The keys of installations to try, the likeliest first. Throws StoreError. */
  async of(user: ChatUser): Promise<readonly string[]> {
    const keys = new Set<string>();
    const seen = this.#seen.get(chatUserKey(user));
    if (seen !== undefined) keys.add(seen);
    if ((await this.#installations.get(user.workspace)) !== undefined) keys.add(user.workspace);
    for (const installation of await this.#installations.ofEnterprise(user.workspace)) {
      const key = installationKey(installation);
      if (key !== undefined) keys.add(key);
    }
    return [...keys];
  }
}
