/** What Slack does because of the texts in a message or a view, beside showing them. */
export interface Heeded {
  /** Who is called or named: `<!channel>`, `<@U1>`, `<#C1>`. */
  readonly calls: string[];
  /** What can be pressed: where it leads, and the words that stand there instead of the address. */
  readonly links: { readonly url: string; readonly label: string | undefined }[];
  /** What Slack's servers, or its clients, fetch. */
  readonly pictures: string[];
}

/** Fields that Slack reads as mrkdwn, or may: nothing in them may be more than words by chance. */
const texts = new Set(['text', 'pretext', 'fallback', 'title', 'footer', 'author_name', 'value', 'alt_text']);
const pictures = new Set(['image_url', 'thumb_url', 'author_icon', 'footer_icon', 'icon_url']);
/** What a press sends to us is shown to nobody. */
const unread = new Set(['button', 'option']);

/** Reads what a call of the Web API says: its `text`, `blocks`, `attachments`, `view`. */
export function heeded(said: unknown): Heeded {
  const found: Heeded = { calls: [], links: [], pictures: [] };
  read(said, found);
  return found;
}

function read(value: unknown, found: Heeded): void {
  if (Array.isArray(value)) {
    for (const one of value) read(one, found);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const type = 'type' in value && typeof value.type === 'string' ? value.type : '';
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'string') read(inner, found);
    else if (pictures.has(key)) found.pictures.push(inner);
    else if (key === 'url' && type === 'link') found.links.push({ url: inner, label: undefined });
    else if (texts.has(key) && !(key === 'value' && unread.has(type)))
      readText(inner, found, type !== 'text');
  }
  if (['user', 'usergroup', 'channel', 'broadcast'].includes(type)) found.calls.push(JSON.stringify(value));
}

/** @param hasLinks not so in rich text, whose links are elements of their own */
function readText(text: string, found: Heeded, hasLinks: boolean): void {
  for (const [whole, sequence = ''] of text.matchAll(/<([^<>]+)>/g)) {
    if (/^[!@#]/.test(sequence)) {
      if (!sequence.startsWith('!date^')) found.calls.push(whole);
      continue;
    }
    if (!hasLinks) continue;
    const bar = sequence.indexOf('|');
    found.links.push({
      url: bar === -1 ? sequence : sequence.slice(0, bar),
      label: bar === -1 ? undefined : sequence.slice(bar + 1),
    });
  }
}
