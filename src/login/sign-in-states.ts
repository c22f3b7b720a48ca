import { createHash } from 'node:crypto';
import type { Store } from '../storage/store.ts';
import { tripMs } from './oidc-cookie.ts';

/** The `state` words of sign-ins under way. Only their hashes are stored, and each is good once (RFC 9700, section 4.7). */
export class SignInStates {
  readonly #store: Pick<Store, 'add' | 'take'>;

  constructor(store: Pick<Store, 'add' | 'take'>) {
    this.#store = store;
  }

  async begin(state: string, session: string): Promise<void> {
    await this.#store.add(key(state), session, tripMs);
  }

  /** Uses it up: of any number of callers, at any number of instances, one gets true. */
  async use(state: string, session: string): Promise<boolean> {
    return (await this.#store.take(key(state))) === session;
  }
}

function key(state: string): string {
  return `sign-in:${createHash('sha256').update(state).digest('base64url')}`;
}
