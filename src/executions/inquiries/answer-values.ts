import type { Question } from './questions.ts';

/** A value as StackStorm takes it, or what is wrong, in words for whoever typed it. */
export type Read = { readonly value: unknown } | { readonly fault: string };

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'y', 'on', '1'].map((word): [string, boolean] => [word, true]),
  ...['false', 'no', 'n', 'off', '0'].map((word): [string, boolean] => [word, false]),
]);

/** What somebody typed as the answer to a question. */
export function readText(question: Question, text: string): Read {
  switch (question.kind) {
    case 'text':
      return { value: text };
    case 'boolean': {
      const value = truths.get(text.trim().toLowerCase());
      return value === undefined ? { fault: 'Yes or no, please.' } : { value };
    }
    case 'integer':
    case 'number':
      return inRange(question, readNumber(question.kind, text));
    case 'choice':
      return chosen(question, text);
    case 'choices':
      return each(text, (one) => chosen(question, one));
    case 'list':
      return each(text, (one) =>
        question.items === 'text' ? { value: one } : readNumber(question.items, one),
      );
  }
}

function readNumber(kind: 'text' | 'integer' | 'number' | undefined, text: string): Read {
  const digits = text.trim();
  if (!/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) return { fault: 'A number, please.' };
  const value = Number(digits);
  if (!Number.isFinite(value)) return { fault: 'This number is too large for me.' };
  if (kind !== 'integer') return { value };
  if (!Number.isInteger(value)) return { fault: 'A whole number, please.' };
  // JSON's numbers are read as doubles on the way: more digits would become others.
  return Number.isSafeInteger(value) ? { value } : { fault: 'This number is too large for me.' };
}

function inRange({ min, max }: Question, read: Read): Read {
  if ('fault' in read || typeof read.value !== 'number') return read;
  if (min !== undefined && read.value < min) return { fault: `${min} or more, please.` };
  if (max !== undefined && read.value > max) return { fault: `At most ${max}, please.` };
  return read;
}

/** A choice by its words; upper and lower case are one where that is enough to tell them apart. */
function chosen({ choices = [] }: Question, text: string): Read {
  const wanted = text.trim();
  const exact = choices.filter((choice) => String(choice) === wanted);
  const close = choices.filter((choice) => String(choice).toLowerCase() === wanted.toLowerCase());
  const [found, ...more] = exact.length > 0 ? exact : close;
  if (found !== undefined && more.length === 0) return { value: found };
  const offered = choices.slice(0, 20).map(String).join(', ');
  return { fault: `One of these, please: ${offered}${choices.length > 20 ? ', …' : ''}.` };
}

/** Several, one a line or between commas. */
function each(text: string, read: (one: string) => Read): Read {
  const values: unknown[] = [];
  for (const piece of text.split(/[\n,]/)) {
    if (piece.trim() === '') continue;
    const one = read(piece.trim());
    if ('fault' in one) return one;
    values.push(one.value);
  }
  return { value: values };
}
