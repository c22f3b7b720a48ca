import { balanced, cutEscaped, escapeText, readable } from './mrkdwn.ts';

/**
 * mrkdwn that the author of an alias or a workflow wrote, with values in it that nobody checked. Its formatting and its
 * links stay; a group of people is never called, whoever wrote it.
 * @module
 */

const sequences = /<([^<>]*)>|&(?:lt|gt|amp);|https?:\/\/[^\s<>"'`|\\^{}]+|[&<>]/g;
const link = /^(?:https?:\/\/|mailto:)[^\s|]+(?:\|[^|]*)?$/i;
/** One person, a channel, a date: what an author may name in `extra.slack`. */
const named = /^(?:@[UW][A-Z0-9]+(?:\|.*)?|#C[A-Z0-9]+(?:\|.*)?|!date\^.+\|.+)$/;
const group = /^!(?:(here|channel|everyone|group)(?:\|.*)?|subteam\^([A-Z0-9]+)(?:\|@?(.*))?)$/;
/** Text in Slack's blocks may be searched for these too. */
const called = /(^|[^\w@])@(?=(?:here|channel|everyone)\b)/g;

/**
 * The author's mrkdwn as it is sent: links stay links, `<!channel>`, `@here` and user groups become words that call
 * nobody, anything else between `<` and `>` is shown as text, a bare address can be pressed. `people`: `<@U1>` stays a
 * mention.
 */
export function authored(text: string, options: { readonly people: boolean }): string {
  const made = readable(text)
    .replace(sequences, (whole, sequence?: string) => {
      if (sequence === undefined) return lone(whole);
      if (link.test(sequence))
        return isDeceptive(sequence) ? `<${sequence.slice(0, sequence.indexOf('|'))}>` : whole;
      if (options.people && named.test(sequence)) return whole;
      const [, everybody, id, handle] = group.exec(sequence) ?? [];
      const name = everybody ?? (handle || id);
      if (name !== undefined) return `@\u2060${escapeText(name)}`;
      return escapeText(whole);
    })
    .replace(called, '$1@\u2060');
  return balanced(made);
}

/** The same for what Slack formats not at all. */
export function authoredPlain(text: string): string {
  return readable(text).replace(/&(?:lt|gt|amp);|[&<>]/g, lone);
}

/** The link's words are an address of elsewhere: whoever presses them believes them. Then the address itself is shown. */
function isDeceptive(sequence: string): boolean {
  const [target = '', label = ''] = sequence.split('|', 2);
  const shown = /^(?:https?:\/\/)?(?:[^\s/@]*@)?([^\s/:?#]+\.[a-z]{2,})(?=[/:?#]|$)/i.exec(label.trim())?.[1];
  if (shown === undefined || !(label.includes('/') || shown.split('.').length > 2)) return false;
  return !URL.canParse(target) || new URL(target).hostname !== shown.toLowerCase();
}

/** An escape of the author's own, a bare address, or a character that Slack would read. */
function lone(text: string): string {
  if (text.startsWith('&') && text.length > 1) return text;
  if (text.length === 1) return escapeText(text);
  const url = text.replace(/[.,;:!?)\]*_~]+$/, '');
  return URL.canParse(url) ? `<${escapeText(url)}>${text.slice(url.length)}` : escapeText(text);
}

/** The beginning of sent mrkdwn, no link cut in two and no fence left open. */
export function cutMrkdwn(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const room = limit - '…\n```'.length;
  let head = text.slice(0, cutPlain(text, room));
  if (head.lastIndexOf('<') > head.lastIndexOf('>')) head = head.slice(0, head.lastIndexOf('<'));
  head = head.replace(/&[a-z]{0,3}$/, '');
  const isOpen = head.split('```').length % 2 === 0;
  return isOpen ? `${head}…\n\`\`\`` : `${head}…`;
}

/** The length of the beginning that ends no pair in the middle. */
function cutPlain(text: string, limit: number): number {
  return cutEscaped(text.slice(0, limit).replace(/[&<>]/g, ' '), limit).replace(/[\ud800-\udbff]$/, '')
    .length;
}
