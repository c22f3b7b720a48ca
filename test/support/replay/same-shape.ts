import assert from 'node:assert/strict';

/** Members whose value is another at each run; their type must still be the same. */
const volatile = new Set([
  'stdout',
  'result_size',
  'elapsed_seconds',
  'hostname',
  'pid',
  'key',
  'token',
  'key_hash',
  'expiry',
]);

const ids = /\b[0-9a-f]{24}\b/g;
const hashes = /\b[0-9a-f]{128}\b/g;
const times = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z/g;

/** A text without ids and times, so that two runs may be compared. */
function steady(text: string): string {
  return text
    .replace(hashes, '<hash>')
    .replace(ids, '<id>')
    .replace(times, '<time$1>')
    .replace(/<time\.\d{6}>/g, '<time.micros>');
}

/** The same members in the same types, and the same values but where they are another at each run. */
export function assertSame(actual: unknown, expected: unknown, place: string): void {
  assert.equal(typeOf(actual), typeOf(expected), `type of ${place}: ${JSON.stringify(actual)}`);
  if (Array.isArray(expected) && Array.isArray(actual)) {
    assert.equal(actual.length, expected.length, `length of ${place}`);
    for (const [index, item] of expected.entries()) assertSame(actual[index], item, `${place}[${index}]`);
  } else if (isObject(expected) && isObject(actual)) {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), `members of ${place}`);
    for (const [key, value] of Object.entries(expected)) {
      if (volatile.has(key)) assert.equal(typeOf(actual[key]), typeOf(value), `type of ${place}.${key}`);
      else assertSame(actual[key], value, `${place}.${key}`);
    }
  } else if (typeof expected === 'string' && typeof actual === 'string')
    assert.equal(sameWords(actual), sameWords(expected), place);
  else assert.equal(actual, expected, place);
}

/** Of several lines the first: what stands after it is Python's print of a schema. */
function sameWords(text: string): string {
  const [first = ''] = text.split('\n\nFailed validating', 1);
  return steady(first).replace(/^https?:\/\/[^/]+\/#/, '<web>/#');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
