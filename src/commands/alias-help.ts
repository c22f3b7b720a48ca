import { type KnownParameters, readParameters } from '../aliases/action-parameters.ts';
import type { Catalog } from '../aliases/catalog.ts';
import { examplesOf } from '../aliases/examples.ts';
import { displaysOf } from '../aliases/help.ts';
import { representationsOf } from '../aliases/representation.ts';
import type { Auth, Grant } from '../auth/auth.ts';
import type { ChatUser, Post } from '../chat/chat.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { StackStorm } from '../stackstorm/stackstorm.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import type { AccessView } from './access.ts';
import { aliasHelpPost, type Metadata } from './alias-help-words.ts';
import { parametersOf } from './alias-parameters.ts';
import { typedNames } from './names.ts';
import { type CommandSyntax, parseCommand } from './parse.ts';
import { stepsBefore } from './second-step/rule-words.ts';

export interface AliasHelpDeps {
  readonly auth: Auth;
  readonly stackstorm: Pick<StackStorm, 'action' | 'actionParameters'>;
  readonly catalog: Catalog;
  readonly syntax: CommandSyntax;
  /** Of a command, in characters. */
  readonly maxLength: number;
}

const mostExamples = 3;

/** The aliases, of those that a person may know of, that these words name: by ref, by bare name, or as help shows them. */
export function aliasesNamed(
  words: readonly string[],
  known: readonly ActionAlias[],
  syntax: CommandSyntax,
): readonly ActionAlias[] {
  const byRef = known.filter(({ ref }) => words.includes(ref));
  if (byRef.length > 0) return byRef;
  const byName = known.filter(({ name }) => words.includes(name));
  if (byName.length > 0) return byName;
  const texts = words.map((text) => withoutPrefix(text, syntax));
  return known.filter(
    (alias) =>
      displaysOf(alias).some((display) => texts.includes(display)) ||
      representationsOf(alias).some(({ representation }) => texts.includes(representation)),
  );
}

/** The aliases that these words, as a command, ask for. */
export function aliasesAskedFor(
  words: string,
  { catalog, syntax, maxLength }: AliasHelpDeps,
  view: AccessView,
): readonly ActionAlias[] {
  const text = withoutPrefix(words, syntax);
  if (text.length > maxLength) return [];
  const match = catalog.index.match(text);
  const found =
    match.kind === 'match'
      ? [match.alias]
      : match.kind === 'ambiguous'
        ? match.candidates.map(({ alias }) => alias)
        : [];
  return [...new Set(found)].filter(({ ref }) => view.alias(ref).allowed);
}

/** All that there is to say of one alias, to a person who may know of it; what StackStorm tells, as it tells them (S7). */
export async function aliasHelp(
  deps: AliasHelpDeps,
  user: ChatUser,
  view: AccessView,
  alias: ActionAlias,
): Promise<Post> {
  const { catalog, syntax } = deps;
  const { index } = catalog;
  const metadata = await metadataOf(deps, user, alias.action_ref);
  const known = metadata.kind === 'known' ? metadata.parameters : undefined;
  const shadows = index.shadowedBy(alias).length;
  const formats = index.formatsOf(alias.ref);
  const rule = view.alias(alias.ref).rule?.rule;
  return aliasHelpPost({
    alias,
    syntax,
    metadata,
    isSetAside: formats.length === 0,
    isShadowed: shadows > 0,
    parameters: parametersOf(alias, formats, known),
    examples:
      shadows > 0
        ? []
        : await examplesOf(index, alias, known, {
            count: mostExamples,
            fits: (text) => isTyped(deps, text),
          }),
    steps: rule === undefined ? [] : stepsBefore(rule),
  });
}

type Read = Metadata &
  ({ readonly kind: 'known'; readonly parameters: KnownParameters } | { readonly kind: 'unknown' });

async function metadataOf(
  { auth, stackstorm }: AliasHelpDeps,
  user: ChatUser,
  actionRef: string,
): Promise<Read> {
  let grant: Grant | undefined;
  try {
    grant = await auth.credentialFor(user);
    if (grant.kind === 'refused') return { kind: 'unknown', why: 'no-session' };
    return { kind: 'known', parameters: await readParameters(stackstorm, grant.credential, actionRef) };
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    switch (error.code) {
      case 'forbidden':
      case 'not-found':
        return { kind: 'unknown', why: error.code };
      case 'unauthorized':
        if (grant?.kind === 'granted') await auth.rejected(user, grant);
        return { kind: 'unknown', why: 'no-session' };
      default:
        return { kind: 'unknown', why: 'away' };
    }
  }
}

function isTyped({ syntax, maxLength }: AliasHelpDeps, text: string): boolean {
  const parsed = parseCommand(text, 'bot', syntax, typedNames);
  return text.length <= maxLength && parsed.kind === 'alias' && parsed.text === text;
}

/** What somebody copied, prefix and all. */
function withoutPrefix(words: string, syntax: CommandSyntax): string {
  const parsed = parseCommand(words, 'bot', syntax, new Set());
  return parsed.kind === 'alias' ? parsed.text : words;
}
