import type { Button, Part, Post } from '../../chat/chat.ts';
import { whyNoForm } from '../../chat/form.ts';
import type { Inquiry } from '../../stackstorm/wire.ts';
import { fieldsOf, labelOf } from './form-fields.ts';
import { type Asked, type Question, questionsOf } from './questions.ts';
import type { Ending } from './row.ts';

/**
 * What the bot says about inquiries, to everybody in the thread: who asks what, how one answers, and how it ended. What an
 * answer was is nobody's business but StackStorm's.
 * @module
 */

/** The action of the button, and the form's id; access rules know both by the command's name. */
export const inquiryAction = 'inquiry';

/** Why the questions are not asked in a dialog; undefined where they are. */
export type NoDialog = 'no-schema' | 'nested' | 'too-much' | 'secret';

const listed = 20;
const shortest = 300;

/** Whether a dialog can ask this. A secret that must be answered is typed nowhere but at StackStorm's own page. */
export function whyNoDialog(asked: Asked): NoDialog | undefined {
  if (asked.kind === 'unaskable') return asked.why;
  const open = asked.questions.filter(({ secret }) => !secret);
  if (asked.questions.some(({ secret, required, initial }) => secret && required && initial === undefined))
    return 'secret';
  if (open.length === 0) return 'secret';
  const form = { id: inquiryAction, value: '', title: '', submit: '', fields: fieldsOf(open) };
  return whyNoForm(form) === undefined ? undefined : 'too-much';
}

const noDialogWords: Readonly<Record<NoDialog, string>> = {
  'no-schema': 'It does not say what it takes, so I have no form for it.',
  nested: 'What it asks for has parts inside parts, so I have no form for it.',
  'too-much': 'It asks for more than a form can hold.',
  secret:
    'It asks for a secret. Slack and everybody who runs this chat could see what you type here, so answer it on StackStorm’s own page.',
};

/** What is asked, in a line: the schema's title, or its only question. */
export function headingOf(who: string, inquiry: Inquiry | undefined): string {
  const asked = questionsOf(inquiry?.schema);
  const title = inquiry?.schema?.['title'];
  const [only, ...more] = asked.kind === 'questions' ? asked.questions : [];
  // The runner's own default is no title that says anything.
  if (typeof title === 'string' && title.trim() !== '' && title !== 'response_data') return line(who, title);
  if (only !== undefined && more.length === 0) return line(who, only.description ?? labelOf(only));
  return `${who} asks something`;
}

function line(who: string, what: string): string {
  const plain = what.trim().replace(/\s+/g, ' ');
  return `${who} asks: ${plain.length > shortest ? `${plain.slice(0, shortest)}…` : plain}`;
}

export interface AskedFacts {
  readonly id: string;
  readonly heading: string;
  readonly inquiry: Inquiry | undefined;
  readonly url: string | undefined;
  /** How one answers by hand: `!st2 inquiry respond`. */
  readonly command: string;
  /** When the question came, for the hour until which it is open; undefined: its span is told. */
  readonly now: number | undefined;
}

/** The question, with a button that answers it, or how to do it by hand. */
export function askedPost({ id, heading, inquiry, url, command, now }: AskedFacts): Post {
  const asked = questionsOf(inquiry?.schema);
  const why = inquiry === undefined ? undefined : whyNoDialog(asked);
  const questions = asked.kind === 'questions' ? asked.questions : [];
  const about = questions.slice(0, listed).map(questionLine);
  if (questions.length > listed) about.push(`• and ${questions.length - listed} more`);
  const byHand = `${command} ${id} ${exampleOf(questions)}`;
  const how =
    why === undefined ? [] : [`${noDialogWords[why]}${why === 'secret' ? '' : ' Answer with a command:'}`];
  const small = [...limitsOf(inquiry, now), `inquiry ${id}`].join(' · ');
  const parts: Part[] = [
    { type: 'text', text: `◆ ${heading}` },
    ...(about.length === 0 ? [] : [{ type: 'text' as const, text: about.join('\n') }]),
    ...how.map((text): Part => ({ type: 'text', text })),
    ...(why === undefined || why === 'secret' ? [] : [{ type: 'code' as const, text: byHand }]),
    { type: 'buttons', buttons: [...(why === undefined ? [respondButton(id)] : []), ...webButtons(url)] },
    { type: 'context', text: small },
  ];
  const hand = why === 'secret' ? [] : [`Answer: ${byHand}`];
  const words = [`◆ ${heading}`, ...about, ...how, ...hand, ...(url === undefined ? [] : [url]), small];
  return {
    text: words.join('\n'),
    parts: parts.filter((part) => part.type !== 'buttons' || part.buttons.length > 0),
  };
}

