import type { Button, Part, Post } from '../../chat/chat.ts';
import { isCompleted } from '../../stackstorm/wire.ts';
import { durationWords } from '../format/text.ts';
import type { LivingFacts } from '../intent.ts';

/** How far an execution is. */
export interface LivingState {
  /** StackStorm's status word. */
  readonly status: string;
  /** How long it has run, or ran. */
  readonly seconds?: number | undefined;
}

export interface LivingSubject {
  readonly aliasRef: string;
  readonly executionId: string;
  readonly facts: LivingFacts;
  /** What the chat user is called. */
  readonly askedBy: string | undefined;
  readonly stackstormUser: string | undefined;
  /** The execution that this one repeats. */
  readonly rerunOf?: string | undefined;
  /** No result follows: what stands here is all that tells the end. */
  readonly isResult: boolean;
}

/**
 * StackStorm's words for how far it is, as a person says them. They begin large: a result alone has the status word bare.
 * The symbols are in every font, emoji are not.
 */
const words: Readonly<Record<string, readonly [symbol: string, words: string]>> = {
  requested: ['○', 'Requested'],
  scheduled: ['○', 'Requested'],
  delayed: ['○', 'Waiting for its turn'],
  running: ['◑', 'Running'],
  resuming: ['◑', 'Running'],
  pausing: ['‖', 'Pausing'],
  paused: ['‖', 'Paused'],
  pending: ['◇', 'Waiting for an answer'],
  canceling: ['◑', 'Being canceled'],
  succeeded: ['✓', 'Succeeded'],
  failed: ['✗', 'Failed'],
  timeout: ['✗', 'Timed out'],
  canceled: ['⊘', 'Canceled'],
  abandoned: ['✗', 'Abandoned'],
  unknown: ['?', 'StackStorm does not know it any more'],
};

/** `✓ Succeeded after 12 s`. */
export function stateWords({ status, seconds }: LivingState): string {
  const [symbol, said] = words[status] ?? ['◑', status.charAt(0).toUpperCase() + status.slice(1)];
  if (seconds === undefined || status === 'requested' || status === 'scheduled') return `${symbol} ${said}`;
  return `${symbol} ${said} ${isCompleted(status) ? 'after' : 'for'} ${durationWords(seconds)}`;
}

/**
 * The acknowledgement as it stands in a state: the alias author's own words first, where there are any, then how far the
 * execution is, its parameters, who asked and as whom it runs, and the way to StackStorm's page. The state is small print
 * where an author shapes the message (`ack.extra`): of what the bot adds, only that survives every shape.
 */
export function livingPost(subject: LivingSubject, state: LivingState, buttons: readonly Button[]): Post {
  const { aliasRef, executionId, facts, askedBy, stackstormUser } = subject;
  const { own, extra, parameters, url } = facts;
  const isShaped = own !== undefined || extra !== undefined;
  const headline = `${stateWords(state)} · ${aliasRef}`;
  const print = [
    ...(subject.isResult && isCompleted(state.status) ? [state.status] : []),
    `execution ${executionId}`,
    ...(subject.rerunOf === undefined ? [] : [`once more ${subject.rerunOf}`]),
    ...(askedBy === undefined ? [] : [`asked by ${askedBy}`]),
    ...(stackstormUser === undefined ? [] : [`run as ${stackstormUser}`]),
  ].join(' · ');
  const first: Part[] =
    own === undefined
      ? isShaped
        ? [{ type: 'text', text: takenWords }]
        : []
      : [{ type: 'text', text: own, isFormatted: true }];
  const parts: Part[] = [
    ...first,
    { type: isShaped ? 'context' : 'text', text: headline },
    ...(parameters.length === 0 ? [] : [{ type: 'fields', fields: parameters } as const]),
    { type: 'context', text: print },
    ...(buttons.length === 0 ? [] : [{ type: 'buttons', buttons } as const]),
  ];
  const lines = [
    ...first.map((part) => ('text' in part ? part.text : '')),
    headline,
    ...parameters.map(({ label, value }) => `${label}: ${value}`),
    url === undefined ? print : `${print} · ${url}`,
  ];
  return { text: lines.join('\n'), parts, ...(extra === undefined ? {} : { extra }) };
}

const takenWords = 'StackStorm has taken it.';
