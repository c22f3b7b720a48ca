import type { AuthMode, RefusalReason } from '../auth/auth.ts';
import { ChatError, type Part, type Post } from '../chat/chat.ts';
import { AuditError } from '../ops/audit.ts';
import type { SessionSummary } from '../sessions/session.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import { EncryptionError } from '../storage/encryption.ts';
import { StoreError } from '../storage/store.ts';
import type { CommandSyntax } from './parse.ts';
import { sessionActions } from './session-actions.ts';

/**
 * What the bot says to a person, where a command does not go on. One place, so that one voice speaks: what happened,
 * then what to do next.
 * @module
 */

/** What a command's failure means to the person who typed it; `correlationId` finds an unknown one in the log. */
export function failureWords(error: unknown, correlationId?: string): string {
  if (error instanceof StoreError) {
    return 'My own storage does not answer, so nothing was run. Please try again in a moment; if it goes on, tell whoever runs this bot.';
  }
  if (error instanceof EncryptionError) {
    return error.code === 'unknown-key'
      ? 'I cannot read what I have stored for you: it was encrypted with a key that I no longer have. So nothing was run, and nothing is lost: when the key is back, all is as before. Please tell whoever runs this bot.'
      : 'I cannot read what I have stored for you: my storage is damaged. So nothing was run. Please tell whoever runs this bot; to go on, forget it with session_end and log in again.';
  }
  if (error instanceof AuditError) {
    return 'I cannot write my audit log, so I must not run anything. Please tell whoever runs this bot.';
  }
  if (error instanceof StackStormError) return stackstormWords(error);
  if (error instanceof ChatError) {
    return 'I could not find out here who you are, so nothing was run. Please try again in a moment.';
  }
  const number = correlationId === undefined ? '' : `, with this number: ${correlationId}`;
  return `Something went wrong in me, and I do not know what. Please tell whoever runs this bot${number}.`;
}

/** What StackStorm's failure means, where nothing was changed: a person's own 401 is told elsewhere. */
function stackstormWords(error: StackStormError): string {
  const reference = error.requestId === undefined ? '' : ` (StackStorm's request ${error.requestId})`;
  switch (error.code) {
    case 'unauthorized':
      return `StackStorm does not take my own credential, so nothing was done${reference}. Please tell whoever runs this bot.`;
    case 'forbidden':
      return `StackStorm says no, so nothing was done: ${error.faultstring ?? 'forbidden'}${reference}.`;
    case 'not-found':
    case 'rejected':
      return `StackStorm refused, so nothing was done: ${error.faultstring ?? error.code}${reference}.`;
    case 'timed-out':
      return `StackStorm did not answer in time, so nothing was done${reference}. Please try again in a moment.`;
    case 'unreachable':
      return 'StackStorm cannot be reached at the moment, so nothing was done. Please try again in a moment.';
    case 'server-error':
    case 'unexpected-answer':
      return `StackStorm answered with a fault of its own, so nothing was done${reference}. Please try again; if it goes on, tell whoever runs StackStorm.`;
  }
}

/** How to log in, as one types it. */
export function loginCommand(syntax: CommandSyntax): string {
  return `${syntax.prefix}session_start <a word of your choice>`;
}

/** Where nobody logs in. */
export function noLoginWords(mode: AuthMode): string {
  return mode === 'serverside'
    ? 'No login is needed here: StackStorm gives me a token of your own StackStorm user for what you run.'
    : 'No login is needed here: everyone runs with the bot’s own StackStorm account.';
}

/** Serverside: nothing says who the person is at StackStorm. */
export const notMappedWords =
  'I do not know which StackStorm user you are, so nothing was run. Please tell whoever runs this bot your chat user key, which whoami says.';

/** What a person ended, if anything. */
export function sessionEndWords(ended: SessionSummary | undefined): string {
  if (ended === undefined) return 'You have no session, so there was nothing to end.';
  return ended.state === 'live'
    ? `Your session as ${ended.stackstormUser ?? 'your StackStorm user'} has ended; I have forgotten the credential. What already runs in StackStorm runs on, and its result still comes.`
    : 'Your login link does not work any more. You had no session yet.';
}

/** Asks for the word in a dialog: the same as the command, wherever it stands. */
export const loginButton: Part = {
  type: 'buttons',
  buttons: [{ label: 'Log in', action: sessionActions.start, value: sessionActions.start, style: 'primary' }],
};

/** Asks for the code in a dialog: the same as the command, wherever it stands. */
export const codeButton: Part = {
  type: 'buttons',
  buttons: [
    {
      label: 'Enter the code',
      action: sessionActions.confirm,
      value: sessionActions.confirm,
      style: 'primary',
    },
  ],
};

export function noSessionWords(syntax: CommandSyntax): Post {
  const command = loginCommand(syntax);
  return {
    text: `You are not logged in to StackStorm, so nothing was run. To log in, send me in a direct message: ${command}`,
    parts: [
      { type: 'text', text: 'You are not logged in to StackStorm, so nothing was run.' },
      { type: 'text', text: 'Press the button, or send me this in a direct message:' },
      { type: 'code', text: command },
      loginButton,
      {
        type: 'context',
        text: 'Any word of 4 characters or more. You will type it once more on the login page. It is not your password. What you asked for is one press away once you are logged in.',
      },
    ],
  };
}

export function sessionExpiredWords(syntax: CommandSyntax): Post {
  const command = loginCommand(syntax);
  return {
    text: `Your StackStorm session has ended, so nothing was run. To log in again, send me in a direct message: ${command}`,
    parts: [
      { type: 'text', text: 'Your StackStorm session has ended, so nothing was run.' },
      { type: 'text', text: 'To log in again, press the button, or send me this in a direct message:' },
      { type: 'code', text: command },
      loginButton,
    ],
  };
}

/** For whoever has logged in and goes on too soon. */
function codeAwaitedWords({ prefix }: CommandSyntax): Post {
  const text =
    'Your login waits for its code, so nothing was run. If it was you who logged in, enter the code that the page shows you; give it to nobody.';
  const command = `${prefix}session_confirm <code>`;
  return {
    text: `${text} Send me in a direct message: ${command}`,
    parts: [
      { type: 'text', text },
      { type: 'text', text: 'Press the button, or send me in a direct message:' },
      { type: 'code', text: command },
      codeButton,
    ],
  };
}

/** Why a person has no credential, and what to do. */
export function refusalWords(reason: RefusalReason, syntax: CommandSyntax): Post {
  switch (reason) {
    case 'no-session':
      return noSessionWords(syntax);
    case 'session-expired':
      return sessionExpiredWords(syntax);
    case 'code-awaited':
      return codeAwaitedWords(syntax);
    case 'not-mapped':
      return { text: notMappedWords };
  }
}

/** A time of day that people read, with its date and zone. */
export function timeWords(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A span in the largest unit that fits: `12 hours`, `1 minute`. */
export function spanWords(ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const;
  for (const [unit, length] of units) {
    const count = Math.round(ms / length);
    if (count >= 1 && ms >= length) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  const seconds = Math.max(1, Math.round(ms / 1000));
  return `${seconds} second${seconds === 1 ? '' : 's'}`;
}
