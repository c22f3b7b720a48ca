import { editDistance } from '../aliases/edit-distance.ts';
import type { HelpRow } from '../aliases/help.ts';
import type { ChatAction, ChatUser, Part, Post } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import type { Access, AccessView } from './access.ts';
import { type AliasHelpDeps, aliasesAskedFor, aliasesNamed, aliasHelp } from './alias-help.ts';
import type { Command } from './command.ts';
import { type Asked, commandOf, maxRows, readArguments, readValue } from './help-arguments.ts';
import { helpAction, pageButton, pageParts, rowsFor } from './help-list.ts';
import type { Hints } from './hints.ts';
import type { ButtonHandler } from './interactions.ts';
import { isForAdmins } from './names.ts';
import { loginCommand } from './words.ts';

export interface HelpDeps extends AliasHelpDeps {
  readonly access: Access;
  readonly hints: Pick<Hints, 'near'>;
  readonly delivery: Pick<Delivery, 'revise'>;
  readonly slashCommands: ReadonlyMap<string, string>;
  /** Names aliases to people without a session too. */
  readonly publicHelp: boolean;
  readonly commands: readonly Command[];
}

/** How far a typed word may be from an alias's ref or name to be taken for it, and how long both may be. */
const nearDistance = 3;
const longestName = 80;
const mostNear = 5;

/**
 * `help`: the bot's commands, and the aliases by pack for those who may know of them; `help <alias>`: all that there is to
 * say of one. Always to the person alone.
 */
export function help(deps: HelpDeps): Command {
  return {
    name: 'help',
    usage: '[alias or words] [--pack P] [--filter RE] [--limit N] [--offset N]',
    summary: 'What I can do; aliases by pack, or one of them with its parameters.',
    async run({ message, view, rest, whisper }) {
      const asked = readArguments(rest);
      if (asked === undefined) {
        const { prefix } = deps.syntax;
        await whisper({
          text: `I do not understand that. For example: ${prefix}help, ${prefix}help deploy, ${prefix}help --pack core --filter "^run" --limit 10 --offset 20 (limit 1 to ${maxRows}).`,
        });
        return;
      }
      const { user } = message;
      if (!(await mayKnow(deps, user))) return await whisper(loginFirst(deps, user, view));
      // Options ask for a list; typed text, as it is, may be a command.
      const isPlain = !/(?:^|\s)(?:--|[—–])/u.test(rest);
      const found = isPlain && rest !== '' ? await aboutOne(deps, user, view, asked, rest) : undefined;
      if (found !== undefined) return await whisper(found);
      const own = rest === '' ? botCommands(deps, user, view) : [];
      await whisper(asPost([...own, ...listParts(deps, view, asked)]));
    },
  };
}

/** *Previous*, *Next* and *Show them*: another page, in the place of the one before where that can be. */
export function helpButton(deps: HelpDeps): ButtonHandler {
  return {
    action: helpAction,
    async press(action, { whisper }) {
      const asked = readValue(action.value);
      const { user } = action;
      const view = await deps.access.viewFor(action);
      if (!(await mayKnow(deps, user))) {
        await whisper(loginFirst(deps, user, view));
        return undefined;
      }
      const post = asPost(listParts(deps, view, asked ?? { words: '', limit: maxRows, offset: 0 }));
      if (!(await isReplaced(deps, action, post))) await whisper(post);
      return undefined;
    },
  };
}

/** What only one person sees can be edited where it is an ordinary message: in their conversation with the bot. */
async function isReplaced(
  { delivery }: HelpDeps,
  { place, messageId }: ChatAction,
  post: Post,
): Promise<boolean> {
  if (place.kind !== 'direct' || messageId === undefined) return false;
  return (await delivery.revise({ place, id: messageId }, post)).kind === 'revised';
}

async function mayKnow({ publicHelp, auth }: HelpDeps, user: ChatUser): Promise<boolean> {
  return publicHelp || (await auth.credentialFor(user)).kind === 'granted';
}

function loginFirst(deps: HelpDeps, user: ChatUser, view: AccessView): Post {
  const text = `To see and run StackStorm's commands, log in first. Send me, in a direct message: ${loginCommand(deps.syntax)}`;
  return asPost([...botCommands(deps, user, view), { type: 'text', text }]);
}

function botCommands(
  { access, commands, syntax, slashCommands }: HelpDeps,
  user: ChatUser,
  view: AccessView,
): Part[] {
  const slash = slashCommands.get(user.platform);
  const isAdmin = access.adminScope(user) !== undefined;
  const lines = commands
    .filter(({ name }) => (isAdmin || !isForAdmins(name)) && view.command(name).allowed)
    .map((command) => `${syntax.prefix}${`${command.name} ${command.usage}`.trim()}  —  ${command.summary}`);
  return [
    { type: 'heading', text: 'My own commands' },
    { type: 'code', text: lines.join('\n') },
    ...(slash === undefined
      ? []
      : [{ type: 'context', text: `Where nobody else is to read what you type: ${slash} help` } as const]),
  ];
}

