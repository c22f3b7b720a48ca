import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * The kinds of values that stand in the config. The message of each is what is *expected*, in words that continue
 * "expected …"; load.ts adds where it stood and what was found.
 */

const units = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const durationPattern = /^(\d{1,9})(ms|s|m|h|d)$/;
const routePattern = /^[A-Za-z0-9._-]{1,64}$/;
const chatUserKeyPattern = /^[a-z][a-z0-9-]{0,31}:[A-Za-z0-9._-]{1,64}:[A-Za-z0-9._-]{1,64}$/;
const storagePattern =
  /^(sqlite:(\/\/\.{0,2}\/[^?]*[^?/](\?durability=(power|process))?|:memory:)|rediss?:\/\/.+)$/;
/** 32 bytes as base64url without padding: 43 characters, of which the last carries four bits (RFC 4648 section 5). */
const keyPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Ms of a duration such as `15m`, or undefined where the text is none. */
function parseDuration(text: string): number | undefined {
  const [, amount, unit = ''] = durationPattern.exec(text) ?? [];
  const ms = units.get(unit);
  return amount === undefined || ms === undefined ? undefined : Number(amount) * ms;
}

/** A duration between `min` and `max`, both written as durations; ms in the Config. */
export function duration(min: string, max: string) {
  const error = `a duration from "${min}" to "${max}", such as "90s", "15m" or "12h"`;
  const least = parseDuration(min) ?? 0;
  const most = parseDuration(max) ?? Number.POSITIVE_INFINITY;
  return z
    .string({ error })
    .regex(durationPattern, { error })
    .meta({ title: `duration, ${min} to ${max}` })
    .transform((text, context) => {
      const ms = parseDuration(text) ?? Number.NaN;
      if (ms >= least && ms <= most) return ms;
      context.issues.push({ code: 'custom', message: error, input: text });
      return z.NEVER;
    });
}

export function wholeNumber(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .meta({ title: `whole number, ${min} to ${max}` });
}

export function yesOrNo() {
  return z.boolean({ error: 'true or false' }).meta({ title: 'true or false' });
}

export function text(error: string, max = 1_000) {
  return z
    .string({ error })
    .min(1, { error })
    .max(max, { error })
    .meta({ title: error.replace(/, .*$/, '') });
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  const error = `one of ${values.map((value) => `"${value}"`).join(', ')}`;
  return z.enum(values, { error }).meta({ title: error });
}

/** A name that stands in StackStorm's event names and rules. */
export function routeName() {
  const error = 'a route: letters, digits, ".", "_" and "-", 64 characters at most';
  return z.string({ error }).regex(routePattern, { error }).meta({ title: 'a route' });
}

/** `platform:workspace:id`, as chatUserKey of chat/chat.ts makes it. */
export function chatUserKey() {
  const error = 'a chat user key such as "slack:T024BE7LD:U0G9QF9C6" (platform:workspace:id; whoami says it)';
  return z.string({ error }).regex(chatUserKeyPattern, { error }).meta({ title: 'platform:workspace:id' });
}

export function prefix(min: 0 | 1) {
  const error = `${min === 0 ? 'at most' : '1 to'} 16 characters without spaces`;
  return z
    .string({ error })
    .regex(min === 0 ? /^\S{0,16}$/ : /^\S{1,16}$/, { error })
    .meta({ title: error });
}

export function encryptionKey() {
  const error = 'a key as "bolt-stackstorm keygen" makes it (43 characters of base64url)';
  return z.string({ error }).regex(keyPattern, { error }).meta({ title: '32 bytes as base64url' });
}

export function storageUrl() {
  const error = 'sqlite://./folder/file.sqlite, sqlite:///folder/file.sqlite or redis://host:port';
  return z.string({ error }).regex(storagePattern, { error }).meta({ title: error });
}

/** An address or a CIDR range, IPv4 or IPv6. */
export function addressRange() {
  const error = 'an IP address or range such as "10.0.0.5", "10.0.0.0/8" or "fd00::/8"';
  return z.string({ error }).refine(isAddressRange, { error }).meta({ title: 'IP address or range' });
}

function isAddressRange(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** An http or https address without user, query and fragment; in the Config without a slash at its end. */
export function httpUrl() {
  const error = 'an address such as "https://stackstorm.example.com", without user name, "?" and "#"';
  return z
    .string({ error })
    .regex(/^https?:\/\//, { error })
    .refine((value) => plainUrl(value) !== undefined, { error })
    .meta({ title: 'http(s) address' })
    .transform((value) => value.replace(/\/+$/, ''));
}

/** An origin (no path) that is https, or http on loopback; browsers trust nothing else with a login (design.md, "The login page"). */
export function publicUrl() {
  const error = 'an address without a path, https except on loopback, such as "https://chatops.example.com"';
  return z
    .string({ error })
    .regex(/^https?:\/\//, { error })
    .refine(
      (value) => {
        const url = plainUrl(value);
        if (url === undefined || url.pathname !== '/') return false;
        return url.protocol === 'https:' || isLoopback(url.hostname);
      },
      { error },
    )
    .meta({ title: 'https origin' })
    .transform((value) => new URL(value).origin);
}

function plainUrl(value: string): URL | undefined {
  if (!URL.canParse(value) || /[?#]/.test(value)) return undefined;
  const url = new URL(value);
  const plain = url.username === '' && url.password === '' && url.hostname !== '';
  return plain && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** Whether a host (as `URL.hostname` gives it) is this machine alone. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]' || hostname === '::1') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}
