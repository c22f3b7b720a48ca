import type { AuthMode } from '../auth/auth.ts';
import type { FormSubmission } from '../chat/chat.ts';
import { enteredText } from '../chat/form.ts';
import type { Audit } from '../ops/audit.ts';
import type { SessionService } from '../sessions/service.ts';
import type { ButtonHandler, FormHandler } from './interactions.ts';
import { loginLink, minSecretLength } from './login-link.ts';
import { sessionActions } from './session-actions.ts';
import { noLoginWords, sessionEndWords } from './words.ts';

const title = 'Log in to StackStorm';
const wordField = 'word';
/** More than a word that somebody types twice. */
const maxWordLength = 200;

/** The button *Log in*: asks for the word in a dialog, which nobody else reads, wherever the button stands. */
export function startButton(deps: {
  readonly mode: AuthMode;
  readonly sessions: SessionService | undefined;
}): ButtonHandler {
  return {
    action: sessionActions.start,
    async press(_action, { whisper }) {
      if (deps.sessions === undefined) {
        await whisper({ text: noLoginWords(deps.mode) });
        return undefined;
      }
      return {
        id: sessionActions.start,
        value: sessionActions.start,
        title,
        text: 'Choose any word. You type it once more on the login page, so that nobody else can use your link.',
        submit: 'Get my link',
        fields: [
          {
            type: 'text',
            name: wordField,
            label: 'A word of your choice',
            hint: `Not your password. ${minSecretLength} characters or more.`,
            placeholder: 'plum-tree',
            minLength: minSecretLength,
            maxLength: maxWordLength,
          },
        ],
      };
    },
  };
}

/** The dialog with the word: the link is shown in its place, to the person who sent it alone. */
export function startForm(deps: {
  readonly mode: AuthMode;
  readonly sessions: SessionService | undefined;
  readonly audit: Audit;
  readonly now: () => number;
}): FormHandler {
  const { sessions, audit, now } = deps;
  return {
    form: sessionActions.start,
    async submit(submission) {
      if (sessions === undefined) return { kind: 'show', title, post: { text: noLoginWords(deps.mode) } };
      const word = enteredText(submission.fields, wordField).trim();
      if (word.length > maxWordLength) return invalid(`At most ${maxWordLength} characters, please.`);
      const link = await loginLink({ sessions, audit, now }, submission.user, word, asked(submission));
      switch (link.kind) {
        case 'too-short':
          return invalid(`${minSecretLength} characters or more, please. It is not your password.`);
        case 'limited':
          return { kind: 'show', title, post: { text: link.text } };
        case 'link':
          return { kind: 'show', title, post: link.post };
      }
    },
  };
}

function asked({ place }: FormSubmission) {
  return { channel: place.channel, placeName: 'a dialog in chat' };
}

function invalid(fault: string) {
  return { kind: 'invalid', faults: { [wordField]: fault } } as const;
}

/** The button *End session*: as the command. */
export function endButton(deps: { readonly sessions: SessionService | undefined }): ButtonHandler {
  return {
    action: sessionActions.end,
    async press({ user }, { whisper }) {
      await whisper({ text: sessionEndWords(await deps.sessions?.end(user)) }, { mustArrive: true });
      return undefined;
    },
  };
}
