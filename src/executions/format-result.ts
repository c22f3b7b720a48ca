import type { Part, Post } from '../chat/chat.ts';
import type { Execution } from '../stackstorm/wire.ts';
import { fitSections, partsOf, wordsOf } from './format/section.ts';
import { sectionsOf } from './format/sections.ts';
import { durationWords } from './format/text.ts';
import type { Task } from './format/workflow.ts';

export interface ResultOptions {
  /** At most this many characters of a result are shown. */
  readonly maxLength: number;
  /** Replaces the address that StackStorm gives to its web page. */
  readonly webUrl?: string | undefined;
  /** The executions of a workflow's tasks. */
  readonly tasks?: readonly Task[] | undefined;
}

/** Where the whole of an execution is seen in a browser; undefined where StackStorm names no web address. */
export function webUrlOf(execution: Execution, webUrl: string | undefined): string | undefined {
  if (webUrl !== undefined) return `${webUrl.replace(/\/+$/, '')}/#/history/${execution.id}/general`;
  const own = execution.web_url ?? '';
  return /^https?:\/\//.test(own) ? own : undefined;
}

/** The way to StackStorm's own page. */
function webButton(url: string | undefined): Part[] {
  if (url === undefined) return [];
  return [{ type: 'buttons', buttons: [{ label: 'Open in StackStorm', url }] }];
}

/**
 * The result of an ended execution, for when no announcement brought one: StackStorm's own status word, what came out
 * (what went wrong first), the execution's id and the way to the whole.
 */
export function formatResult(
  execution: Execution,
  alias: string,
  runBy: string | undefined,
  options: ResultOptions,
): Post {
  const headline = `${alias}: ${execution.status}${elapsed(execution)}`;
  const { shown, all, wasCut } = fitSections(sectionsOf(execution, options.tasks), options.maxLength);
  const url = webUrlOf(execution, options.webUrl);
  const footer = [`execution ${execution.id}`, ...(runBy === undefined ? [] : [`run as ${runBy}`])].join(
    ' · ',
  );
  const whole = wasCut
    ? [`This is a part: ${all} characters in all. The whole: ${url ?? `st2 execution get ${execution.id}`}`]
    : [];
  const parts: Part[] = [
    { type: 'text', text: headline },
    ...shown.flatMap(partsOf),
    ...whole.map((text): Part => ({ type: 'text', text })),
    { type: 'context', text: footer },
    ...webButton(url),
  ];
  const words = [
    headline,
    ...shown.flatMap(wordsOf),
    ...whole,
    url === undefined ? footer : `${footer} · ${url}`,
  ];
  return { text: words.join('\n'), parts };
}

function elapsed(execution: Execution): string {
  const seconds = execution.elapsed_seconds;
  return typeof seconds === 'number' ? ` after ${durationWords(seconds)}` : '';
}
