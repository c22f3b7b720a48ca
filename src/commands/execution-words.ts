import type { Part, Post } from '../chat/chat.ts';
import type { NotAllowed } from '../executions/acting.ts';
import type { Cancelled, Output } from '../executions/controls/controls.ts';
import type { FollowEnd } from '../executions/controls/follows.ts';
import { cleanText, durationWords } from '../executions/format/text.ts';
import { formatResult, webUrlOf } from '../executions/format-result.ts';
import { controlButton } from '../executions/living/living-buttons.ts';
import { stateWords } from '../executions/living/living-post.ts';
import { shownParameters } from '../executions/living/parameters.ts';
import { type Execution, isCompleted } from '../stackstorm/wire.ts';
import type { CommandSyntax } from './parse.ts';
import { refusalWords } from './words.ts';

/**
 * What the bot says about an execution to the one person who asked for it: rights differ, so nobody else reads it.
 * @module
 */

/** Of an output the end is shown, which is what happens now; in characters. */
const shownOutput = 2_500;

export interface ExecutionView {
  /** `stackstorm.webUrl`. */
  readonly webUrl: string | undefined;
  /** At most so many characters of a result are shown. */
  readonly maxLength: number;
  readonly syntax: CommandSyntax;
}

/** How `execution` is written, for who wrote it otherwise. */
export function executionUsage({ prefix }: CommandSyntax): Post {
  const lines = ['get', 'output', 'cancel', 'rerun'].map((verb) => `${prefix}execution ${verb} <id>`);
  const text =
    'The id of an execution stands in the message that tells of it (24 digits and letters). I read:';
  return {
    text: [text, ...lines].join('\n'),
    parts: [
      { type: 'text', text },
      { type: 'code', text: lines.join('\n') },
    ],
  };
}

/** Why nothing was done. */
export function notAllowedWords(not: NotAllowed, id: string, syntax: CommandSyntax): Post {
  switch (not.kind) {
    case 'not-granted':
      return refusalWords(not.reason, syntax);
    case 'forbidden':
      return { text: `StackStorm does not let you, as ${not.stackstormUser}, do this with execution ${id}.` };
    case 'unknown':
      return { text: `StackStorm knows no execution ${id}. It may have been deleted since.` };
  }
}

/** What came of a cancel. */
export function cancelledWords(cancelled: Cancelled, id: string, syntax: CommandSyntax): Post {
  switch (cancelled.kind) {
    case 'cancelled':
      return {
        text: `StackStorm cancels execution ${id}, as you asked it to as ${cancelled.stackstormUser}.`,
      };
    case 'over':
      return {
        text: `There was nothing to cancel: execution ${id} has ended already. StackStorm says: ${cancelled.words ?? 'no reason'}`,
      };
    case 'uncertain': {
      const reference =
        cancelled.requestId === undefined ? '' : ` (StackStorm's request ${cancelled.requestId})`;
      return {
        text: `StackStorm did not answer, so I do not know whether it cancels execution ${id}${reference}. Please look with ${syntax.prefix}execution get ${id}.`,
      };
    }
  }
}

/** What an execution is, as its action's ref has it. */
export function actionOf(execution: Execution): string {
  return execution.action?.ref ?? 'an action';
}

/** An execution as a person who may see it sees it: how it ended, or how far it is. */
export function executionPost(execution: Execution, { webUrl, maxLength }: ExecutionView): Post {
  if (isCompleted(execution.status)) {
    const runBy = userOf(execution);
    const post = formatResult(execution, actionOf(execution), runBy, { maxLength, webUrl });
    const buttons = { type: 'buttons', buttons: [controlButton('rerun', execution.id)] } as const;
    return { ...post, parts: [...(post.parts ?? []), buttons] };
  }
  const parameters = shownParameters(execution);
  const headline = headlineOf(execution);
  const url = webUrlOf(execution, webUrl);
  const print = printOf(execution);
  const parts: Part[] = [
    { type: 'text', text: headline },
    ...(parameters.length === 0 ? [] : [{ type: 'fields', fields: parameters } as const]),
    { type: 'context', text: print },
    {
      type: 'buttons',
      buttons: [
        ...(url === undefined ? [] : [{ label: 'Open in StackStorm', url }]),
        controlButton('cancel', execution.id),
        controlButton('output', execution.id),
      ],
    },
  ];
  const values = parameters.map(({ label, value }) => `${label}: ${value}`);
  return { text: [headline, ...values, url === undefined ? print : `${print} · ${url}`].join('\n'), parts };
}

/** What it has written, its end; `end` says why it is not kept up any longer. */
export function outputPost(output: Output, end: FollowEnd | undefined, { prefix }: CommandSyntax): Post {
  const { execution, written } = output;
  const { shown, note } = tailOf(written);
  const footer = `${printOf(execution)} · ${endWords(end, `${prefix}execution output ${execution.id}`)}`;
  const headline = headlineOf(execution);
  const notes = note === undefined ? [] : [note];
  return {
    text: [headline, ...notes, ...(shown === '' ? [] : [shown]), footer].join('\n'),
    parts: [
      { type: 'text', text: headline },
      ...notes.map((text): Part => ({ type: 'context', text })),
      ...(shown === '' ? [] : [{ type: 'code', text: shown } as const]),
      { type: 'context', text: footer },
    ],
  };
}

function endWords(end: FollowEnd | undefined, command: string): string {
  switch (end) {
    case undefined:
      return 'followed for two minutes';
    case 'ended':
      return 'this is all of it';
    case 'busy':
      return `too many are followed now; to look again: ${command}`;
    case 'time':
      return `not followed any longer; to go on: ${command}`;
    case 'replaced':
      return `not followed any longer, you follow another one; to go on: ${command}`;
    case 'stopped':
      return `not followed any longer, I was stopped; to go on: ${command}`;
    case 'no-answer':
      return `StackStorm does not answer; to look again: ${command}`;
    case 'not-allowed':
      return `StackStorm does not show it to you any longer; to look again: ${command}`;
  }
}

function tailOf(written: string | undefined): { shown: string; note: string | undefined } {
  if (written === undefined)
    return { shown: '', note: 'It has written more than I read. StackStorm’s own page has it.' };
  const text = cleanText(written);
  if (text.trim() === '') return { shown: '', note: 'It has written nothing so far.' };
  if (text.length <= shownOutput) return { shown: text, note: undefined };
  const tail = text.slice(-shownOutput).replace(/^[\udc00-\udfff]/, '');
  const whole = tail.slice(tail.indexOf('\n') + 1);
  const shown = whole.trim() === '' ? tail : whole;
  return { shown, note: `The last ${shown.length} of ${text.length} characters.` };
}

function headlineOf(execution: Execution): string {
  const { status, elapsed_seconds: elapsed } = execution;
  const state = stateWords({ status });
  const time = typeof elapsed === 'number' && isCompleted(status) ? ` after ${durationWords(elapsed)}` : '';
  return `${state}${time} · ${actionOf(execution)}`;
}

function printOf(execution: Execution): string {
  const user = userOf(execution);
  return [`execution ${execution.id}`, ...(user === undefined ? [] : [`run as ${user}`])].join(' · ');
}

function userOf({ context }: Execution): string | undefined {
  const user = context?.['user'];
  return typeof user === 'string' ? user : undefined;
}
