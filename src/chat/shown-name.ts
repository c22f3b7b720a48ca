/**
 * A name that its owner chose, fit to stand in a sentence of ours: one line of at most 80 characters, without what breaks
 * lines, moves a terminal, or turns the text around it (U+202E and its like would turn a warning with it).
 */
export function shownName(name: string): string {
  return [...name.replaceAll(/[\s\p{C}]+/gu, ' ').trim()].slice(0, 80).join('');
}
