import type { SessionService } from '../sessions/service.ts';
import type { Command } from './command.ts';

/** `session_end`: forgets the person's credential, at once and on every instance. */
export function sessionEnd(deps: { readonly sessions: SessionService | undefined }): Command {
  return {
    name: 'session_end',
    usage: '',
    summary: 'Log out: I forget your StackStorm credential at once.',
    async run({ message, whisper }) {
      const ended = await deps.sessions?.end(message.user);
      if (ended === undefined) {
        await whisper({ text: 'You have no session, so there was nothing to end.' });
        return;
      }
      await whisper({
        text:
          ended.state === 'live'
            ? `Your session as ${ended.stackstormUser ?? 'your StackStorm user'} has ended; I have forgotten the credential. What already runs in StackStorm runs on, and its result still comes.`
            : 'Your login link does not work any more. You had no session yet.',
      });
    },
  };
}
