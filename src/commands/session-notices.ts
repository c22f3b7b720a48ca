import { type ChatPlatform, type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { Logger } from '../ops/logger.ts';
import type { SessionEvents } from '../sessions/events.ts';
import type { CommandSyntax } from './parse.ts';
import { loginCommand, timeWords } from './words.ts';

/**
 * What people are told, in a direct message, of what happens to their sessions; what the bot's page shows of a session
 * is shown anew. Nothing that anybody typed is repeated.
 */
export function sessionNotices(deps: {
  readonly delivery: Delivery;
  readonly platforms: readonly ChatPlatform[];
  readonly syntax: CommandSyntax;
  readonly logger: Logger;
}): SessionEvents {
  const { delivery, syntax } = deps;
  return {
    async onStarted({ session, stackstormUser, address }) {
      void refreshHome(deps, session.user);
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
      // There is nobody, or no way, to tell where somebody has left.
      if (reason === 'left') return;
      void refreshHome(deps, session.user);
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

/** A page that cannot be shown anew is shown anew when it is opened: nothing waits for it. */
async function refreshHome(
  deps: { readonly platforms: readonly ChatPlatform[]; readonly logger: Logger },
  user: ChatUser,
): Promise<void> {
  const platform = deps.platforms.find(({ name }) => name === user.platform);
  try {
    await platform?.refreshHome?.(user);
  } catch (error) {
    deps.logger.warn(
      { err: error, chatUser: chatUserKey(user) },
      'the bot’s own page could not be shown anew',
    );
  }
}
