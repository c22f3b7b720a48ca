import { HelpFilterError, type HelpRow, listHelp } from '../aliases/help.ts';
import type { Button, Part } from '../chat/chat.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import { packParts, rowsWith } from './alias-rows.ts';
import { type Asked, commandOf, pageValueOf } from './help-arguments.ts';
import type { CommandSyntax } from './parse.ts';

/** The button of another page of help; access rules know it by the command. */
export const helpAction = 'help';

/** With more packs on a page, their buttons do not fit into one message (Slack: 50 blocks, two a pack). */
const mostPacksWithButtons = 18;

/** The rows that were asked for; the words for a filter that cannot be searched with. */
export function rowsFor(aliases: readonly ActionAlias[], asked: Asked): HelpRow[] | string {
  const { pack, filter, words } = asked;
  try {
    const { rows } = listHelp(aliases, {
      ...(pack === undefined ? {} : { pack }),
      ...(filter === undefined ? {} : { filter }),
    });
    return rowsWith(rows, words);
  } catch (error) {
    if (!(error instanceof HelpFilterError)) throw error;
    return error.code === 'bad-filter'
      ? 'That --filter is no pattern that I can read.'
      : 'That --filter takes too long to search with.';
  }
}

/** One page of them, with the way to the others; `all` has one row at least. */
export function pageParts(all: readonly HelpRow[], asked: Asked, syntax: CommandSyntax): Part[] {
  const { offset, limit } = asked;
  const rows = all.slice(offset, offset + limit);
  if (rows.length === 0)
    return [{ type: 'text', text: `There are only ${all.length}.` }, ...pages(all.length, asked)];
  const parts = packParts(rows, syntax);
  const isRoomy = new Set(rows.map(({ pack }) => pack)).size <= mostPacksWithButtons;
  return [
    ...(isRoomy ? parts : parts.filter(({ type }) => type !== 'buttons')),
    { type: 'context', text: footer(all.length, asked, rows.length, syntax) },
    ...pages(all.length, asked),
  ];
}

function footer(available: number, asked: Asked, count: number, { prefix }: CommandSyntax): string {
  const last = asked.offset + count;
  const shown = `${asked.offset + 1} to ${last} of ${available}.`;
  return last >= available ? shown : `${shown} The rest: ${prefix}${commandOf(asked, last)}`;
}

function pages(available: number, asked: Asked): Part[] {
  const { offset, limit } = asked;
  const previous = offset > 0 ? Math.max(Math.min(offset, available) - limit, 0) : undefined;
  const next = offset + limit < available ? offset + limit : undefined;
  const buttons = [pageButton('Previous', asked, previous), pageButton('Next', asked, next)].flat();
  return buttons.length === 0 ? [] : [{ type: 'buttons', buttons }];
}

/** None where there is no such page, or where what was asked is too long for a button: the words name it. */
export function pageButton(label: string, asked: Asked, offset: number | undefined): Button[] {
  const value = offset === undefined ? undefined : pageValueOf(asked, offset);
  return value === undefined ? [] : [{ label, action: helpAction, value }];
}
