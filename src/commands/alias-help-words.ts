import type { KnownParameters } from '../aliases/action-parameters.ts';
import { displaysOf } from '../aliases/help.ts';
import { representationsOf } from '../aliases/representation.ts';
import type { Part, Post } from '../chat/chat.ts';
import { textWidth } from '../chat/table-text.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import { runButton } from './alias-form-button.ts';
import { typedCommand } from './alias-form-words.ts';
import type { ParameterWords } from './alias-parameters.ts';
import type { CommandSyntax } from './parse.ts';

/** What StackStorm tells this person of the action, or why it does not. */
export type Metadata =
  | { readonly kind: 'known'; readonly parameters: KnownParameters }
  | { readonly kind: 'unknown'; readonly why: 'no-session' | 'forbidden' | 'not-found' | 'away' };

export interface AliasHelp {
  readonly alias: ActionAlias;
  readonly syntax: CommandSyntax;
  readonly metadata: Metadata;
  /** A pattern of it cannot be read, so it is never matched. */
  readonly isSetAside: boolean;
  readonly isShadowed: boolean;
  readonly parameters: { readonly shown: readonly ParameterWords[]; readonly more: number };
  readonly examples: readonly string[];
  readonly steps: readonly string[];
}

const mostPatterns = 10;
const longestPattern = 200;

/** An alias with all that is known of it: how it is written, what it takes, examples, a button for its form. */
export function aliasHelpPost(help: AliasHelp): Post {
  const { alias, syntax, examples, steps } = help;
  const canRun = !help.isSetAside && !help.isShadowed;
  const parts: Part[] = [
    { type: 'heading', text: alias.ref },
    ...textPart(alias.description?.trim() ?? ''),
    ...textPart(help.isSetAside ? setAsideWords : help.isShadowed ? shadowedWords(alias) : ''),
    ...patternParts(alias, syntax, help.parameters.shown),
    ...parameterParts(help),
    ...(examples.length === 0
      ? []
      : [
          { type: 'text', text: examples.length === 1 ? 'For example:' : 'Examples:' } as const,
          { type: 'code', text: examples.map((text) => typedCommand(syntax, text)).join('\n') } as const,
        ]),
    ...(steps.length === 0 ? [] : [{ type: 'text', text: `Before it runs: ${steps.join('; ')}.` } as const]),
    ...(canRun ? [{ type: 'buttons', buttons: [runButton(alias.ref)] } as const] : []),
  ];
  return { text: inWords(parts), parts };
}

const setAsideWords =
  'It cannot be run: one of its patterns cannot be read. Please tell whoever looks after that pack.';

function shadowedWords({ name }: ActionAlias): string {
  return `It cannot be run: another pack has an alias with the name ${name} too, and StackStorm could run the wrong one.`;
}

function textPart(text: string): Part[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

/** First as help lists them; then the patterns that say it in other words. */
function patternParts(
  alias: ActionAlias,
  syntax: CommandSyntax,
  parameters: readonly ParameterWords[],
): Part[] {
  const secrets = parameters.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  const shown = (text: string) => typedCommand(syntax, cut(withoutDefaults(text, secrets)));
  const displays = [...new Set(displaysOf(alias))];
  const others = [...new Set(representationsOf(alias).map(({ representation }) => representation))].filter(
    (text) => !displays.includes(text),
  );
  const more = Math.max(displays.length - mostPatterns, 0) + Math.max(others.length - mostPatterns, 0);
  return [
    ...(displays.length === 0
      ? []
      : [{ type: 'code', text: displays.slice(0, mostPatterns).map(shown).join('\n') } as const]),
    ...(others.length === 0
      ? []
      : [
          { type: 'context', text: displays.length === 0 ? 'Written as:' : 'Its patterns:' } as const,
          { type: 'code', text: others.slice(0, mostPatterns).map(shown).join('\n') } as const,
        ]),
    ...(more > 0 ? [{ type: 'context', text: `And ${more} more.` } as const] : []),
  ];
}

/** The defaults of secrets that stand in a pattern are shown nowhere. */
function withoutDefaults(pattern: string, secrets: readonly string[]): string {
  return pattern.replace(/\{\{\s*([^\s={}]+)\s*=[^{}]*\}\}/g, (whole, name: string) =>
    secrets.includes(name) ? `{{${name}=…}}` : whole,
  );
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const letters = [...line];
  return letters.length <= longestPattern ? line : `${letters.slice(0, longestPattern - 1).join('')}…`;
}

function parameterParts({ alias, parameters, metadata }: AliasHelp): Part[] {
  const { shown, more } = parameters;
  const why = metadata.kind === 'known' ? undefined : unknownWords[metadata.why](alias.action_ref);
  const further = shown.some(({ isPlaced }) => !isPlaced);
  const hints = [
    ...(why === undefined ? [] : [why]),
    ...(further ? ['What has no place in a pattern is typed at the end, as name=value.'] : []),
    ...(more > 0 ? [`It takes ${more} more.`] : []),
    ...(shown.some(({ isSecret }) => isSecret)
      ? ['Whoever runs this chat can read a secret that you type here.']
      : []),
  ];
  const none = shown.length === 0 && metadata.kind === 'known' ? 'It takes no parameters.' : '';
  return [
    ...(shown.length === 0 ? textPart(none) : takesParts(shown)),
    ...(hints.length === 0 ? [] : [{ type: 'context', text: hints.join(' ') } as const]),
  ];
}

const unknownWords: Readonly<
  Record<Extract<Metadata, { kind: 'unknown' }>['why'], (action: string) => string>
> = {
  'no-session': () => 'What kinds of values it takes I can tell once you are logged in.',
  forbidden: (action) => `StackStorm does not let you see what kinds of values its action ${action} takes.`,
  'not-found': (action) => `Its action ${action} is not in StackStorm, so what it takes is not known.`,
  away: () => 'StackStorm does not tell me at the moment what kinds of values it takes.',
};

function takesParts(shown: readonly ParameterWords[]): Part[] {
  return [
    { type: 'text', text: 'It takes:' },
    { type: 'code', text: linesOf(shown) },
  ];
}

/** A line each. */
function linesOf(shown: readonly ParameterWords[]): string {
  const width = Math.max(...shown.map(({ name }) => textWidth(name)));
  return shown
    .map(({ name, type, needed, usual, about }) => {
      const without = usual === '' ? 'may be left out' : `${usual} where it is left out`;
      const need = { always: 'needed', 'in-place': 'needed where the pattern has it', no: without };
      const takes = [...(type === '' ? [] : [type]), need[needed]].join('; ');
      const space = ' '.repeat(width - textWidth(name) + 2);
      return `${name}${space}${takes}${about === '' ? '' : `  —  ${about}`}`;
    })
    .join('\n');
}

function inWords(parts: readonly Part[]): string {
  return parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n');
}
