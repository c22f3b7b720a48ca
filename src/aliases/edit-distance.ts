/** Levenshtein's: how many letters to change, add or take away. Takes time in proportion to one length times the other. */
export function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 0; line < one.length; line++) {
    const next = [line + 1];
    for (let column = 0; column < other.length; column++) {
      const isSame = one.charCodeAt(line) === other.charCodeAt(column);
      const changed = (row[column] ?? 0) + (isSame ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
