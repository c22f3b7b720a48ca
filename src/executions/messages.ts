import type { Post } from '../chat/chat.ts';
import type { StackStormError } from '../stackstorm/errors.ts';
import type { AliasExecutionAnswer, Execution } from '../stackstorm/wire.ts';
import { webUrlOf } from './format-result.ts';

/**
 * What the bot says about runs: what happened, then what to do next. The result itself is made in format-result.ts and
 * announcement-post.ts.
 * @module
 */

function small(text: string, ...context: readonly (string | undefined)[]): Post {
  const print = context.filter((piece) => piece !== undefined).join(' · ');
  if (print === '') return { text };
  return {
    text: `${text}\n${print}`,
    parts: [
      { type: 'text', text },
      { type: 'context', text: print },
    ],
  };
}

function request(id: string | undefined): string {
  return id === undefined ? '' : ` (StackStorm's request ${id})`;
}

export interface AckFacts {
  readonly stackstormUser: string | undefined;
  readonly webUrl: string | undefined;
}

/**
 * The acknowledgement as the alias wants it: its own `ack.format` rendered by StackStorm, else ours; the address unless
 * `append_url: false` (hubot-stackstorm does the same with what the server ignores, FACTS.md "Alias execution").
 */
export function acknowledgement(answer: AliasExecutionAnswer, facts: AckFacts): Post {
  const { execution, actionalias, message, extra } = answer;
  const url = actionalias.ack?.append_url === false ? undefined : webUrlOf(execution, facts.webUrl);
  const own = message?.trim() ?? '';
  const post = acceptedWords(own === '' ? undefined : own, execution.id, facts.stackstormUser, url);
  const hasExtra = extra !== undefined && extra !== null && Object.keys(extra).length > 0;
  return hasExtra ? { ...post, extra } : post;
}

/** The acknowledgement of an execution whose 201 was never read. */
export function foundAcknowledgement(execution: Execution, facts: AckFacts & { appendUrl: boolean }): Post {
  const url = facts.appendUrl ? webUrlOf(execution, facts.webUrl) : undefined;
  return acceptedWords(undefined, execution.id, facts.stackstormUser, url);
}

function acceptedWords(
  own: string | undefined,
  executionId: string,
  stackstormUser: string | undefined,
  url: string | undefined,
): Post {
  const runBy = stackstormUser === undefined ? undefined : `run as ${stackstormUser}`;
  const post = small(own ?? 'StackStorm has taken it.', `execution ${executionId}`, runBy, url);
  if (own === undefined || post.parts === undefined) return post;
  const parts = post.parts.map((part) =>
    part.type === 'text' ? { ...part, isFormatted: true as const } : part,
  );
  return { ...post, parts };
}

/** One run in the acknowledgement of several. */
export interface GroupLine {
  readonly command: string;
  readonly executionId?: string | undefined;
  /** StackStorm's status word where `result.enabled: false` leaves the acknowledgement to tell it; or why it does not run. */
  readonly state?: string | undefined;
}

export function groupAcknowledgement(lines: readonly GroupLine[], stackstormUser: string | undefined): Post {
  const taken = lines.filter((line) => line.executionId !== undefined).length;
  const headline =
    taken === lines.length
      ? `StackStorm has taken all ${taken}.`
      : `StackStorm has taken ${taken} of ${lines.length}.`;
  const text = lines.map((line) => {
    const what = line.executionId === undefined ? (line.state ?? 'not run') : `execution ${line.executionId}`;
    const status = line.executionId === undefined || line.state === undefined ? '' : `: ${line.state}`;
    return `• ${line.command} (${what}${status})`;
  });
  return small(
    [headline, ...text].join('\n'),
    stackstormUser === undefined ? undefined : `run as ${stackstormUser}`,
  );
}

/** The acknowledgement's last state, for an alias that wants no result (`result.enabled: false`). */
export function finalAcknowledgement(
  aliasRef: string,
  executionId: string,
  status: string,
  url: string | undefined,
): Post {
  return small(`${aliasRef}: ${status}.`, `execution ${executionId}`, url);
}

export const words = {
  unauthorized: (login: string | undefined): Post =>
    login === undefined
      ? {
          text: 'StackStorm does not take my own credential, so nothing was run. Please tell whoever runs this bot.',
        }
      : {
          text: `StackStorm does not take your login any more, so nothing was run. To log in again, send me in a direct message: ${login}`,
        },
  notGranted: (login: string | undefined): Post => ({
    text: `Your session ended before the command could leave, so nothing was run.${
      login === undefined ? '' : ` To log in again, send me in a direct message: ${login}`
    }`,
  }),
  forbidden: (error: StackStormError): Post => ({
    text: `StackStorm says no: ${error.faultstring ?? 'you are not allowed to run this'}${request(error.requestId)}. Nothing was run.`,
  }),
  rejected: (error: StackStormError): Post => ({
    text: `StackStorm refused the command: ${error.faultstring ?? 'it gave no reason'}${request(error.requestId)}. Nothing was run.`,
  }),
  unreachable: (): Post => ({
    text: 'StackStorm cannot be reached at the moment, so nothing was run. Please try again in a moment.',
  }),
  stopping: (): Post => ({
    text: 'I am just being restarted, so nothing was run. Please send the command again in a moment.',
  }),
  fault: (): Post => ({
    text: 'A fault of my own kept me from running all of these: see which were taken. Please tell whoever runs this bot.',
  }),
  wrongAlias: (intended: string, actual: string, executionId: string, isCancelled: boolean): Post => ({
    text: `StackStorm ran another alias than the one you asked for: ${actual} instead of ${intended} (two packs have an alias of that name). ${
      isCancelled
        ? `I have cancelled it: execution ${executionId}.`
        : `I could not cancel it: please look at execution ${executionId} yourself.`
    }`,
  }),
  uncertain: (requestId: string): Post => ({
    text: `StackStorm did not answer, so I am finding out whether it took the command. Please do not repeat it yet${request(requestId)}.`,
  }),
  notTaken: (requestId: string): Post => ({
    text: `StackStorm did not take the command: it was not run${request(requestId)}. You can send it again.`,
  }),
  cannotTell: (requestId: string): Post => ({
    text: `StackStorm did not answer, and I cannot find out whether it took the command${request(requestId)}. Please look in StackStorm before you repeat it.`,
  }),
  executionGone: (aliasRef: string, executionId: string): Post => ({
    text: `${aliasRef}: StackStorm does not know execution ${executionId} any more, so there is no result to show.`,
  }),
} as const;
