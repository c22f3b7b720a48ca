import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { about, type SessionContext } from './context.ts';
import { newLink } from './link.ts';
import { hashSecret } from './secret.ts';
import type { PendingLogin } from './session.ts';

/** When (ms) and where the person asked; the name is for them to read on the login page, the id for the audit log. */
export interface Asked {
  readonly at: number;
  readonly channel?: string;
  readonly placeName?: string;
}

export type Started =
  | {
      readonly kind: 'issued';
      /** For the person's own eyes: whoever opens it first holds the login. */
      readonly url: string;
      readonly expiresAt: number;
      readonly session: string;
    }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

/** A link has a tombstone for this long after its time (design.md, section 3). */
export const tombstoneTtl = 24 * 60 * 60 * 1_000;

/**
 * Makes a link for the chat user. A login that is on its way ends, opened or not; a live session stays until the new
 * login succeeds.
 */
export async function start(
  context: SessionContext,
  user: ChatUser,
  secret: string,
  asked: Asked,
): Promise<Started> {
  const place = asked.channel === undefined ? {} : { channel: asked.channel };
  const taken = await context.limits.links.take(chatUserKey(user));
  if (taken.kind === 'limited') {
    await context.audit({
      event: 'link.refused',
      outcome: 'too-many-links',
      chatUser: chatUserKey(user),
      ...place,
    });
    return taken;
  }
  const link = newLink();
  const hash = await hashSecret(secret, context.options.secretCost);
  const startedAt = context.now();
  const expiresAt = startedAt + context.options.linkTtl;
  const pending: PendingLogin = {
    id: link.session,
    state: 'asked',
    startedAt,
    expiresAt,
    askedAt: asked.at,
    ...(asked.placeName === undefined ? {} : { placeName: asked.placeName }),
    secret: hash,
    attemptsLeft: context.options.maxAttempts,
    failures: 0,
  };
  const row = { user, issuedAt: startedAt, expiresAt, used: false };
  await Promise.all([
    context.links.set(link.rowId, row, context.options.linkTtl + tombstoneTtl),
    context.rows.change(user, (current) => ({ next: { user, ...current, pending }, result: undefined })),
  ]);
  await context.audit({ event: 'link.issued', outcome: 'ok', ...about(user, link.session), ...place });
  return {
    kind: 'issued',
    url: `${context.options.publicUrl}/login/#${link.text}`,
    expiresAt,
    session: link.session,
  };
}
