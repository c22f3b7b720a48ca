import { type ChatUser, chatUserKey, type Post } from '../chat/chat.ts';
import type { Audit } from '../ops/audit.ts';
import type { SessionService } from '../sessions/service.ts';
import { spanWords } from './words.ts';

/** A shorter word is too easily guessed, or typed by mistake. */
export const minSecretLength = 4;

/** Where a link was asked for. */
export interface LinkAsked {
  readonly channel: string;
  /** For the person to read on the login page. */
  readonly placeName?: string;
}

export type LoginLink =
  /** For the person alone; it must arrive. */
  | { readonly kind: 'link'; readonly post: Post }
  | { readonly kind: 'too-short' }
  | { readonly kind: 'limited'; readonly text: string };

/**
 * A link to the login page, for a word that nobody else could read. Throws StoreError, EncryptionError, and AuditError
 * where it may not be made unrecorded (S8).
 */
export async function loginLink(
  deps: { readonly sessions: SessionService; readonly audit: Audit; readonly now: () => number },
  user: ChatUser,
  secret: string,
  { channel, placeName }: LinkAsked,
): Promise<LoginLink> {
  if (secret.length < minSecretLength) {
    await deps.audit.record({
      event: 'link.refused',
      outcome: 'bad-secret',
      chatUser: chatUserKey(user),
      channel,
    });
    return { kind: 'too-short' };
  }
  const issued = await deps.sessions.start(user, secret, {
    at: deps.now(),
    channel,
    ...(placeName === undefined ? {} : { placeName }),
  });
  if (issued.kind === 'limited') {
    const text = `You have asked for many login links. Please wait ${spanWords(issued.retryAfterMs)} and try again.`;
    return { kind: 'limited', text };
  }
  const words = `Your login link works once, for ${spanWords(issued.expiresAt - deps.now())}. It is for you alone: never pass it on, and never log in with a link that somebody else gave you.`;
  return {
    kind: 'link',
    post: {
      text: words,
      parts: [
        { type: 'text', text: words },
        {
          type: 'buttons',
          buttons: [{ label: 'Log in to StackStorm', url: issued.url, style: 'primary' }],
        },
      ],
    },
  };
}
