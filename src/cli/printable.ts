const controls = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that others wrote, fit for a terminal: whatever would move the cursor or hide something is written as `\u001b`. Newlines stay. */
export function printable(text: string): string {
  return text.replace(controls, (character) =>
    character === '\n' ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