export function respondButton(id: string): Button {
  return { label: 'Respond', action: inquiryAction, value: id, style: 'primary' };
}

/** The way to StackStorm's own page. */
function webButtons(url: string | undefined): Button[] {
  return url === undefined ? [] : [{ label: 'Open in StackStorm', url }];
}

/** One question among others, as a line. */
function questionLine(question: Question): string {
  const { description, required, secret, choices } = question;
  const more = [
    description?.trim().replace(/\s+/g, ' ') ?? '',
    choices === undefined
      ? ''
      : `(${choices.slice(0, 10).map(String).join(', ')}${choices.length > 10 ? ', …' : ''})`,
    secret ? '(secret)' : '',
    required ? '' : '(optional)',
  ].filter((piece) => piece !== '');
  const text = `• ${labelOf(question)}${more.length === 0 ? '' : `: ${more.join(' ')}`}`;
  return text.length > shortest ? `${text.slice(0, shortest)}…` : text;
}

const examples: Readonly<Record<Question['kind'], string>> = {
  text: '"…"',
  integer: '1',
  number: '1.5',
  boolean: 'yes',
  choice: '…',
  choices: '…,…',
  list: '…,…',
};

/** How an answer is typed, by its own names. */
function exampleOf(questions: readonly Question[]): string {
  const open = questions.filter(({ secret }) => !secret);
  const wanted = open.some(({ required }) => required) ? open.filter(({ required }) => required) : open;
  if (wanted.length === 0) return '{"name": "value"}';
  return wanted
    .slice(0, 5)
    .map(
      ({ name, kind, choices }) => `${name}=${choices === undefined ? examples[kind] : quoted(choices[0])}`,
    )
    .join(' ');
}

function quoted(choice: unknown): string {
  const text = String(choice);
  return /[\s"']/.test(text) ? `"${text}"` : text;
}

/** Until when, and who: StackStorm's own limits. */
export function limitsOf(inquiry: Inquiry | undefined, now?: number): string[] {
  if (inquiry === undefined) return [];
  const { ttl, users, roles } = inquiry;
  const minutes = typeof ttl === 'number' && ttl > 0 ? ttl : undefined;
  const until =
    now === undefined || minutes === undefined
      ? minutes === undefined
        ? []
        : [`open for ${minutes} min`]
      : [`answer by ${new Date(now + minutes * 60_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`];
  const only = [...named('user', users ?? []), ...named('role', roles ?? [])];
  return [...until, ...(only.length === 0 ? [] : [`only for ${only.join(' and ')}`])];
}

function named(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, 5).join(', ');
  return [`${what}${names.length === 1 ? '' : 's'} ${shown}${names.length > 5 ? ', …' : ''}`];
}

/** How it ended, as everybody may know it. */
export function endingWords(ending: Ending): string {
  switch (ending.kind) {
    case 'answered':
      return ending.by === undefined ? 'Answered elsewhere.' : `Answered by ${ending.by}.`;
    case 'expired':
      return 'Nobody answered in time: it has expired.';
    case 'cancelled':
      return 'Cancelled: it waits for no answer any more.';
    case 'ended':
      return `It waits for no answer any more (${ending.status}).`;
  }
}

/** What takes the question's place once it is over. */
export function closedPost(heading: string, id: string, ending: Ending): Post {
  const mark = ending.kind === 'answered' ? '✓' : '✗';
  const small = `inquiry ${id}`;
  return {
    text: `${mark} ${heading}\n${endingWords(ending)}\n${small}`,
    parts: [
      { type: 'text', text: `${mark} ${heading}\n${endingWords(ending)}` },
      { type: 'context', text: small },
    ],
  };
}
