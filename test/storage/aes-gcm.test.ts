import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEncryption, generateKey, parseKey } from '../../src/storage/aes-gcm.ts';
import { EncryptionError, type EncryptionErrorCode } from '../../src/storage/encryption.ts';

const row = 'session:slack:T024:U0G9';

function refuses(code: EncryptionErrorCode, forbidden: readonly string[] = []) {
  return (error: unknown) => {
    assert.ok(error instanceof EncryptionError, String(error));
    assert.equal(error.code, code);
    for (const secret of forbidden) assert.ok(!error.message.includes(secret), error.message);
    return true;
  };
}

test('what was sealed for a row opens for that row, any text', () => {
  const encryption = createEncryption([randomBytes(32)]);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, key) => {
      assert.equal(encryption.open(key, encryption.seal(key, text)), text);
    }),
    { numRuns: 300 },
  );
});

test('the envelope is ASCII, names version and key, and never repeats', () => {
  const encryption = createEncryption([randomBytes(32)]);
  const first = encryption.seal(row, 'token');
  assert.match(first, /^v1\.[\w-]{8}\.[\w-]+$/);
  assert.notEqual(encryption.seal(row, 'token'), first);
  assert.equal(first.split('.')[1], encryption.seal('other:row', 'x').split('.')[1]);
});

test('a row that was copied to another row does not open', () => {
  const encryption = createEncryption([randomBytes(32)]);
  const sealed = encryption.seal(row, 'alice-token');
  const forbidden = ['T024', 'alice-token'];
  assert.throws(() => encryption.open('session:slack:T024:U0G8', sealed), refuses('damaged', forbidden));
  assert.throws(() => encryption.open('link:slack:T024:U0G9', sealed), refuses('damaged', forbidden));
});

test('any changed character of the envelope is noticed', () => {
  const encryption = createEncryption([randomBytes(32)]);
  const sealed = encryption.seal(row, 'alice-token');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'Q' : 'A'}${sealed.slice(at + 1)}`;
    const bytes = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
    const sameBytes = at > 12 && bytes(changed) === bytes(sealed);
    if (!sameBytes) assert.throws(() => encryption.open(row, changed), EncryptionError, `at ${at}`);
  }
  for (const broken of ['', 'v1', 'v2.x.y', `${sealed}.x`, sealed.slice(0, 30), 'plain text']) {
    assert.throws(() => encryption.open(row, broken), EncryptionError);
  }
});

test('keys rotate: the first seals, all open, and a removed one is told from damage', () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)];
  const before = createEncryption([older]).seal(row, 'alice-token');
  const rotated = createEncryption([newer, older]);
  assert.equal(rotated.open(row, before), 'alice-token');
  const after = rotated.seal(row, 'alice-token');
  const onlyNewer = createEncryption([newer]);
  assert.equal(onlyNewer.open(row, after), 'alice-token');
  assert.throws(() => onlyNewer.open(row, before), refuses('unknown-key'));
});

test('generateKey makes what parseKey reads; anything else is refused without being repeated', () => {
  const text = generateKey();
  assert.equal(parseKey(text).length, 32);
  assert.notEqual(generateKey(), text);
  const wrong = [
    '',
    'hunter2',
    `${text}=`,
    ` ${text}`,
    text.slice(1),
    `${text.slice(0, 42)}+`,
    'a'.repeat(64),
  ];
  for (const key of wrong) {
    assert.throws(() => parseKey(key), refuses('invalid-key', key === '' ? [] : [key]));
  }
  assert.throws(() => createEncryption([]), refuses('invalid-key'));
  assert.throws(() => createEncryption([randomBytes(31)]), refuses('invalid-key'));
});
