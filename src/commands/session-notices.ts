import { chatUserKey } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { SessionEvents } from '../sessions/events.ts';
import type { CommandSyntax } from './parse.ts';
import { loginCommand, timeWords } from './words.ts';

/** What people are told, in a direct message, of what happens to their sessions. Nothing that anybody typed is repeated. */
export function sessionNotices(deps: {
  readonly delivery: Delivery;
  readonly syntax: CommandSyntax;
}): SessionEvents {
  const { delivery, syntax } = deps;
  return {
    async onStarted({ session, stackstormUser, address }) {
      const text = [
        `You are logged in to StackStorm as ${stackstormUser} until ${timeWords(session.expiresAt)} (from ${address}).`,
        `What you run from chat now runs as ${stackstormUser}. If that was not you, end it: ${syntax.prefix}session_end`,
      ].join('\n');
      await delivery.whisper(session.user, { text }, { key: `session-started:${session.id}` });
    },
    async onDead({ user, session, failures, at, address }) {
      const text = [
        `A login for you was stopped after ${failures} wrong tries (the last ${timeWords(at)}, from ${address}).`,
        `Its link does not work any more. If that was you, begin again: ${loginCommand(syntax)}. If it was not, tell your StackStorm admins.`,
      ].join('\n');
      await delivery.whisper(user, { text }, { key: `login-dead:${session}` });
    },
    async onEnded({ session, reason }) {
      if (reason === 'ended') return;
      const why =
        reason === 'cancelled'
          ? 'An admin has ended your StackStorm session.'
          : 'StackStorm no longer takes your login, so your session has ended.';
      const text = `${why} To log in again, send me in a direct message: ${loginCommand(syntax)}`;
      await delivery.whisper(
        session.user,
        { text },
        { key: `session-${reason}:${session.id}:${chatUserKey(session.user)}` },
      );
    },
  };
}
