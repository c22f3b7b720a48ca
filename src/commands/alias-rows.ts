import type { HelpRow } from '../aliases/help.ts';
import type { Button, Part } from '../chat/chat.ts';
import { runButton } from './alias-form-button.ts';
import type { CommandSyntax } from './parse.ts';

/** The rows that hold the words, in either case, in what is typed or in the description. */
export function rowsWith(rows: readonly HelpRow[], words: string): HelpRow[] {
  const wanted = words.trim().toLowerCase();
  return rows.filter((row) => `${row.display}\n${row.description}`.toLowerCase().includes(wanted));
}

/** The rows by pack, as one types them, and a button for each alias's form. */
export function packParts(rows: readonly HelpRow[], syntax: CommandSyntax): Part[] {
  const start = syntax.pluginPrefix === '' ? syntax.prefix : `${syntax.prefix}${syntax.pluginPrefix} `;
  const names = [...new Set(rows.map((row) => row.pack))];
  return names.flatMap((pack): Part[] => [
    { type: 'heading', text: pack },
    {
      type: 'code',
      text: rows
        .filter((row) => row.pack === pack)
        .map((row) => `${start}${row.display}${row.description === '' ? '' : `  —  ${row.description}`}`)
        .join('\n'),
    },
    { type: 'buttons', buttons: formButtons(rows.filter((row) => row.pack === pack)) },
  ]);
}

/** One for each alias, however many rows it has, by the name that StackStorm has for it. */
function formButtons(rows: readonly HelpRow[]): Button[] {
  const aliases = new Map(rows.map(({ alias }) => [alias.ref, alias.name]));
  return [...aliases].map(([ref, name]) => runButton(ref, `${name.replaceAll('_', ' ')}…`));
}
