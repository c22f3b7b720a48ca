import type { AuthMode } from '../auth/auth.ts';
import { chatUserKey } from '../chat/chat.ts';
import type { Audit } from '../ops/audit.ts';
import type { SessionService } from '../sessions/service.ts';
import type { Command } from './command.ts';
import type { CommandSyntax } from './parse.ts';
import { spanWords } from './words.ts';

/** A shorter word is too easily guessed, or typed by mistake. */
const minSecretLength = 4;

/** `session_start <secret>`: a link to the login page, for the person who asked alone. */
export function sessionStart(deps: {
  readonly mode: AuthMode;
  readonly sessions: SessionService | undefined;
  readonly syntax: CommandSyntax;
  readonly audit: Audit;
  readonly now: () => number;
}): Command {
  const { sessions, syntax, audit } = deps;
  const example = `${syntax.prefix}session_start plum-tree`;
  return {
    name: 'session_start',
    usage: '<word>',
    summary: 'Log in to StackStorm. Choose any word; you type it once more on the login page.',
    async run({ message, rest, whisper }) {
      if (deps.mode !== 'clientside' || sessions === undefined) {
        await whisper({
          text: 'No login is needed here: everyone runs with the bot’s own StackStorm account.',
        });
        return;
      }
      const refuse = async (outcome: string, text: string) => {
        await audit.record({
          event: 'link.refused',
          outcome,
          chatUser: chatUserKey(message.user),
          channel: message.place.channel,
        });
        await whisper({ text });
      };
      if (!message.isPrivate) {
        await refuse(
          'not-private',
          `Others can read that word here, so I made no login link. Delete your message, choose another word, and send it to me in a direct message: ${example}`,
        );
        return;
      }
      if (rest.length < minSecretLength) {
        await refuse(
          'bad-secret',
          `I need a word of ${minSecretLength} characters or more, which you will type once more on the login page. It is not your password. For example: ${example}`,
        );
        return;
      }
      const issued = await sessions.start(message.user, rest, {
        at: deps.now(),
        channel: message.place.channel,
        ...(message.place.kind === 'direct' ? { placeName: 'a direct message' } : {}),
      });
      if (issued.kind === 'limited') {
        await whisper({
          text: `You have asked for many login links. Please wait ${spanWords(issued.retryAfterMs)} and try again.`,
        });
        return;
      }
      const words = `Your login link works once, for ${spanWords(issued.expiresAt - deps.now())}. It is for you alone: never pass it on, and never log in with a link that somebody else gave you.`;
      await whisper({
        text: words,
        parts: [
          { type: 'text', text: words },
          {
            type: 'buttons',
            buttons: [{ label: 'Log in to StackStorm', url: issued.url, style: 'primary' }],
          },
        ],
      });
    },
  };
}
