import type { FieldValue, FieldValues, FormField } from '../form.ts';

const decimal = /^-?\d+(\.\d+)?$/;
const whole = /^-?\d+$/;

/**
 * What was entered, as the bot gets it: of the form's own fields alone, without those left empty. A field whose value no
 * platform would send (an option that is not offered, letters for a number) has its fault: scripts get here too.
 */
export function lookAt(
  fields: readonly FormField[],
  entered: FieldValues,
): { readonly entered: FieldValues; readonly faults: Readonly<Record<string, string>> } {
  const values: [string, FieldValue][] = [];
  const faults: [string, string][] = [];
  for (const field of fields) {
    const given = Object.hasOwn(entered, field.name) ? entered[field.name] : undefined;
    const value = readField(field, given);
    if (value === 'wrong') faults.push([field.name, wrongWords[field.type]]);
    else if (value.is !== undefined) values.push([field.name, value.is]);
    else if (field.type !== 'boolean' && field.optional !== true && field.type !== 'text')
      faults.push([field.name, 'Please fill in this field.']);
  }
  return { entered: Object.fromEntries(values), faults: Object.fromEntries(faults) };
}

const wrongWords: Readonly<Record<FormField['type'], string>> = {
  text: 'This is not a text.',
  number: 'This is not a number that fits here.',
  select: 'This is not offered.',
  multiSelect: 'This is not offered.',
  boolean: 'Tick the box or do not.',
};

function readField(
  field: FormField,
  given: FieldValue | undefined,
): { readonly is: FieldValue | undefined } | 'wrong' {
  const isEmpty = given === undefined || given === '' || (Array.isArray(given) && given.length === 0);
  if (field.type === 'boolean') {
    if (given === undefined) return { is: false };
    return typeof given === 'boolean' ? { is: given } : 'wrong';
  }
  if (isEmpty) return { is: undefined };
  if (field.type === 'multiSelect') {
    if (typeof given !== 'object') return 'wrong';
    const chosen = field.options.flatMap(({ value }) => (given.includes(value) ? [value] : []));
    return given.every((value) => chosen.includes(value)) ? { is: chosen } : 'wrong';
  }
  if (typeof given !== 'string') return 'wrong';
  if (field.type === 'select')
    return field.options.some(({ value }) => value === given) ? { is: given } : 'wrong';
  if (field.type === 'number') return isNumber(field, given) ? { is: given } : 'wrong';
  return { is: given };
}

function isNumber(
  field: { readonly integer?: boolean; readonly min?: number; readonly max?: number },
  given: string,
): boolean {
  const { integer, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = field;
  if (!(integer === true ? whole : decimal).test(given)) return false;
  const value = Number(given);
  return value >= min && value <= max;
}
