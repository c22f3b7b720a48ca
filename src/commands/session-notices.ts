import { type ChatPlatform, type ChatUser, chatUserKey } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { Logger } from '../ops/logger.ts';
import type { SessionEvents } from '../sessions/events.ts';
import type { AdminNotices } from './admin-notices.ts';
import type { KeptCommands } from './kept-commands.ts';
import type { CommandSyntax } from './parse.ts';
import { codeAwaited } from './session-confirm.ts';
import { adminEndWords, adminRefusalWords, endWords, refusalWords } from './session-notice-words.ts';
import { loginButton, loginCommand, spanWords, timeWords } from './words.ts';

/** Of many who share a StackStorm user only these are told of one more. */
const sharersTold = 10;

/**
 * What people and admins are told, in direct messages, of what happens to logins and sessions; what the bot's page shows
 * of a session is shown anew. Nothing that anybody typed is repeated.
 */
export function sessionNotices(deps: {
  readonly delivery: Delivery;
  readonly platforms: readonly ChatPlatform[];
  readonly admins: AdminNotices;
  readonly kept: Pick<KeptCommands, 'offer'>;
  readonly syntax: CommandSyntax;
  /** Ms; absent: a session that nobody uses goes on. */
  readonly idleTtl?: number;
  readonly logger: Logger;
}): SessionEvents {
  const { delivery, admins, syntax } = deps;
  const command = loginCommand(syntax);
  const tell = (user: ChatUser, text: string, key: string) => delivery.whisper(user, { text }, { key });
  const tellWithLogin = (user: ChatUser, text: string, key: string) =>
    delivery.whisper(
      user,
      {
        text: `${text} To log in again, send me in a direct message: ${command}`,
        parts: [{ type: 'text', text }, loginButton],
      },
      { key },
    );
  return {
    async onProvisional(event) {
      const key = `session-provisional:${event.session}`;
      await delivery.whisper(event.user, codeAwaited(event, syntax), { key, mustArrive: true });
    },
    async onStarted({ session, stackstormUser, address, replaced }) {
      void refreshHome(deps, session.user);
      const key = `session-started:${session.id}`;
      const unused =
        deps.idleTtl === undefined ? '' : `, or until nobody has used it for ${spanWords(deps.idleTtl)}`;
      const until = `${timeWords(session.expiresAt)}${unused}`;
      const before =
        replaced === undefined
          ? ''
          : ` Your session as ${replaced.stackstormUser ?? '?'} before it has ended.`;
      const text = [
        `You are logged in to StackStorm as ${stackstormUser} until ${until} (from ${address}).${before}`,
        `What you run from chat now runs as ${stackstormUser}. If that was not you, end it: ${syntax.prefix}session_end`,
      ].join('\n');
      const offered = await deps.kept.offer(session.user);
      const post = {
        text: [text, ...offered.flatMap((part) => ('text' in part ? [part.text] : []))].join('\n'),
        parts: [{ type: 'text', text } as const, ...offered],
      };
      await Promise.all([
        delivery.whisper(session.user, offered.length === 0 ? { text } : post, { key }),
        admins.tell({
          about: session.user,
          text: (who) =>
            `${who} has logged in to StackStorm as ${stackstormUser} until ${until} (from ${address}).`,
          key,
        }),
      ]);
    },
    async onShared({ session, stackstormUser, others }) {
      const key = `account-shared:${session.id}`;
      const who = await admins.nameOf(session.user);
      const first = others.slice(0, sharersTold);
      const names = await Promise.all(first.map((other) => admins.nameOf(other)));
      const rest = others.length - first.length;
      const beside = [...names, ...(rest === 0 ? [] : [`${rest} more`])].join(', ');
      const ending = `If that is not yours too, end every session of ${stackstormUser} with ${syntax.prefix}session_end all, change its password, and tell your StackStorm admins.`;
      await Promise.all([
        tell(
          session.user,
          `StackStorm user ${stackstormUser} is logged in from another chat account as well. ${ending}`,
          key,
        ),
        ...first.map((other) =>
          tell(
            other,
            `Another chat account, ${who}, has logged in as StackStorm user ${stackstormUser}, as you have. ${ending}`,
            `${key}:${chatUserKey(other)}`,
          ),
        ),
        admins.tell({
          about: session.user,
          text: () =>
            `Several chat accounts are logged in as StackStorm user ${stackstormUser}: ${who} now, beside ${beside}.`,
          key,
        }),
      ]);
    },
    async onDead({ user, session, failures, at, address }) {
      const key = `login-dead:${session}`;
      const text = [
        `A login for you was stopped after ${failures} wrong tries (the last ${timeWords(at)}, from ${address}).`,
        `Its link does not work any more. If that was you, begin again: ${command}. If it was not, tell your StackStorm admins.`,
      ].join('\n');
      await Promise.all([
        tell(user, text, key),
        admins.tell({
          about: user,
          text: (who) =>
            `A login of ${who} was stopped after ${failures} wrong tries (the last ${timeWords(at)}, from ${address}).`,
          key,
        }),
      ]);
    },
    async onRefused(refused) {
      const { user, session, reason, stackstormUser = '?', others = [] } = refused;
      // It may have been live already.
      if (reason === 'not-me') void refreshHome(deps, user);
      const key = `login-refused:${reason}:${session}`;
      const who = await admins.nameOf(user);
      await Promise.all([
        tell(user, refusalWords(refused, command), key),
        ...others.map((other) =>
          tell(
            other,
            `Another chat account, ${who}, gave the credentials of your StackStorm user ${stackstormUser}. I refused that login. If that was not you, change the password of ${stackstormUser} and tell your StackStorm admins.`,
            `${key}:${chatUserKey(other)}`,
          ),
        ),
        admins.tell({ about: user, text: () => adminRefusalWords(refused, who), key }),
      ]);
    },
    async onTooManyFailures({ user, failures, window, address, at }) {
      const key = `login-failures:${chatUserKey(user)}:${at}`;
      const count = `${failures} tries to log in within ${spanWords(window)} went wrong`;
      const text = `${count}, so I take no more for a while (the last try came from ${address}). If that was not you, somebody has had your login link: never pass it on, and tell your StackStorm admins.`;
      await Promise.all([
        tell(user, text, key),
        admins.tell({ about: user, text: (who) => `${who}: ${count} (the last from ${address}).`, key }),
      ]);
    },
    async onEnding({ session, left }) {
      const until = timeWords(session.expiresAt);
      const text = `Your StackStorm session as ${session.stackstormUser ?? '?'} ends in ${spanWords(left)} (${until}). You have it until then, and until a new login is done.`;
      await tellWithLogin(session.user, text, `session-ending:${session.id}`);
    },
    async onEnded({ session, reason }) {
      const { user } = session;
      const key = `session-${reason}:${session.id}:${chatUserKey(user)}`;
      // There is nobody, or no way, to tell where somebody has left.
      if (reason !== 'left') void refreshHome(deps, user);
      const words = endWords(reason, session);
      await Promise.all([
        words === undefined ? undefined : tellWithLogin(user, words, key),
        // Of all at once admins are told once, and a login on its way gave nobody anything.
        reason === 'cancelled-all' || session.state !== 'live'
          ? undefined
          : admins.tell({ about: user, text: (who) => adminEndWords(reason, session, who), key }),
      ]);
    },
    async onAllCancelled({ by, platform, workspace, count, at }) {
      await admins.tell({
        about: by,
        workspace: { platform, workspace },
        text: (who) => `${who} has ended every session and login of ${platform}:${workspace} (${count}).`,
        key: `all-cancelled:${platform}:${workspace}:${at}`,
      });
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
