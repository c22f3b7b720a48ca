import { randomBytes } from 'node:crypto';

let counter = randomBytes(3).readUIntBE(0, 3);
const machine = randomBytes(5).toString('hex');

/** A MongoDB ObjectId: seconds, machine, counter. Ids of one process sort by their making. */
export function objectId(now: number): string {
  counter = (counter + 1) % 0x1000000;
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return seconds + machine + counter.toString(16).padStart(6, '0');
}

/** StackStorm's date: six digits of a second, always. `now` in ms; its fraction is microseconds. */
export function timestamp(now: number): string {
  const micros = Math.floor((now % 1) * 1000);
  return `${new Date(now).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** The date of `token_expire`: whole seconds. */
export function wholeSeconds(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
