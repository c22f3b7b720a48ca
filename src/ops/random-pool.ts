import { randomFillSync } from 'node:crypto';

const drawsPerFill = 100;

/**
 * Random bytes from the system's generator, `size` at a time, none of them given twice. They are fetched by the hundred:
 * a call for a few costs 3 µs (P1). What is drawn is to be used at once: a later fill overwrites it.
 */
export function randomPool(size: number): () => Buffer {
  const pool = Buffer.alloc(drawsPerFill * size);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += size;
    return pool.subarray(used - size, used);
  };
}
