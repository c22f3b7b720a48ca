import { z } from 'zod';

/** A section or a group: unknown keys are faults. */
export function group<T extends z.core.$ZodLooseShape>(shape: T, error = 'an object: { … }') {
  return z.strictObject(shape, { error });
}

/** Checks of a whole group run beside those of its values, so that one start shows every fault. */
export const always = { when: () => true };

export function has(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}

/** Whether so many of the keys stand there. What is not an object has its fault already: it passes as any number. */
export function counts(value: unknown, keys: readonly string[], wanted: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return keys.filter((key) => key in value).length === wanted;
}

/** In JSON Schema: the keys that must stand there in one of several ways. */
export function way(...keys: readonly string[]) {
  return { type: 'object', properties: Object.fromEntries(keys.map((key) => [key, {}])), required: keys };
}
