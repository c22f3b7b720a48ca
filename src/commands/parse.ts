/** How commands are written: `commands.prefix` and `commands.pluginPrefix` of the config. */
export interface CommandSyntax {
  /** Before every command in a place where people also talk to each other: `!`. */
  readonly prefix: string;
  /** The word before an alias's text: `st2`. May be empty. */
  readonly pluginPrefix: string;
}

/** What a text asks for. `rest` is trimmed: nobody sees the spaces at the end of what they type. */
export type ParsedCommand =
  | { readonly kind: 'not-for-us' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'bot-command'; readonly name: string; readonly rest: string }
  | { readonly kind: 'alias'; readonly text: string }
  /** After the prefix stands neither a command of the bot's nor the plugin prefix. */
  | { readonly kind: 'unknown'; readonly text: string };

/**
 * Reads a text as a command. `addressed` as in ChatMessage: with `bot` the prefixes may be left out. `botCommands` holds
 * the names as typed with an underscore (`session_start`); `session start` means the same.
 */
export function parseCommand(
  typed: string,
  addressed: 'prefix' | 'bot',
  syntax: CommandSyntax,
  botCommands: ReadonlySet<string>,
): ParsedCommand {
  const text = typed.trim();
  const hasPrefix = syntax.prefix !== '' && text.startsWith(syntax.prefix);
  if (addressed === 'prefix' && !hasPrefix) return { kind: 'not-for-us' };
  const command = hasPrefix ? text.slice(syntax.prefix.length).trim() : text;

  const afterPlugin = withoutWord(command, syntax.pluginPrefix);
  const body = afterPlugin ?? command;
  if (body === '') return { kind: 'empty' };

  const bot = botCommand(body, botCommands);
  if (bot !== undefined) return bot;
  const isAliasText = afterPlugin !== undefined || syntax.pluginPrefix === '' || addressed === 'bot';
  return isAliasText ? { kind: 'alias', text: body } : { kind: 'unknown', text: body };
}

/** The text after `word` when it starts with it as a word of its own. */
function withoutWord(text: string, word: string): string | undefined {
  if (word === '' || !text.startsWith(word)) return undefined;
  const rest = text.slice(word.length);
  return rest === '' || /^\s/u.test(rest) ? rest.trim() : undefined;
}

function botCommand(body: string, botCommands: ReadonlySet<string>): ParsedCommand | undefined {
  const words = /^(\S+)(?:\s+(\S+))?/u.exec(body);
  const first = words?.[1];
  if (first === undefined) return undefined;
  if (botCommands.has(first)) {
    return { kind: 'bot-command', name: first, rest: body.slice(first.length).trim() };
  }
  const second = words?.[2];
  if (words === null || second === undefined) return undefined;
  const joined = `${first}_${second}`;
  return botCommands.has(joined)
    ? { kind: 'bot-command', name: joined, rest: body.slice(words[0].length).trim() }
    : undefined;
}
