import type { Channel, SlackUser, UserGroup } from './world-types.ts';

/** What a client knows when it turns typed words into mentions. */
export interface Directory {
  readonly users: readonly SlackUser[];
  readonly channels: readonly Channel[];
  readonly usergroups: readonly UserGroup[];
}

/**
 * Typed text as Slack's client sends it (https://docs.slack.dev/messaging/formatting-message-text): `&`, `<` and `>`
 * escaped; `@name`, `#channel`, `@group`, `@here` as mentions; URLs, bare domains and mail addresses as links.
 */
export function sentText(
  typed: string,
  directory: Directory,
  options: { smartQuotes?: boolean } = {},
): string {
  const quoted = options.smartQuotes === true ? curlyQuotes(typed) : typed;
  const pieces: string[] = [];
  let at = 0;
  for (const found of quoted.matchAll(TOKENS)) {
    const rewritten = rewrite(found.groups ?? {}, directory);
    if (rewritten === undefined) continue;
    pieces.push(escapeText(quoted.slice(at, found.index)), rewritten.text);
    at = found.index + rewritten.taken;
  }
  return [...pieces, escapeText(quoted.slice(at))].join('');
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const TOKENS =
  /(?<url>https?:\/\/[^\s<>"'`|]+)|(?<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?<![\w@#.])@(?<name>[\w.-]+)|(?<![\w@#.])#(?<channel>[\w-]+)|(?<![\w@#.:/-])(?<domain>(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev))\b(?![\w@.-])/g;

interface Rewritten {
  readonly text: string;
  /** How many of the typed characters it stands for. */
  readonly taken: number;
}

function rewrite(
  found: Readonly<Record<string, string | undefined>>,
  directory: Directory,
): Rewritten | undefined {
  const { url, mail, name, channel, domain } = found;
  if (url !== undefined) {
    const address = url.replace(/[.,;:!?)\]}]+$/, '');
    return { text: `<${escapeText(address)}>`, taken: address.length };
  }
  if (mail !== undefined) return { text: `<mailto:${mail}|${mail}>`, taken: mail.length };
  if (domain !== undefined) return { text: `<http://${domain}|${domain}>`, taken: domain.length };
  if (channel !== undefined) {
    const known = directory.channels.find((one) => one.name === channel && one.kind === 'public');
    return known && { text: `<#${known.id}|${known.name}>`, taken: channel.length + 1 };
  }
  return name === undefined ? undefined : mention(name, directory);
}

function mention(name: string, directory: Directory): Rewritten | undefined {
  const taken = name.length + 1;
  if (name === 'here' || name === 'channel' || name === 'everyone') return { text: `<!${name}>`, taken };
  const group = directory.usergroups.find((one) => one.handle === name);
  if (group !== undefined) return { text: `<!subteam^${group.id}>`, taken };
  const user = directory.users.find((one) => one.name === name || one.displayName === name);
  return user && { text: `<@${user.id}>`, taken };
}

/** As a Mac or a phone types them. */
function curlyQuotes(text: string): string {
  return text
    .replace(/(^|[\s([{=:,])"/g, '$1“')
    .replaceAll('"', '”')
    .replace(/(^|[\s([{=:,])'/g, '$1‘')
    .replaceAll("'", '’');
}
