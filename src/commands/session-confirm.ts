import type { AuthMode } from '../auth/auth.ts';
import type { ChatUser, FormSubmission, Post } from '../chat/chat.ts';
import { enteredText } from '../chat/form.ts';
import type { Audit } from '../ops/audit.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Confirmed } from '../sessions/confirm.ts';
import type { LoginProvisional } from '../sessions/events.ts';
import type { SessionService } from '../sessions/service.ts';
import type { Command } from './command.ts';
import type { ButtonHandler, FormHandler } from './interactions.ts';
import type { CommandSyntax } from './parse.ts';
import { sessionActions } from './session-actions.ts';
import { codeButton, loginCommand, noLoginWords, timeWords } from './words.ts';

export interface ConfirmDeps {
  readonly mode: AuthMode;
  readonly sessions: SessionService | undefined;
  readonly syntax: CommandSyntax;
  readonly audit: Audit;
  readonly metrics: Pick<Metrics, 'logins'>;
}

const title = 'Confirm your login';
const codeField = 'code';
const maxCodeLength = 40;

/** For whoever has a code that is not for them: it is how somebody else would get their rights (security.md T1). */
const neverPassOn =
  'If the code is on a page that somebody else’s link opened, press “This is not me” there, and give the code to nobody.';

/** `session_confirm <code>`: the code that the login page shows makes the login live. Only where nobody else reads it. */
export function sessionConfirm(deps: ConfirmDeps): Command {
  const { sessions, syntax } = deps;
  return {
    name: 'session_confirm',
    usage: '<code>',
    summary: 'Confirm your login with the code that the login page shows.',
    async run({ message, rest, whisper }) {
      if (sessions === undefined) return whisper({ text: noLoginWords(deps.mode) });
      if (rest === '') {
        const text = `Which code? Send me the one that the login page shows you, in a direct message: ${syntax.prefix}session_confirm <code>`;
        return whisper({ text });
      }
      if (message.isPrivate)
        return whisper({ text: confirmedWords(await enter(deps, message.user, rest), syntax) });
      const ended = await sessions.spoil(message.user, message.place.channel);
      const text = ended
        ? `Others can read that code here, so I ended the login that it was for. Delete your message and begin again, in a direct message: ${loginCommand(syntax)}`
        : `Others can read that code here. Delete your message. No login of yours waits for a code. ${neverPassOn}`;
      return whisper({ text });
    },
  };
}

/** Tells a person that a login of theirs waits for its code. */
export function codeAwaited(event: LoginProvisional, { prefix }: CommandSyntax): Post {
  const { stackstormUser, address, expiresAt } = event;
  const command = `${prefix}session_confirm <code>`;
  const what = `Somebody has just logged in as StackStorm user ${stackstormUser} on the page of your login link (from ${address}).`;
  const until = `until ${timeWords(expiresAt)}`;
  const otherwise =
    'If it was not you, do nothing: without the code that login ends by itself, and I forget it.';
  return {
    text: `${what} If that was you, send me the code that the page shows you, ${until}: ${command}. ${otherwise}`,
    parts: [
      { type: 'text', text: what },
      {
        type: 'text',
        text: `If that was you, enter the code that the page shows you, ${until}. Press the button, or send me:`,
      },
      { type: 'code', text: command },
      codeButton,
      { type: 'context', text: otherwise },
    ],
  };
}

/** The button *Enter the code* of the message that tells of a login: asks for it in a dialog. */
export function confirmButton({ mode, sessions }: Pick<ConfirmDeps, 'mode' | 'sessions'>): ButtonHandler {
  return {
    action: sessionActions.confirm,
    async press(_action, { whisper }) {
      if (sessions === undefined) {
        await whisper({ text: noLoginWords(mode) });
        return undefined;
      }
      return {
        id: sessionActions.confirm,
        value: sessionActions.confirm,
        title,
        text: 'Only if you logged in just now, on the page that your own link opened. Nobody else has a reason to ask you for this.',
        submit: 'Confirm',
        fields: [
          {
            type: 'text',
            name: codeField,
            label: 'The code that the login page shows you',
            placeholder: 'WDJB-MJHT',
            maxLength: maxCodeLength,
          },
        ],
      };
    },
  };
}

/** The dialog with the code. A code that is wrong can be mended in it while there are tries. */
export function confirmForm(deps: ConfirmDeps): FormHandler {
  const { sessions, syntax } = deps;
  return {
    form: sessionActions.confirm,
    async submit({ user, fields }: FormSubmission) {
      if (sessions === undefined) return { kind: 'show', title, post: { text: noLoginWords(deps.mode) } };
      const confirmed = await enter(deps, user, enteredText(fields, codeField));
      const text = confirmedWords(confirmed, syntax);
      return confirmed.kind === 'malformed' || confirmed.kind === 'wrong'
        ? { kind: 'invalid', faults: { [codeField]: text } }
        : { kind: 'show', title, post: { text } };
    },
  };
}

async function enter({ sessions, metrics }: ConfirmDeps, user: ChatUser, code: string): Promise<Confirmed> {
  const confirmed = (await sessions?.confirm(user, code)) ?? { kind: 'none' };
  metrics.logins.inc({ outcome: confirmed.kind === 'live' ? 'ok' : `confirm-${confirmed.kind}` });
  return confirmed;
}

function confirmedWords(confirmed: Confirmed, syntax: CommandSyntax): string {
  switch (confirmed.kind) {
    case 'live': {
      const { stackstormUser = 'your StackStorm user', expiresAt } = confirmed.session;
      return `That is right: you are logged in to StackStorm as ${stackstormUser} until ${timeWords(expiresAt)}.`;
    }
    case 'malformed':
      return 'That is no code. A code is eight letters, such as WDJB-MJHT; the login page shows it after you have logged in there.';
    case 'wrong':
      return `That is not the code that your login page shows. ${confirmed.triesLeft === 1 ? 'You have one try left.' : `You have ${confirmed.triesLeft} tries left.`}`;
    case 'dead':
      return `That was wrong too, so the login has ended and I have forgotten its credential. Begin again: ${loginCommand(syntax)}`;
    case 'account-bound':
      return 'The code was right, but that StackStorm user is logged in from another chat account by now, and may be so from one alone. The login has ended and I have forgotten its credential.';
    case 'none':
      return `No login of yours waits for a code: its time may be over, or it has ended. To begin again: ${loginCommand(syntax)}. ${neverPassOn}`;
  }
}
