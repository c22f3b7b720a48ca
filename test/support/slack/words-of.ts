import type { Json, Message } from './world-types.ts';

/** Everything in a message that a person reads: its text, and the texts in its blocks and attachments, one a line. */
export function wordsOf(message: Message): string {
  return [message.text, ...textsIn(message.blocks ?? []), ...textsIn(message.attachments ?? [])].join('\n');
}

/** The texts in blocks of a message or a view. */
function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (typeof inner !== 'string') return textsIn(inner);
    return TEXT_FIELDS.has(name) ? [inner] : [];
  });
}

const TEXT_FIELDS = new Set(['text', 'fallback', 'pretext', 'title', 'footer', 'author_name', 'alt_text']);

/** Every JSON object in a tree, outer ones first. */
export function objectsIn(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [Object.fromEntries(Object.entries(value)), ...Object.values(value).flatMap(objectsIn)];
}
