import type { Post } from './chat.ts';
import { type PartWithoutTable, withoutTables } from './table-text.ts';

/**
 * A post with at most about `limit` characters of words in its text, and as many in its parts: what stands first stays,
 * buttons stay, and the reader is told how much is missing.
 */
export function cutPost(post: Post, limit: number): Post {
  const note = (shown: number, all: number) => `(Cut here: ${shown} of ${all} characters.)`;
  const head = cutText(post.text, limit);
  const text = head === post.text ? post.text : `${head}\n${note(head.length, post.text.length)}`;
  if (post.parts === undefined) return { ...post, text };

  const whole = withoutTables(post.parts);
  const all = whole.reduce((sum, part) => sum + partLength(part), 0);
  if (all <= limit) return { ...post, text };
  const parts: PartWithoutTable[] = [];
  let left = limit;
  for (const part of whole) {
    if (part.type === 'buttons') {
      parts.push(part);
      continue;
    }
    const kept = cutPart(part, left);
    if (kept === undefined) continue;
    left -= partLength(kept);
    parts.push(kept);
  }
  parts.push({ type: 'context', text: note(limit - left, all) });
  return { ...post, text, parts };
}

/** The first `limit` UTF-16 units of a text, never half a character. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? limit - 1 : limit);
}

function partLength(part: PartWithoutTable): number {
  switch (part.type) {
    case 'fields':
      return part.fields.reduce((sum, field) => sum + field.label.length + field.value.length, 0);
    case 'buttons':
      return 0;
    default:
      return part.text.length;
  }
}

function cutPart(
  part: Exclude<PartWithoutTable, { type: 'buttons' }>,
  left: number,
): PartWithoutTable | undefined {
  if (left <= 0) return undefined;
  if (part.type !== 'fields') return { ...part, text: cutText(part.text, left) };
  const fields = [];
  let rest = left;
  for (const field of part.fields) {
    rest -= field.label.length;
    if (rest <= 0) break;
    const value = cutText(field.value, rest);
    rest -= value.length;
    fields.push({ label: field.label, value });
  }
  return fields.length === 0 ? undefined : { type: 'fields', fields };
}
