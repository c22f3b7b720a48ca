import type { EndReason, LoginRefused } from '../sessions/events.ts';
import type { SessionSummary } from '../sessions/session.ts';

/**
 * What the notices of sessions say, by reason: to the person, and to admins of them.
 * @module
 */

/** Undefined where the person is told by the answer to what they did, or cannot be told. */
export function endWords(reason: EndReason, { stackstormUser, state }: SessionSummary): string | undefined {
  const session = state === 'live' ? `Your StackStorm session as ${stackstormUser ?? '?'}` : 'Your login';
  switch (reason) {
    case 'ended':
    case 'left':
      return undefined;
    case 'ended-elsewhere':
      return `${session} has ended: the same StackStorm user has ended all of its sessions, from another chat account.`;
    case 'cancelled':
      return `An admin has ended your ${state === 'live' ? 'StackStorm session' : 'login'}.`;
    case 'cancelled-all':
      return `An admin has ended every StackStorm session, yours${state === 'live' ? '' : ' on its way'} too.`;
    case 'expired':
      return 'StackStorm no longer takes your login, so your session has ended.';
    case 'ran-out':
      return `${session} has ended: its time is over.`;
    case 'idle':
      return `${session} has ended: it was not used for a while.`;
  }
}

/** What admins are told of the end of somebody's live session. */
export function adminEndWords(reason: EndReason, { stackstormUser }: SessionSummary, who: string): string {
  const how = {
    ended: 'they ended it',
    'ended-elsewhere': 'the same StackStorm user ended all of its sessions',
    cancelled: 'an admin ended it',
    'cancelled-all': 'an admin ended all',
    expired: 'StackStorm no longer takes its credential',
    'ran-out': 'its time is over',
    idle: 'it was not used',
    left: 'they, or the bot, left the workspace',
  } as const satisfies Record<EndReason, string>;
  return `The session of ${who} as StackStorm user ${stackstormUser ?? '?'} has ended: ${how[reason]}.`;
}

/** What the owner of a link is told of a login that was refused. `command` is how to begin again. */
export function refusalWords(
  { reason, address, stackstormUser = '?' }: LoginRefused,
  command: string,
): string {
  const begin = `Its link does not work any more. To begin again: ${command}`;
  switch (reason) {
    case 'account-bound':
      return `Your login was refused: StackStorm user ${stackstormUser} is logged in from another chat account, and may be so from one alone. ${begin}, after that session has ended.`;
    case 'not-me':
      return `Who opened your login link (from ${address}) said that they are not you, so the login was stopped. If you passed the link on: never do that. ${begin}`;
    case 'not-confirmed':
      return `A login on your link (from ${address}) was stopped, because its code was not entered here. ${begin}`;
    case 'certificate-mismatch':
      return `A login on your link (from ${address}) was refused: the browser showed the certificate of somebody else. Your link still works for you. If you passed it on: never do that.`;
    case 'sign-in-mismatch':
      return `A login on your link (from ${address}) was refused: the browser was signed in to chat as somebody else. ${begin}`;
  }
}

/** What admins are told of it. */
export function adminRefusalWords(
  { reason, address, stackstormUser = '?', others = [] }: LoginRefused,
  who: string,
): string {
  const why = {
    'account-bound': `StackStorm user ${stackstormUser} is logged in from ${others.length === 1 ? 'another chat account' : 'other chat accounts'}`,
    'not-me': 'who opened the link said that they are not that person',
    'not-confirmed': 'its code was not entered in chat',
    'certificate-mismatch': 'the browser showed the certificate of somebody else',
    'sign-in-mismatch': 'the browser was signed in to chat as somebody else',
  } as const satisfies Record<LoginRefused['reason'], string>;
  return `A login of ${who} was refused (from ${address}): ${why[reason]}. It may be that they sent their link to somebody.`;
}
