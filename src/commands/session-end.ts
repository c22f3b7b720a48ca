import type { SessionService } from '../sessions/service.ts';
import type { Command } from './command.ts';
import { sessionEndWords } from './words.ts';

/** `session_end`: forgets the person's credential, at once and on every instance; `all` that of their other accounts too. */
export function sessionEnd(deps: { readonly sessions: SessionService | undefined }): Command {
  return {
    name: 'session_end',
    usage: '[all]',
    summary:
      'Log out: I forget your StackStorm credential at once; with `all`, also where you use it from other chat accounts.',
    async run({ message, rest, whisper }) {
      const isAll = /^\p{Pd}*all$/iu.test(rest);
      const ended = isAll ? await deps.sessions?.endEverywhere(message.user) : undefined;
      const own = isAll ? ended?.own : await deps.sessions?.end(message.user);
      const words = sessionEndWords(own);
      const text = isAll ? `${words} ${othersWords(ended?.others ?? 0)}` : words;
      // It tells of the end of a session, which nobody may miss: an ephemeral message may be lost.
      await whisper({ text }, { mustArrive: true });
    },
  };
}

function othersWords(others: number): string {
  if (others === 0) return 'No other chat account was logged in as the same StackStorm user.';
  return `${others} other chat account${others === 1 ? ' was' : 's were'} logged in as the same StackStorm user: ${others === 1 ? 'that session has' : 'those sessions have'} ended too, and they are told.`;
}
