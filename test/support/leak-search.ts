/**
 * Finds what must not be somewhere (S1), however it is written there.
 * @module
 */

/** Something that nobody may read: text, or bytes where it is a key. */
export interface Treasure {
  readonly name: string;
  readonly value: string | Uint8Array;
  /** Names of the places that may hold it. */
  readonly mayStandIn?: readonly string[];
}

/** Where it is searched. */
export interface SearchedPlace {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Leak {
  readonly treasure: string;
  readonly place: string;
  /** How it is written there. */
  readonly form: string;
  /** The offset of the first find. */
  readonly at: number;
  /** What stands around it, for whoever looks for the cause. */
  readonly around: string;
}

/** Shorter pieces would be found by chance. */
const shortest = 6;

/** Every leak, the first of each treasure, place and form. */
export function findLeaks(places: readonly SearchedPlace[], treasures: readonly Treasure[]): Leak[] {
  const leaks: Leak[] = [];
  for (const { name: treasure, value, mayStandIn = [] } of treasures) {
    const forms = writtenForms(value);
    for (const { name: place, bytes } of places) {
      if (mayStandIn.includes(place)) continue;
      for (const [form, written] of forms) {
        const at = bytes.indexOf(written);
        if (at < 0) continue;
        const around = bytes.subarray(Math.max(0, at - 80), at + written.length + 20).toString('latin1');
        leaks.push({ treasure, place, form, at, around });
      }
    }
  }
  return leaks;
}

/** Each way to write the value, under its name. Several ways may give the same bytes: then only the first stands. */
export function writtenForms(value: string | Uint8Array): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(value);
  const forms = new Map<string, Buffer>();
  const seen = new Set<string>();
  const add = (name: string, written: string | Buffer): void => {
    const buffer = Buffer.from(written);
    const key = buffer.toString('latin1');
    if (buffer.length < shortest || seen.has(key)) return;
    seen.add(key);
    forms.set(name, buffer);
  };

  add('plain', bytes);
  for (const offset of [0, 1, 2] as const) {
    add(`base64, ${offset} bytes in`, base64Within(bytes, offset, 'base64'));
    add(`base64url, ${offset} bytes in`, base64Within(bytes, offset, 'base64url'));
  }
  const hex = bytes.toString('hex');
  add('hex', hex);
  add('HEX', hex.toUpperCase());
  add('percent, every byte', hex.replaceAll(/../g, '%$&'));
  add('PERCENT, every byte', hex.toUpperCase().replaceAll(/../g, '%$&'));
  if (typeof value === 'string') for (const [name, written] of textForms(value)) add(name, written);
  return forms;
}

function textForms(text: string): [string, string][] {
  const percent = encodeURIComponent(text);
  const json = JSON.stringify(text).slice(1, -1);
  const lowerCase = (written: string) => written.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [
    ['percent', percent],
    ['percent, lower case', lowerCase(percent)],
    ['URI', encodeURI(text)],
    ['form', new URLSearchParams({ v: text }).toString().slice(2)],
    ['JSON', json],
    ['JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['JSON, ASCII only', json.replaceAll(/[^ -~]/g, unicodeEscape)],
    ['HTML', text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)],
    ['HTML, by name', named(text)],
    ['latin1', Buffer.from(text, 'latin1').toString('latin1')],
  ];
}

function unicodeEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function named(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (sign) => names[sign] ?? sign);
}

/**
 * What base64 makes of the bytes where `offset` (mod 3) other bytes stand before them, without the characters that
 * depend on what stands around: so it is found within `user:password` of Basic, and within anything longer.
 */
function base64Within(bytes: Buffer, offset: 0 | 1 | 2, encoding: 'base64' | 'base64url'): string {
  const written = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replace(/=+$/, '');
  const isCut = (offset + bytes.length) % 3 !== 0;
  return written.slice([0, 2, 3][offset], isCut ? -1 : undefined);
}
