import { representationsOf } from '../aliases/representation.ts';
import type { FormAnswer, Place, Post } from '../chat/chat.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import type { RequestEnd } from './alias-request.ts';
import type { CommandSyntax } from './parse.ts';

/**
 * What the bot says around an alias's form: why there is none, what is wrong in it, and the command that it came to.
 * @module
 */

/** The command as one types it. */
export function typedCommand({ prefix, pluginPrefix }: CommandSyntax, text: string): string {
  return pluginPrefix === '' ? `${prefix}${text}` : `${prefix}${pluginPrefix} ${text}`;
}

export const aliasFormWords = {
  gone: 'That command is not there any more, or is disabled in StackStorm. Nothing was run.',
  changed:
    'The command has changed since you opened its form, so nothing was run. Please open the form again.',
  notMine: 'This form is none of mine. Please press the button again.',
  unknown: 'StackStorm does not tell me now what this command takes, so there is no form for it.',
  late: 'StackStorm does not tell me now what this command takes, so nothing was run. Please try again in a moment.',
  tooMuch: 'This command takes more than a form can hold.',
  noPattern: 'I cannot make a form of how this command is written.',
  unsayable:
    'No command can say this value: StackStorm would read something else from it. Try it without quotes, braces or equals signs.',
  unsayableAll:
    'No command says this so that StackStorm takes it for this one alone: others match the same words. Nothing was run.',
  tooLong: (length: number) => `Too long: I read commands of at most ${length} characters.`,
  missing: 'Please fill this in too.',
} as const;

/** Secrets that cannot be left out. */
export function secretWords(names: readonly string[], page: string | undefined): string {
  const where = page === undefined ? 'StackStorm’s own page' : `StackStorm’s own page: ${page}`;
  return `This command takes a secret (${names.join(', ')}), and whoever runs this chat could read what you type into a form. Please run it on ${where}`;
}

/** What stands above the fields. */
export function formText(
  alias: ActionAlias,
  { secrets, more }: { readonly secrets: readonly string[]; readonly more: readonly string[] },
): string {
  return [
    alias.description?.trim() ?? '',
    ...(secrets.length === 0
      ? []
      : [
          `Not asked here: ${secrets.join(', ')}. It is secret, and whoever runs this chat could read what you type.`,
        ]),
    ...(more.length === 0 ? [] : [`It takes more, which you can type as name=value: ${more.join(', ')}.`]),
  ]
    .filter((piece) => piece !== '')
    .join('\n\n');
}

/** In place of a form: how to type it. */
export function typeItPost(why: string, alias: ActionAlias, syntax: CommandSyntax): Post {
  const shown = representationsOf(alias).map(({ display, representation }) => display ?? representation);
  const lines = [...new Set(shown)].slice(0, 5).map((text) => typedCommand(syntax, text));
  const hint = 'Type it, with your own values in place of what stands in braces.';
  return {
    text: [why, hint, ...lines].join('\n'),
    parts: [
      { type: 'text', text: why },
      { type: 'text', text: hint },
      { type: 'code', text: lines.join('\n') },
    ],
  };
}

/** The command that was made of what was entered, and what became of it. */
export function builtPost(command: string, end: RequestEnd, place: Place): Post {
  const text = endWords[end](place.kind === 'direct' ? 'in our direct conversation' : 'in the channel');
  const hint = 'This is the command. Next time you can type it yourself.';
  return {
    text: [text, command, hint].join('\n'),
    parts: [
      { type: 'text', text },
      { type: 'code', text: command },
      { type: 'context', text: hint },
    ],
  };
}

export function builtAnswer(command: string, end: RequestEnd, place: Place): FormAnswer {
  return { kind: 'show', title: endTitles[end], post: builtPost(command, end, place) };
}

const endTitles: Readonly<Record<RequestEnd, string>> = {
  run: 'On its way',
  waiting: 'One more step',
  'not-run': 'Not run',
  'not-claimed': 'Sent already',
};

const endWords: Readonly<Record<RequestEnd, (where: string) => string>> = {
  run: (where) => `I have sent it to StackStorm for you. What comes of it is told ${where}.`,
  waiting: (where) => `It is not run yet: somebody has to agree first. The question stands ${where}.`,
  'not-run': (where) => `It was not run. Why, I have told you ${where}.`,
  'not-claimed': () => 'This form was sent before, and its command is run once.',
};
