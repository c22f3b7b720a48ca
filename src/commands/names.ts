/** What people type for the bot's own commands, each with the command that it means. */
const commandNames = {
  session_start: 'session_start',
  session_confirm: 'session_confirm',
  session_end: 'session_end',
  whoami: 'whoami',
  session_list: 'session_list',
  session_cancel: 'session_cancel',
  inquiry: 'inquiry',
  execution: 'execution',
  help: 'help',
  st2help: 'help',
} as const;

/** A name as it is typed. */
type TypedName = keyof typeof commandNames;
/** The name that a command stands under in access rules, help, and metrics. */
export type CommandName = (typeof commandNames)[TypedName];

const adminCommands: ReadonlySet<string> = new Set<CommandName>(['session_list', 'session_cancel']);

/** Every name that can be typed. */
export const typedNames: ReadonlySet<string> = new Set(Object.keys(commandNames));

/** The command that a typed name means. */
export function commandNamed(typed: string): CommandName | undefined {
  return isTypedName(typed) ? commandNames[typed] : undefined;
}

/** Whether only those in `access.admins` and `access.globalAdmins` may use the command. */
export function isForAdmins(name: string): boolean {
  return adminCommands.has(name);
}

function isTypedName(typed: string): typed is TypedName {
  return Object.hasOwn(commandNames, typed);
}
