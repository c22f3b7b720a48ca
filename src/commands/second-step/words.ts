import type { Button, Part, Post } from '../../chat/chat.ts';
import { cutText } from '../../chat/cut-post.ts';
import type { ShownParameter } from '../../executions/living/parameters.ts';
import { loginButton, spanWords, timeWords } from '../words.ts';
import type { Waiting } from './row.ts';

/** The names of the buttons, as they come back from the platform. */
export const stepActions = {
  confirm: 'step_confirm',
  cancel: 'step_cancel',
  approve: 'step_approve',
  deny: 'step_deny',
} as const;

const shownLength = 300;

/** What was understood of a command, for those who decide about it. */
export interface Understood {
  readonly aliasRef: string;
  readonly command: string;
  readonly parameters: readonly ShownParameter[];
}

/** Not the words as typed: a secret among them would stand there once more, for everyone. */
function understoodFields({ aliasRef, parameters }: Understood): Part {
  return { type: 'fields', fields: [{ label: 'Alias', value: aliasRef }, ...parameters] };
}

function inWords(parts: readonly Part[]): string {
  return parts
    .flatMap((part) => {
      if ('text' in part) return [part.text];
      return part.type === 'fields' ? part.fields.map(({ label, value }) => `${label}: ${value}`) : [];
    })
    .join('\n');
}

function post(parts: readonly Part[], buttons: readonly Button[]): Post {
  return {
    text: inWords(parts),
    parts: buttons.length === 0 ? parts : [...parts, { type: 'buttons', buttons }],
  };
}

/** To the requester alone: is that what you meant? */
export function confirmPost(row: Waiting, understood: Understood): Post {
  return post(
    [
      { type: 'text', text: `Please confirm: this runs as ${row.stackstormUser}. Nothing has been run yet.` },
      { type: 'code', text: cutText(understood.command, shownLength) },
      understoodFields(understood),
    ],
    [
      { label: 'Run it', action: stepActions.confirm, value: row.id, style: 'primary' },
      { label: 'Cancel', action: stepActions.cancel, value: row.id },
    ],
  );
}

/** To everyone in the place: who approves? */
export function approvePost(row: Waiting, understood: Understood, requester: string): Post {
  const { count } = row.needed;
  const needed = count === 1 ? 'one other person approves' : `${count} other people approve`;
  return post(
    [
      {
        type: 'text',
        text: `${requester} asks to run this as ${row.stackstormUser}. It waits until ${needed} it.`,
      },
      understoodFields(understood),
      { type: 'context', text: `${approvalsWords(row)} It is not run after ${timeWords(row.until)}.` },
    ],
    [
      { label: 'Approve', action: stepActions.approve, value: row.id, style: 'primary' },
      { label: 'Deny', action: stepActions.deny, value: row.id, style: 'danger' },
    ],
  );
}

function approvalsWords({ approvals, needed }: Waiting): string {
  const names = approvals.map(({ name, stackstormUser }) => `${name} (${stackstormUser})`).join(', ');
  return approvals.length === 0
    ? 'Nobody has approved it yet.'
    : `${approvals.length} of ${needed.count}: approved by ${names}.`;
}

/** How it ended, in place of the question. */
export function endedPost(row: Waiting, understood: Understood, requester: string, end: string): Post {
  return post(
    [
      { type: 'text', text: `${requester} asked to run this. ${end}` },
      understoodFields(understood),
      ...(row.approvals.length === 0 ? [] : [{ type: 'context', text: approvalsWords(row) } as const]),
    ],
    [],
  );
}

/** The rule wants a younger login. */
export function freshLoginPost(ms: number): Post {
  const text = stepWords.notFresh(ms);
  return { text, parts: [{ type: 'text', text }, loginButton] };
}

export const stepWords = {
  over: 'That is over: it was run, refused, or its time has passed. Nothing was done now.',
  notYours: 'Only who asked for it can confirm it.',
  own: 'You asked for it, so somebody else has to approve it.',
  sameAccount:
    'You are logged in as the same StackStorm user as who asked for it, so somebody else has to approve it.',
  notApprover: 'The access rule names others to approve this.',
  already: 'You have approved it already.',
  cancelled: 'Cancelled: nothing was run.',
  noOthers:
    'This needs somebody else’s approval, and nobody else reads this conversation. Type it in a channel where they are. Nothing was run.',
  noLogin: 'This needs a login of one’s own, and nobody logs in here. Nothing was run.',
  notFresh: (ms: number) =>
    `For this you must have logged in within the last ${spanWords(ms)}, so nothing was run. Log in again; then it is one press away.`,
  changed:
    'What this command means has changed since it was asked for, so it was not run. Please type it again.',
  expired: 'Nobody approved it in time, so it was not run.',
  denied: (name: string) => `${name} said no, so it was not run.`,
  cancelledBy: 'It was cancelled, and not run.',
  approved: 'It was approved, and runs now.',
  ended: 'It is over, and was not run.',
  interrupted:
    'I was stopped just as I took this up, so I do not run it again. If it ran, its execution stands in the thread; otherwise please ask for it again.',
  notRun:
    'It was approved, and yet not run: access, login or alias have changed since. Please ask for it again.',
} as const;
