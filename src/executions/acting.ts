import type { Grant, RefusalReason } from '../auth/auth.ts';
import type { ChatUser } from '../chat/chat.ts';

/** Who looks at something of StackStorm's or acts on it, and from where. */
export interface Actor {
  readonly user: ChatUser;
  readonly channel: string;
}

/** As whom they do. */
export type ActorGrant = Grant & { readonly kind: 'granted' };

/** What they may not do. */
export type NotAllowed =
  | { readonly kind: 'not-granted'; readonly reason: RefusalReason }
  | { readonly kind: 'forbidden'; readonly stackstormUser: string }
  /** Nothing has this id. */
  | { readonly kind: 'unknown' };
