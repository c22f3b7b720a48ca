import { editDistance } from '../aliases/edit-distance.ts';
import type { Auth } from '../auth/auth.ts';
import type { AccessView } from './access.ts';
import type { Command } from './command.ts';
import type { Hints } from './hints.ts';
import { isForAdmins } from './names.ts';
import type { CommandSyntax } from './parse.ts';

/** How far a typed word may be from a command's name to be taken for it. */
const nearDistance = 3;

/**
 * A text after the prefix that is no command: what is near it, never silence. Aliases are named only to those who may
 * know of them.
 */
export function unknownCommand(deps: {
  readonly auth: Auth;
  readonly hints: Hints;
  readonly syntax: CommandSyntax;
  readonly publicHelp: boolean;
  readonly commands: readonly Command[];
}): Pick<Command, 'run'> {
  const { auth, hints, syntax, publicHelp } = deps;
  return {
    async run({ message, view, rest, whisper }) {
      const help = `${syntax.prefix}help`;
      if (rest === '') {
        await whisper({ text: `Yes? ${help} lists what I can do.` });
        return;
      }
      const commands = nearCommands(rest, deps.commands, view).map((name) => `${syntax.prefix}${name}`);
      const mayKnow = publicHelp || (await auth.credentialFor(message.user)).kind === 'granted';
      const near = [...commands, ...(mayKnow ? hints.near(view, rest) : [])];
      const heading = 'I do not know that command, so nothing was done.';
      if (near.length === 0) {
        await whisper({ text: `${heading} ${help} lists what I can do.` });
        return;
      }
      await whisper({
        text: [`${heading} Did you mean:`, ...near].join('\n'),
        parts: [
          { type: 'text', text: `${heading} Did you mean:` },
          { type: 'code', text: near.join('\n') },
        ],
      });
    },
  };
}

function nearCommands(text: string, commands: readonly Command[], view: AccessView): string[] {
  const word = text.split(/\s/u, 1)[0]?.toLowerCase().slice(0, 40) ?? '';
  return commands
    .filter(({ name }) => !isForAdmins(name) && view.command(name).allowed)
    .map(({ name }) => ({ name, distance: editDistance(word, name) }))
    .filter((near) => near.distance <= nearDistance && near.distance < near.name.length)
    .sort((one, other) => one.distance - other.distance)
    .map(({ name }) => name);
}
