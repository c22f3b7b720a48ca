import type { ChatUser } from '../chat/chat.ts';
import { networkOf } from '../ops/network.ts';
import type { Row } from '../storage/collection.ts';
import { refuseCertificate } from './certificate.ts';
import { about, type SessionContext } from './context.ts';
import { type LinkName, type LinkRow, parseLink } from './link.ts';
import { isAlive, type PendingLogin, type SessionRow } from './session.ts';
import { tombstoneTtl } from './start.ts';

/** Which login a browser holds; the login page's cookie says it. */
export interface LoginRef {
  readonly user: ChatUser;
  readonly session: string;
}

/** What the login page shows of a login. Times are ms since the epoch. */
export interface LoginView extends LoginRef {
  readonly askedAt: number;
  readonly placeName?: string;
  readonly expiresAt: number;
  readonly attemptsLeft: number;
  /** The browser's person was proven to be this chat user. */
  readonly signedIn: boolean;
}

export type Opened =
  | { readonly kind: 'opened'; readonly login: LoginView }
  /** `unknown`: no such link, or a wrong key. `used`: opened before, or cancelled. */
  | { readonly kind: 'unknown' | 'used' | 'expired' }
  /** The browser has somebody else's certificate. The link is as good as before. */
  | { readonly kind: 'not-theirs' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number };

/**
 * Consumes a link. What decides is one compare and set, of the session's row from asked to opened: of any number of
 * openers at any number of instances, one wins (S3; CVE-2026-3590 is what happens else). A wrong key finds no row,
 * consumes nothing, and counts against its address; a right key never does. `isTheirs` says whether the browser may be
 * this chat user's, and is asked of nothing but a right key.
 */
export async function open(
  context: SessionContext,
  text: string,
  address: string,
  isTheirs: (user: ChatUser) => Promise<boolean> = async () => true,
): Promise<Opened> {
  const link = parseLink(text);
  const row = link && (await context.links.get(link.rowId));
  if (link === undefined || row === undefined) return unknown(context, address);
  const { user } = row.value;
  if (row.value.used) return refuse(context, 'used', user, link, address);

  const mayOpen = await isTheirs(user);
  const changed = await context.rows.change<PendingLogin | 'used' | 'expired' | 'not-theirs'>(
    user,
    (current, now) => {
      const pending = current?.pending;
      if (current === undefined || pending?.id !== link.session) {
        const times = { startedAt: row.value.issuedAt, expiresAt: row.value.expiresAt };
        return { result: isAlive(times, now) ? 'used' : 'expired' };
      }
      if (pending.state !== 'asked') return { result: 'used' };
      if (!mayOpen) return { result: 'not-theirs' };
      return { next: { ...current, pending: { ...pending, state: 'opened' } }, result: pending };
    },
  );
  const pending = changed.result;
  if (pending === 'not-theirs') {
    await refuseCertificate(context, { user, session: link.session }, address);
    return { kind: 'not-theirs' };
  }
  if (typeof pending === 'string') return refuse(context, pending, user, link, address);
  await recordOpened(context, user, pending, changed.row, address);
  await context.links.replace(row, { ...row.value, used: true }, tombstoneLife(context, row.value));
  return { kind: 'opened', login: view(user, pending) };
}

/** The login that a browser opened, while it is still the user's and has time. */
export async function openLogin(context: SessionContext, ref: LoginRef): Promise<LoginView | undefined> {
  const pending = (await context.rows.get(ref.user))?.pending;
  if (pending?.id !== ref.session || pending.state !== 'opened') return undefined;
  return view(ref.user, pending);
}

async function unknown(context: SessionContext, address: string): Promise<Opened> {
  const taken = await context.limits.openFailures.take(networkOf(address));
  if (taken.kind === 'limited') return taken;
  await context.audit({ event: 'link.refused', outcome: 'link-unknown', address });
  return { kind: 'unknown' };
}

async function refuse(
  context: SessionContext,
  kind: 'used' | 'expired',
  user: ChatUser,
  link: LinkName,
  address: string,
): Promise<Opened> {
  const outcome = `link-${kind}`;
  await context.audit({ event: 'link.refused', outcome, ...about(user, link.session, address) });
  return { kind };
}

/** Where it cannot be recorded the link is as good as before. */
async function recordOpened(
  context: SessionContext,
  user: ChatUser,
  asked: PendingLogin,
  opened: Row<SessionRow> | undefined,
  address: string,
): Promise<void> {
  try {
    await context.audit({ event: 'link.opened', outcome: 'ok', ...about(user, asked.id, address) });
  } catch (error) {
    if (opened !== undefined) await context.rows.putBack(opened, { ...opened.value, pending: asked });
    throw error;
  }
}

function tombstoneLife(context: SessionContext, link: LinkRow): number {
  return Math.max(link.expiresAt - context.now(), 0) + tombstoneTtl;
}

export function view(user: ChatUser, pending: PendingLogin): LoginView {
  const { id, askedAt, placeName, expiresAt, attemptsLeft, signedInAt } = pending;
  const place = placeName === undefined ? {} : { placeName };
  const signedIn = signedInAt !== undefined;
  return { user, session: id, askedAt, ...place, expiresAt, attemptsLeft, signedIn };
}