/** The aliases that this person may run, and so be told of. */
function knownTo({ catalog }: HelpDeps, view: AccessView): ActionAlias[] {
  return catalog.index.aliases.filter((alias) => alias.enabled && view.alias(alias.ref).allowed);
}

/** Where the words name one alias, all of that; undefined where they are rather words to search for. */
async function aboutOne(
  deps: HelpDeps,
  user: ChatUser,
  view: AccessView,
  asked: Asked,
  typed: string,
): Promise<Post | undefined> {
  const { words } = asked;
  const known = knownTo(deps, view);
  const rows = rowsFor(known, asked);
  const named = aliasesNamed([words, typed], known, deps.syntax);
  const found = named.length === 0 && rows.length === 0 ? aliasesAskedFor(typed, deps, view) : named;
  const [alias, ...others] = found;
  if (alias === undefined) return rows.length > 0 ? undefined : noneFound(deps, view, known, words);
  if (others.length > 0) return severalFound(deps, found);
  const post = await aliasHelp(deps, user, view, alias);
  const further = typeof rows === 'string' ? [] : rows.filter((row) => row.alias.ref !== alias.ref);
  return further.length === 0 ? post : withFurther(deps, post, asked, further);
}

function withFurther({ syntax }: HelpDeps, post: Post, asked: Asked, further: readonly HelpRow[]): Post {
  const count =
    further.length === 1 ? 'One more line of help has' : `${further.length} more lines of help have`;
  const text = `${count} these words: ${syntax.prefix}${commandOf(asked, 0)}`;
  const buttons = pageButton('Show them', asked, 0);
  const parts = post.parts ?? [];
  const last = parts.at(-1);
  const note: Part = { type: 'context', text };
  const ending: Part[] =
    last?.type === 'buttons'
      ? [note, { type: 'buttons', buttons: [...last.buttons, ...buttons] }]
      : [...(last === undefined ? [] : [last]), note, { type: 'buttons', buttons }];
  return { text: `${post.text}\n${text}`, parts: [...parts.slice(0, -1), ...ending] };
}

function severalFound({ syntax }: HelpDeps, found: readonly ActionAlias[]): Post {
  const lines = found.map(({ ref }) => `${syntax.prefix}help ${ref}`);
  const text = `That may be ${found.length} aliases. Ask for one of them:`;
  return asPost([
    { type: 'text', text },
    { type: 'code', text: lines.slice(0, maxRows).join('\n') },
  ]);
}

function noneFound(
  { hints, syntax, catalog }: HelpDeps,
  view: AccessView,
  known: readonly ActionAlias[],
  words: string,
): Post | undefined {
  if (catalog.state.loadedAt === undefined) return undefined;
  const names = nearNames(words, known).map((ref) => `${syntax.prefix}help ${ref}`);
  const near = [...names, ...hints.near(view, words)];
  if (near.length === 0) return undefined;
  return asPost([
    { type: 'text', text: 'No alias fits that. The nearest:' },
    { type: 'code', text: near.join('\n') },
  ]);
}

function nearNames(words: string, known: readonly ActionAlias[]): string[] {
  if (words.length > longestName) return [];
  const typed = words.toLowerCase();
  const distanceTo = (name: string) =>
    Math.abs(name.length - typed.length) > nearDistance || name.length > longestName
      ? Infinity
      : editDistance(typed, name.toLowerCase());
  return known
    .map(({ ref, name }) => ({ ref, distance: Math.min(distanceTo(ref), distanceTo(name)) }))
    .filter(({ distance }) => distance <= nearDistance && distance * 2 < typed.length)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, mostNear)
    .map(({ ref }) => ref);
}

function listParts(deps: HelpDeps, view: AccessView, asked: Asked): Part[] {
  const { catalog, syntax } = deps;
  if (catalog.state.loadedAt === undefined) {
    const text =
      'I have not been able to read the aliases from StackStorm yet. Please try again in a moment.';
    return [{ type: 'text', text }];
  }
  const rows = rowsFor(knownTo(deps, view), asked);
  if (typeof rows === 'string') {
    return [{ type: 'text', text: `${rows} Plain words work too: ${syntax.prefix}help deploy` }];
  }
  if (rows.length === 0) return [{ type: 'text', text: 'No alias fits that.' }];
  return pageParts(rows, asked, syntax);
}

/** The parts, and the same in words. */
function asPost(parts: readonly Part[]): Post {
  const text = parts
    .flatMap((part) => ('text' in part ? [part.text] : []))
    .join('\n')
    .trim();
  return { text, parts };
}
