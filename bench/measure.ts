/** One figure of the bench: what was measured, what it has to be, and whether it is. */
export interface Figure {
  /** design number: P1 … P5, R5. */
  readonly id: string;
  readonly what: string;
  readonly measured: number;
  readonly unit: 'x' | 'ms' | 'µs' | '/s' | 'MB' | 'B' | '%' | '';
  readonly target: string;
  readonly met: boolean;
}

export function atMost(
  id: string,
  what: string,
  measured: number,
  unit: Figure['unit'],
  limit: number,
): Figure {
  return { id, what, measured, unit, target: `≤ ${limit}${unit}`, met: measured <= limit };
}

export function atLeast(
  id: string,
  what: string,
  measured: number,
  unit: Figure['unit'],
  limit: number,
): Figure {
  return { id, what, measured, unit, target: `≥ ${limit}${unit}`, met: measured >= limit };
}

/** A figure that stands for itself, such as the base of a ratio. */
export function base(id: string, what: string, measured: number, unit: Figure['unit']): Figure {
  return { id, what, measured, unit, target: '', met: true };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** Microseconds of a clock that all processes of the machine share (CLOCK_MONOTONIC). */
export function microseconds(): number {
  return Number(process.hrtime.bigint()) / 1000;
}

/** How long each of `count` calls took, in µs, one after the other; the first tenth is warm-up and left out. */
export async function timed(count: number, call: (number: number) => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let number = 0; number < count; number++) {
    const from = microseconds();
    await call(number);
    taken.push(microseconds() - from);
  }
  return taken.slice(Math.ceil(count / 10));
}
