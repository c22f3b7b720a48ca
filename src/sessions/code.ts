import { randomInt } from 'node:crypto';

/**
 * The code that confirms a login in chat: eight letters, 34 random bits (ASVS v5.0.0-6.5.4 asks for 20), of the alphabet
 * that RFC 8628 section 6.1 recommends: no vowels, so no words, and nothing that looks like a digit.
 * @module
 */

const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;

/** A new code as people read it: `WDJB-MJHT`. */
export function newCode(): string {
  const letters = Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length)));
  return `${letters.slice(0, length / 2).join('')}-${letters.slice(length / 2).join('')}`;
}

/** What was typed, as {@link newCode} writes it: case, spaces and dashes do not count. Undefined where it cannot be a code. */
export function typedCode(text: string): string | undefined {
  const letters = text.toUpperCase().replace(/[\s\p{Pd}]/gu, '');
  if (letters.length !== length || [...letters].some((letter) => !alphabet.includes(letter)))
    return undefined;
  return `${letters.slice(0, length / 2)}-${letters.slice(length / 2)}`;
}
