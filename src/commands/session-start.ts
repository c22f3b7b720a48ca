import type { AuthMode } from '../auth/auth.ts';
import { chatUserKey } from '../chat/chat.ts';
import type { Audit } from '../ops/audit.ts';
import type { SessionService } from '../sessions/service.ts';
import type { Command } from './command.ts';
import { loginLink, minSecretLength } from './login-link.ts';
import type { CommandSyntax } from './parse.ts';
import { noLoginWords } from './words.ts';

/** `session_start <secret>`: a link to the login page, for the person who asked alone. */
export function sessionStart(deps: {
  readonly mode: AuthMode;
  readonly sessions: SessionService | undefined;
  readonly syntax: CommandSyntax;
  readonly audit: Audit;
  readonly now: () => number;
}): Command {
  const { sessions, syntax, audit, now } = deps;
  const example = `${syntax.prefix}session_start plum-tree`;
  return {
    name: 'session_start',
    usage: '<word>',
    summary: 'Log in to StackStorm. Choose any word; you type it once more on the login page.',
    async run({ message, rest, whisper }) {
      if (deps.mode !== 'clientside' || sessions === undefined) {
        await whisper({ text: noLoginWords(deps.mode) });
        return;
      }
      if (!message.isPrivate) {
        await audit.record({
          event: 'link.refused',
          outcome: 'not-private',
          chatUser: chatUserKey(message.user),
          channel: message.place.channel,
        });
        await whisper({
          text: `Others can read that word here, so I made no login link. Delete your message, choose another word, and send it to me in a direct message: ${example}`,
        });
        return;
      }
      const link = await loginLink({ sessions, audit, now }, message.user, rest, {
        channel: message.place.channel,
        ...(message.place.kind === 'direct' ? { placeName: 'a direct message' } : {}),
      });
      switch (link.kind) {
        case 'too-short':
          return whisper({
            text: `I need a word of ${minSecretLength} characters or more, which you will type once more on the login page. It is not your password. For example: ${example}`,
          });
        case 'limited':
          return whisper({ text: link.text });
        case 'link':
          // An ephemeral message may be lost, and the link with it.
          return whisper(link.post, { mustArrive: true });
      }
    },
  };
}
