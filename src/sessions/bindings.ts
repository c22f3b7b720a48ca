import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { StoreError } from '../storage/store.ts';
import type { SessionContext } from './context.ts';
import { userSchema } from './session.ts';

/**
 * Which chat users are logged in as a StackStorm user (security.md T1, recover): one row for each StackStorm user, with
 * every session that is, or is about to be, theirs. It changes only by compare and set, so of two chat users who log in
 * as one StackStorm user at the same moment, at two instances, the second sees the first. A session counts only while
 * its chat user's own row holds it, so what a crash left behind binds nobody.
 * @module
 */

export const binding = z.object({ holders: z.array(z.object({ user: userSchema, session: z.string() })) });
type Binding = z.infer<typeof binding>;
type Holder = Binding['holders'][number];

export type Bound =
  /** `others`: chat users who are logged in as the same StackStorm user. */
  | { readonly kind: 'bound'; readonly others: readonly ChatUser[] }
  | { readonly kind: 'refused'; readonly others: readonly ChatUser[] };

/** Sessions of one StackStorm user that are known; more of them share it on purpose. */
const most = 20;
/** Two instances cannot keep each other from a row for long. */
const maxTries = 500;
const emptyRowTtl = 1_000;

/** Binds a login that is about to be live, while its chat user's row still holds it. To be undone by {@link release}. */
export async function bind(
  context: SessionContext,
  stackstormUser: string,
  { user, session }: Holder,
): Promise<Bound> {
  if (context.options.oneChatUserPerAccount === 'off') return { kind: 'bound', others: [] };
  return change<Bound>(context, stackstormUser, async (holders) => {
    const standing = await standingOf(context, holders);
    const others = chatUsersBut(user, standing);
    if (others.length > 0 && context.options.oneChatUserPerAccount === 'refuse') {
      return { result: { kind: 'refused', others } };
    }
    const next = [...standing.slice(1 - most), { user, session }];
    return { next, result: { kind: 'bound', others } };
  });
}

/** Those for whose sake {@link bind} would refuse this chat user now; nothing is bound. */
export async function refusedFor(
  context: SessionContext,
  stackstormUser: string,
  user: ChatUser,
): Promise<readonly ChatUser[]> {
  if (context.options.oneChatUserPerAccount !== 'refuse') return [];
  return chatUsersBut(user, await othersBoundTo(context, stackstormUser, user));
}

/** The chat users, but for this one, who are logged in as the StackStorm user, with their sessions. */
export async function othersBoundTo(
  context: SessionContext,
  stackstormUser: string,
  user: ChatUser,
): Promise<readonly Holder[]> {
  const row = await context.bindings.get(idOf(stackstormUser));
  const standing = await standingOf(context, row?.value.holders ?? []);
  return standing.filter((holder) => chatUserKey(holder.user) !== chatUserKey(user));
}

/**
 * Forgets a session that is over, in the background: until then, and where it fails, {@link bind} sees by itself that it
 * is.
 */
export function release(
  context: SessionContext,
  session: { readonly id: string; readonly stackstormUser?: string },
): void {
  const { id, stackstormUser } = session;
  if (stackstormUser === undefined || context.options.oneChatUserPerAccount === 'off') return;
  context.inBackground(
    change(context, stackstormUser, async (holders) => {
      const rest = holders.filter((holder) => holder.session !== id);
      return rest.length === holders.length ? { result: undefined } : { next: rest, result: undefined };
    }),
    'a session that is over could not be taken off its StackStorm user',
  );
}

async function change<R>(
  context: SessionContext,
  stackstormUser: string,
  step: (holders: readonly Holder[]) => Promise<{ readonly next?: readonly Holder[]; readonly result: R }>,
): Promise<R> {
  const id = idOf(stackstormUser);
  for (let tries = 0; tries < maxTries; tries++) {
    const row = await context.bindings.get(id);
    const { next, result } = await step(row?.value.holders ?? []);
    if (next === undefined) return result;
    const value = { holders: [...next] };
    const ttl = next.length === 0 ? emptyRowTtl : context.options.sessionTtl + emptyRowTtl;
    const written =
      row === undefined
        ? await context.bindings.add(id, value, ttl)
        : await context.bindings.replace(row, value, ttl);
    if (written !== undefined) return result;
  }
  throw new StoreError('unavailable', `a binding did not hold still for ${maxTries} tries`);
}

async function standingOf(context: SessionContext, holders: readonly Holder[]): Promise<Holder[]> {
  const stands = await Promise.all(
    holders.map(async ({ user, session }) => {
      const row = await context.rows.get(user);
      return row?.live?.id === session || row?.pending?.id === session;
    }),
  );
  return holders.filter((_, index) => stands[index]);
}

function chatUsersBut(user: ChatUser, holders: readonly Holder[]): ChatUser[] {
  const others = new Map(holders.map((holder) => [chatUserKey(holder.user), holder.user]));
  others.delete(chatUserKey(user));
  return [...others.values()];
}

/** A StackStorm user may be called anything, and a row's key is not encrypted. */
function idOf(stackstormUser: string): string {
  return createHash('sha256').update(stackstormUser).digest('base64url');
}
