import { parseArgs } from 'node:util';
import type { Catalog } from '../aliases/catalog.ts';
import { HelpFilterError, type HelpList, listHelp } from '../aliases/help.ts';
import type { Auth } from '../auth/auth.ts';
import type { ChatUser, Part, Post } from '../chat/chat.ts';
import type { Access, AccessView } from './access.ts';
import { packParts, rowsWith } from './alias-rows.ts';
import type { Command } from './command.ts';
import { isForAdmins } from './names.ts';
import type { CommandSyntax } from './parse.ts';
import { loginCommand } from './words.ts';

const defaultRows = 20;
/** Longer lists do not fit into one message. */
const maxRows = 50;

interface HelpDeps {
  readonly auth: Auth;
  readonly catalog: Catalog;
  readonly access: Access;
  readonly syntax: CommandSyntax;
  readonly slashCommands: ReadonlyMap<string, string>;
  /** Names aliases to people without a session too. */
  readonly publicHelp: boolean;
  readonly commands: readonly Command[];
}

/** What somebody asked of help. */
interface Asked {
  readonly pack?: string;
  readonly filter?: string;
  /** Words that stand anywhere in the display or the description. */
  readonly words: string;
  readonly limit: number;
  readonly offset: number;
}

/** `help`: the bot's commands, and the aliases by pack for those who may know of them. Always to the person alone. */
export function help(deps: HelpDeps): Command {
  return {
    name: 'help',
    usage: '[words] [--pack P] [--filter RE] [--limit N] [--offset N]',
    summary: 'What I can do; aliases by pack.',
    async run({ message, view, rest, whisper }) {
      const asked = readArguments(rest);
      if (asked === undefined) {
        const { prefix } = deps.syntax;
        await whisper({
          text: `I do not understand that. For example: ${prefix}help, ${prefix}help deploy, ${prefix}help --pack core --filter "^run" --limit 10 --offset 20 (limit 1 to ${maxRows}).`,
        });
        return;
      }
      const isPlain = rest === '';
      const bot = isPlain ? botCommands(deps, message.user, view) : [];
      const mayKnow = deps.publicHelp || (await deps.auth.credentialFor(message.user)).kind === 'granted';
      if (!mayKnow) {
        await whisper(
          asPost([
            ...botCommands(deps, message.user, view),
            {
              type: 'text',
              text: `To see and run StackStorm's commands, log in first. Send me, in a direct message: ${loginCommand(deps.syntax)}`,
            },
          ]),
        );
        return;
      }
      await whisper(asPost([...bot, ...aliasParts(deps, view, asked)]));
    },
  };
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

function aliasParts(deps: HelpDeps, view: AccessView, asked: Asked): Part[] {
  const { catalog } = deps;
  if (catalog.state.loadedAt === undefined) {
    return [
      {
        type: 'text',
        text: 'I have not been able to read the aliases from StackStorm yet. Please try again in a moment.',
      },
    ];
  }
  const known = catalog.index.aliases.filter((alias) => view.alias(alias.ref).allowed);
  let list: HelpList;
  try {
    const all = listHelp(known, {
      ...(asked.pack === undefined ? {} : { pack: asked.pack }),
      ...(asked.filter === undefined ? {} : { filter: asked.filter }),
    });
    const rows = rowsWith(all.rows, asked.words);
    list = { available: rows.length, rows: rows.slice(asked.offset, asked.offset + asked.limit) };
  } catch (error) {
    if (!(error instanceof HelpFilterError)) throw error;
    const why =
      error.code === 'bad-filter'
        ? 'That --filter is no pattern that I can read.'
        : 'That --filter takes too long to search with.';
    return [{ type: 'text', text: `${why} Plain words work too: ${deps.syntax.prefix}help deploy` }];
  }
  if (list.rows.length === 0) {
    return [
      {
        type: 'text',
        text: list.available === 0 ? 'No alias fits that.' : `There are only ${list.available}.`,
      },
    ];
  }
  return [...packParts(list.rows, deps.syntax), { type: 'context', text: footer(list, asked, deps.syntax) }];
}

function footer(list: HelpList, asked: Asked, { prefix }: CommandSyntax): string {
  const last = asked.offset + list.rows.length;
  const shown = `${asked.offset + 1} to ${last} of ${list.available}.`;
  if (last >= list.available) return shown;
  const words = [
    'help',
    ...(asked.words === '' ? [] : [asked.words]),
    ...(asked.pack === undefined ? [] : ['--pack', asked.pack]),
    ...(asked.filter === undefined ? [] : ['--filter', `"${asked.filter}"`]),
    ...(asked.limit === defaultRows ? [] : ['--limit', String(asked.limit)]),
    '--offset',
    String(last),
  ];
  return `${shown} The rest: ${prefix}${words.join(' ')}`;
}

/** The arguments, or undefined where they are none of ours. Chat programs make one long dash of two. */
function readArguments(rest: string): Asked | undefined {
  const args = [...rest.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(
    ([, double, single, bare]) => double ?? single ?? (bare ?? '').replace(/^[—–]/u, '--'),
  );
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  const { values, positionals } = parsed;
  const limit = wholeNumber(values.limit, defaultRows);
  const offset = wholeNumber(values.offset, 0);
  if (limit === undefined || offset === undefined || limit < 1 || limit > maxRows) return undefined;
  return {
    ...(values.pack === undefined ? {} : { pack: values.pack }),
    ...(values.filter === undefined ? {} : { filter: values.filter }),
    words: positionals.join(' '),
    limit,
    offset,
  };
}

/** Throws TypeError for what is no option. */
function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      pack: { type: 'string' },
      filter: { type: 'string' },
      limit: { type: 'string' },
      offset: { type: 'string' },
    },
  });
}

function wholeNumber(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return /^\d{1,6}$/u.test(text) ? Number(text) : undefined;
}

/** The parts, and the same in words. */
function asPost(parts: readonly Part[]): Post {
  const text = parts
    .map((part) => ('text' in part ? part.text : ''))
    .join('\n')
    .trim();
  return { text, parts };
}
