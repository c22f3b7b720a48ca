import type { Post } from '../chat/chat.ts';
import type { Answered, NotRead } from '../executions/inquiries/answering.ts';
import { endingWords, headingOf, limitsOf, respondButton } from '../executions/inquiries/words.ts';
import type { Inquiry } from '../stackstorm/wire.ts';
import type { CommandSyntax } from './parse.ts';
import { noSessionWords, sessionExpiredWords } from './words.ts';

/** More inquiries than these are counted, not listed. */
const listLimit = 10;

/** How `inquiry` is written, for who wrote it otherwise. */
export function inquiryUsage({ prefix }: CommandSyntax): Post {
  const lines = [
    `${prefix}inquiry list`,
    `${prefix}inquiry get <id>`,
    `${prefix}inquiry respond <id> name=value name="with spaces"`,
    `${prefix}inquiry respond <id> {"name": "value"}`,
  ];
  const text = 'Inquiries are questions that a workflow asks. I read:';
  return {
    text: [text, ...lines].join('\n'),
    parts: [
      { type: 'text', text },
      { type: 'code', text: lines.join('\n') },
    ],
  };
}

export function listPost(list: readonly Inquiry[], { prefix }: CommandSyntax): Post {
  if (list.length === 0) return { text: 'No inquiry waits for an answer.' };
  const heading = list.length === 1 ? 'One inquiry waits' : `${list.length} inquiries wait`;
  const shown = list.slice(0, listLimit).map((inquiry) => ({
    id: inquiry.id,
    text: `◆ ${headingOf('StackStorm', inquiry)}`,
    small: [...limitsOf(inquiry), `inquiry ${inquiry.id}`].join(' · '),
  }));
  const rest = list.length - shown.length;
  const more = rest > 0 ? [`… and ${rest} more, in StackStorm.`] : [];
  const hint = `See one with ${prefix}inquiry get <id>, answer it with ${prefix}inquiry respond <id> …`;
  return {
    text: [heading, ...shown.map(({ text, small }) => `${text} (${small})`), ...more, hint].join('\n'),
    parts: [
      { type: 'heading', text: heading },
      ...shown.flatMap(({ id, text, small }) => [
        { type: 'text' as const, text },
        { type: 'context' as const, text: small },
        { type: 'buttons' as const, buttons: [respondButton(id)] },
      ]),
      ...more.map((text) => ({ type: 'text' as const, text })),
      { type: 'context', text: hint },
    ],
  };
}

/** Why an inquiry cannot be read or answered by this person. */
export function notReadWords(not: NotRead, syntax: CommandSyntax, inquiry?: Inquiry): Post {
  switch (not.kind) {
    case 'not-granted':
      return not.reason === 'no-session' ? noSessionWords(syntax) : sessionExpiredWords(syntax);
    case 'forbidden': {
      const limits = limitsOf(inquiry && { ...inquiry, ttl: null });
      const why = limits.length === 0 ? '' : ` It is ${limits.join(', ')}.`;
      return {
        text: `StackStorm does not let you, as ${not.stackstormUser}, do this.${why} Nothing was answered.`,
      };
    }
    case 'unknown':
      return {
        text: `StackStorm knows no inquiry with this id. ${syntax.prefix}inquiry list shows what waits.`,
      };
    case 'over':
      return { text: overWords(not) };
  }
}

function overWords({ ending, words }: Extract<NotRead, { kind: 'over' }>): string {
  if (ending !== undefined)
    return `This one is over. ${endingWords(ending)} Your answer was not needed any more.`;
  return `StackStorm takes no answer to this: ${words ?? 'it gave no reason'}`;
}

/** What came of an answer, where it did not simply go through. */
export function answeredWords(
  answered: Exclude<Answered, { kind: 'unfit' }>,
  syntax: CommandSyntax,
  inquiry?: Inquiry,
): Post {
  switch (answered.kind) {
    case 'answered':
      return { text: `Thank you: StackStorm has your answer, from you as ${answered.stackstormUser}.` };
    case 'uncertain':
      return {
        text: `StackStorm did not answer, so I do not know whether it took your answer${
          answered.requestId === undefined ? '' : ` (StackStorm's request ${answered.requestId})`
        }. Please look with ${syntax.prefix}inquiry list before you answer again.`,
      };
    default:
      return notReadWords(answered, syntax, inquiry);
  }
}
