/** Code points above this have no cases (Unicode 15: Adlam is the last cased block). */
const lastCased = 0x1e943;
let casesByFold: Map<string, number[]> | undefined;

/** The letters outside `low`-`high` that Python's IGNORECASE takes for one inside, code points all. */
export function otherCasesIn(low: number, high: number): number[] {
  casesByFold ??= foldAll();
  const others = new Set<number>();
  for (let code = low; code <= Math.min(high, lastCased); code += 1)
    for (const other of casesByFold.get(fold(code)) ?? []) if (other < low || other > high) others.add(other);
  return [...others];
}

function fold(code: number): string {
  return String.fromCodePoint(code).toUpperCase().toLowerCase();
}

function foldAll(): Map<string, number[]> {
  const cases = new Map<string, number[]>();
  for (let code = 0; code <= lastCased; code += 1) {
    const letter = String.fromCodePoint(code);
    if (letter.toUpperCase() === letter && letter.toLowerCase() === letter) continue;
    const folded = fold(code);
    const known = cases.get(folded);
    if (known === undefined) cases.set(folded, [code]);
    else known.push(code);
  }
  return cases;
}
