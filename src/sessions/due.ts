import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { EncryptionError } from '../storage/encryption.ts';
import type { SessionContext } from './context.ts';
import { parseChatUserKey } from './list.ts';
import { ranOut } from './notes.ts';
import { type LiveSession, lastUse, summaryOfLive } from './session.ts';

/**
 * What time does to a session: its person is reminded before its end, and told of it; one that nobody uses ends. Each live
 * session has a row `session-due:<minute>:<chat user key>` for the next minute in which there may be something to do. Any
 * instance looks at the rows whose minute has come; that a thing is done once is decided on the session's own row, so
 * rows that are left over, or seen by several, do no harm.
 * @module
 */

const prefix = 'session-due:';
const minute = 60_000;
const digits = 10;
/** A bot that was down for longer has nobody to remind: a note of an end is kept for a day. */
const overdueTtl = 2 * 24 * 60 * minute;
/** Rows that are looked at together. */
const atOnce = 50;

/** Sees to it that the session is looked at when there is next something to do. */
export async function makeDue(context: SessionContext, user: ChatUser, live: LiveSession): Promise<void> {
  const now = context.now();
  const next = Math.max(Math.ceil(nextTime(context, live) / minute), Math.floor(now / minute) + 1);
  const key = `${prefix}${String(next).padStart(digits, '0')}:${chatUserKey(user)}`;
  await context.marks.set(key, '1', next * minute - now + overdueTtl);
}

/**
 * Looks at every session whose minute has come. What fails for one is logged, and done at the next call. Throws StoreError
 * where the rows cannot be read.
 */
export async function settleDue(context: SessionContext): Promise<void> {
  const current = Math.floor(context.now() / minute);
  let batch: string[] = [];
  for await (const { key } of context.marks.scan(prefix)) {
    if (Number(key.slice(prefix.length, prefix.length + digits)) > current) break;
    batch.push(key);
    if (batch.length < atOnce) continue;
    await Promise.all(batch.map((one) => settleRow(context, one)));
    batch = [];
  }
  await Promise.all(batch.map((one) => settleRow(context, one)));
}

async function settleRow(context: SessionContext, key: string): Promise<void> {
  const user = parseChatUserKey(key.slice(prefix.length + digits + 1));
  try {
    if (user !== undefined) await settle(context, user);
  } catch (error) {
    context.failed(error, 'a session whose time has come could not be looked at');
    // A row that cannot be read now cannot be read in a minute.
    if (!(error instanceof EncryptionError)) return;
  }
  try {
    await context.marks.delete(key);
  } catch (error) {
    context.failed(error, 'a session’s due row could not be deleted');
  }
}

async function settle(context: SessionContext, user: ChatUser): Promise<void> {
  const live = (await context.rows.get(user))?.live;
  if (live === undefined) {
    await ranOut(context, user);
    return;
  }
  const reminded = await remind(context, user, live);
  await makeDue(context, user, reminded ?? live);
}

/** The session as it is once its person is reminded, where it is time for that; the instance that wins tells. */
async function remind(
  context: SessionContext,
  user: ChatUser,
  live: LiveSession,
): Promise<LiveSession | undefined> {
  if (live.reminded || context.now() < remindTime(context, live)) return undefined;
  const { result } = await context.rows.change<LiveSession | undefined>(user, (current) => {
    if (current?.live?.id !== live.id || current.live.reminded) return { result: undefined };
    const reminded: LiveSession = { ...current.live, reminded: true };
    return { next: { ...current, live: reminded }, result: reminded };
  });
  if (result !== undefined) {
    const event = { session: summaryOfLive(user, result), left: result.expiresAt - context.now() };
    context.tell(event, context.events.onEnding);
  }
  return { ...live, reminded: true };
}

function nextTime(context: SessionContext, live: LiveSession): number {
  const { idleTtl } = context.options;
  return Math.min(
    live.expiresAt,
    live.reminded ? Number.POSITIVE_INFINITY : remindTime(context, live),
    idleTtl === undefined ? Number.POSITIVE_INFINITY : lastUse(live) + idleTtl,
  );
}

/** A session that is shorter than two reminders' time is reminded of at its half. */
function remindTime({ options: { remindBefore } }: SessionContext, { startedAt, expiresAt }: LiveSession) {
  if (remindBefore === 0) return Number.POSITIVE_INFINITY;
  return expiresAt - Math.min(remindBefore, (expiresAt - startedAt) / 2);
}
