import type { Part, Post } from '../chat.ts';
import { tableText } from '../table-text.ts';

/**
 * The whole message in words: the post's text, then every part that the text does not hold already. Buttons are left
 * out: their URLs may be login links, which stand in no text (S1).
 */
export function wholeText(post: Post): string {
  let whole = post.text;
  for (const part of post.parts ?? []) {
    for (const words of wordsOf(part)) {
      if (!whole.includes(words)) whole = whole === '' ? words : `${whole}\n${words}`;
    }
  }
  return whole;
}

function wordsOf(part: Part): readonly string[] {
  switch (part.type) {
    case 'buttons':
      return [];
    case 'fields':
      return part.fields.map((field) => `${field.label}: ${field.value}`);
    case 'table':
      return [tableText(part)];
    default:
      return [part.text];
  }
}
