import type { SessionService } from '../sessions/service.ts';
import type { Command } from './command.ts';
import { sessionEndWords } from './words.ts';

/** `session_end`: forgets the person's credential, at once and on every instance. */
export function sessionEnd(deps: { readonly sessions: SessionService | undefined }): Command {
  return {
    name: 'session_end',
    usage: '',
    summary: 'Log out: I forget your StackStorm credential at once.',
    async run({ message, whisper }) {
      await whisper({ text: sessionEndWords(await deps.sessions?.end(message.user)) });
    },
  };
}
