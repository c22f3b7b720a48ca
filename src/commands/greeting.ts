import type { Post } from '../chat/chat.ts';
import type { CommandSyntax } from './parse.ts';

/** What the bot tells whoever brought it into a workspace: what it is, and how to begin. */
export function installedGreeting({ prefix, pluginPrefix }: CommandSyntax, slashCommand: string): Post {
  const alias = pluginPrefix === '' ? 'help' : `${pluginPrefix} <a command of StackStorm>`;
  const text = [
    'Thank you for bringing me here. I run StackStorm from chat, as the person who types.',
    `Here with me: ${prefix}whoami says who you are, ${prefix}session_start <a word> begins your login, ${prefix}help lists what I can do.`,
    `In a channel: invite me, then type ${prefix}${alias}. Or anywhere: ${slashCommand} help.`,
  ].join('\n');
  return { text };
}
