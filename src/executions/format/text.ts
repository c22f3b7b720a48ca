import { stripVTControlCharacters } from 'node:util';
import { cutText } from '../../chat/cut-post.ts';

/**
 * What a program wrote, as a person reads it: without a terminal's colours, bells and backspaces, and of a line that was
 * written over again and again (a progress bar) its last state.
 */
export function cleanText(text: string): string {
  const plain = text.includes('\u001b') || text.includes('\u009b') ? stripVTControlCharacters(text) : text;
  return (
    plain.includes('\r') ? plain.replace(/\r+\n/g, '\n').split('\n').map(lastWritten).join('\n') : plain
  )
    .replace(controls, '')
    .trimEnd();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

function lastWritten(line: string): string {
  if (!line.includes('\r')) return line;
  return line.split('\r').findLast((state) => state.trim() !== '') ?? '';
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

/** How long something took or takes, as a person says it; `seconds` may be a fraction. */
export function durationWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 10) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
