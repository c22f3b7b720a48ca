import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { AuditEvent, AuditRecord } from './audit.ts';

/** A field of a record, all but the event. */
export type AuditField = Exclude<keyof AuditRecord, 'event'>;

/** A name that StackStorm gave: words of letters, digits and a few signs, no sentence. */
const stackstormName = /^(?=.{1,160}$)[\p{L}\p{N}._@+=\\:$/-]+(?: [\p{L}\p{N}._@+=\\:$/-]+){0,5}$/u;
const id = /^[A-Za-z0-9:._-]{1,64}$/;

/** What may stand in each field, in the order in which they are written (S8). */
const fields: readonly [AuditField, (value: string) => boolean][] = [
  ['outcome', (value) => /^(?=.{1,64}$)[a-z0-9]+(?:[-_.:][a-z0-9]+)*$/.test(value)],
  ['chatUser', (value) => /^[a-z][a-z0-9-]{0,31}(?::[A-Za-z0-9._-]{1,64}){2}$/.test(value)],
  ['channel', (value) => id.test(value)],
  ['stackstormUser', (value) => stackstormName.test(value)],
  ['aliasRef', (value) => stackstormName.test(value)],
  ['executionId', (value) => /^[A-Za-z0-9-]{1,64}$/.test(value)],
  ['correlationId', (value) => id.test(value)],
  ['session', (value) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)],
  ['address', (value) => isIP(value) !== 0],
];

/** Of this process alone, so that what stands for a value cannot be compared with guesses of it. */
const digestKey = randomBytes(32);

/**
 * The record as a line of JSON, without its line break. A value that is not of its field's pattern (a name that is no id,
 * a sentence) is not written: a digest stands for it, so that the act is still on record, and the field is told.
 */
export function auditLine(
  record: AuditRecord,
  time: number,
): { readonly line: string; readonly unfit: readonly AuditField[] } {
  const unfit: AuditField[] = [];
  const written: { time: string; event: AuditEvent } & { [Field in AuditField]?: string } = {
    time: new Date(time).toISOString(),
    event: record.event,
  };
  for (const [field, fits] of fields) {
    const value = record[field];
    if (value === undefined) continue;
    const isFit = fits(value);
    if (!isFit) unfit.push(field);
    written[field] = isFit ? value : digest(value);
  }
  return { line: JSON.stringify(written), unfit };
}

function digest(value: string): string {
  return `unfit:${createHmac('sha256', digestKey).update(value).digest('hex').slice(0, 16)}`;
}
