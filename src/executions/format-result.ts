import type { Part, Post } from '../chat/chat.ts';
import { cutText } from '../chat/cut-post.ts';
import type { Execution } from '../stackstorm/wire.ts';

/** A piece of a result: what it is, and its text. */
export interface Section {
  readonly label: string;
  readonly text: string;
}

export interface ResultOptions {
  /** At most this many characters of a result are shown. */
  readonly maxLength: number;
  /** Replaces the address that StackStorm gives to its web page. */
  readonly webUrl?: string | undefined;
}

/** Where the whole of an execution is seen in a browser; undefined where StackStorm names no web address. */
export function webUrlOf(execution: Execution, webUrl: string | undefined): string | undefined {
  if (webUrl !== undefined) return `${webUrl.replace(/\/+$/, '')}/#/history/${execution.id}/general`;
  const own = execution.web_url ?? '';
  return /^https?:\/\//.test(own) ? own : undefined;
}

/**
 * The result of an ended execution, for when no announcement brought one: StackStorm's own status word, what came out,
 * the execution's id and the way to the whole.
 */
export function formatResult(
  execution: Execution,
  alias: string,
  runBy: string | undefined,
  options: ResultOptions,
): Post {
  const headline = `${alias}: ${execution.status}${elapsed(execution)}`;
  const sections = fit(sectionsOf(execution.result), options.maxLength);
  const url = webUrlOf(execution, options.webUrl);
  const footer = [
    `execution ${execution.id}`,
    ...(runBy === undefined ? [] : [`run as ${runBy}`]),
    ...(url === undefined ? [] : [url]),
  ].join(' · ');
  const whole = sections.wasCut
    ? `This is a part: ${sections.all} characters in all. The whole: ${url ?? `st2 execution get ${execution.id}`}`
    : undefined;
  const parts: Part[] = [{ type: 'text', text: headline }];
  for (const section of sections.shown) {
    if (section.label !== '') parts.push({ type: 'context', text: section.label });
    if (section.text !== '') parts.push({ type: 'code', text: section.text });
  }
  if (whole !== undefined) parts.push({ type: 'text', text: whole });
  parts.push({ type: 'context', text: footer });
  const words = parts.map((part) => ('text' in part ? part.text : ''));
  return { text: words.join('\n'), parts };
}

function elapsed(execution: Execution): string {
  const seconds = execution.elapsed_seconds;
  if (typeof seconds !== 'number') return '';
  if (seconds < 60) return ` after ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return ` after ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** What a runner's result says to a person: local and remote shells, Python, HTTP, errors, anything else as JSON. */
export function sectionsOf(result: unknown): Section[] {
  if (!isObject(result)) return plain('', result);
  if (isShell(result)) return shellSections(result, '');
  const hosts = Object.entries(result);
  if (hosts.length > 0 && hosts.every(([, value]) => isObject(value) && isShell(value))) {
    return hosts.flatMap(([host, value]) => (isObject(value) ? shellSections(value, `${host}: `) : []));
  }
  if ('exit_code' in result && 'result' in result) return pythonSections(result);
  if ('status_code' in result && 'body' in result) {
    return [{ label: `HTTP ${asText(result['status_code'])}`, text: '' }, ...plain('body', result['body'])];
  }
  if ('error' in result) {
    return [...plain('error', result['error']), ...plain('traceback', result['traceback'])];
  }
  if ('output' in result || 'errors' in result) {
    return [...plain('output', result['output']), ...plain('errors', result['errors'])];
  }
  return plain('', result);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A shell runner's result for one host: `{failed, succeeded, return_code, stdout, stderr}`, or a part of it (noop). */
function isShell(value: Record<string, unknown>): boolean {
  return 'return_code' in value && ('stdout' in value || 'succeeded' in value);
}

function shellSections(value: Record<string, unknown>, prefix: string): Section[] {
  const code = value['return_code'];
  const sections = [
    ...plain(`${prefix}stdout`, value['stdout']),
    ...plain(`${prefix}stderr`, value['stderr']),
  ];
  if (code !== 0 && code !== undefined)
    sections.push({ label: `${prefix}return code ${asText(code)}`, text: '' });
  if ('error' in value) sections.push(...plain(`${prefix}error`, value['error']));
  if (sections.length === 0) sections.push({ label: `${prefix}no output`, text: '' });
  return sections;
}

function pythonSections(result: Record<string, unknown>): Section[] {
  const sections = [
    ...plain('result', result['result']),
    ...plain('stdout', result['stdout']),
    ...plain('stderr', result['stderr']),
  ];
  const code = result['exit_code'];
  if (code !== 0) sections.push({ label: `exit code ${asText(code)}`, text: '' });
  return sections;
}

/** One section, or none where there is nothing to show. */
function plain(label: string, value: unknown): Section[] {
  const text = asText(value);
  return text.trim() === '' ? [] : [{ label, text }];
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.replace(/\s+$/, '');
  if (isObject(value) && Object.keys(value).length === 0) return '';
  if (Array.isArray(value) && value.length === 0) return '';
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

/** At most `limit` characters over all sections; of a long one the beginning and the end, where logs say most. */
function fit(
  sections: readonly Section[],
  limit: number,
): { shown: Section[]; all: number; wasCut: boolean } {
  const all = sections.reduce((sum, section) => sum + section.text.length, 0);
  let left = limit;
  const shown: Section[] = [];
  for (const section of sections) {
    const text = middleCut(section.text, left);
    left = Math.max(0, left - text.length);
    if (text !== '' || section.text === '') shown.push({ label: section.label, text });
  }
  return { shown, all, wasCut: all > limit };
}

/** The text, or its first two thirds and last third of `limit`, with what is missing named between them. */
export function middleCut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  if (limit < 80) return cutText(text, limit);
  const head = cutText(text, Math.floor((limit * 2) / 3));
  const tailStart = text.length - Math.floor(limit / 3);
  const startsInPair = isLowSurrogate(text.charCodeAt(tailStart));
  const tail = text.slice(startsInPair ? tailStart + 1 : tailStart);
  return `${head}\n… ${text.length - head.length - tail.length} characters left out …\n${tail}`;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
