import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generateKey } from '../../src/storage/aes-gcm.ts';
import { cliCommand } from '../support/cli-command.ts';
import { startDemo } from '../support/demo-process.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { needsUnprivileged, unprivilegedUser } from '../support/unprivileged.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `demo` with what cannot work, to its end. */
async function demo(t: TestContext, args: readonly string[], uid?: number) {
  const [file, ...first] = cliCommand;
  const child = spawn(file, [...first, 'demo', '--port', String(await freePort()), '--quiet', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
  });
  t.after(() => void child.kill('SIGKILL'));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code: child.exitCode };
}

function assertWords(
  result: { out: string; err: string; code: number | null },
  words: RegExp,
  code = 1,
): void {
  assert.match(result.err, words);
  assert.equal(result.code, code);
  assert.equal(result.out, '');
  assert.doesNotMatch(result.err, /\n\s*at |node:internal/u, 'words, and no stack');
}

test('a storage of another key: no start, the way out is told, and nothing is lost', async (t) => {
  const file = join(await temporaryFolder(t), 'demo.sqlite');
  const storage = ['--storage', `sqlite://${file}`];
  const first = await startDemo(t, { storage: `sqlite://${file}` });
  await first.stop();

  await copyFile(`${file}.key`, `${file}.kept`);
  await writeFile(`${file}.key`, generateKey());
  const refused = await demo(t, storage);
  assertWords(
    refused,
    /which is not configured\. Put that key back .* or use the storage that belongs to these keys/u,
    2,
  );

  await writeFile(`${file}.key`, 'hunter2');
  const broken = await demo(t, storage);
  assertWords(
    broken,
    /encryption\.keys.*found a string of 7 characters; expected a key as "bolt-stackstorm keygen"/u,
  );
  assert.doesNotMatch(broken.err, /hunter2/u);

  await copyFile(`${file}.kept`, `${file}.key`);
  await (await startDemo(t, { storage: `sqlite://${file}` })).stop();
});

test('a file that is no database, and a folder that cannot be one', async (t) => {
  const folder = await temporaryFolder(t);
  const letter = join(folder, 'letter.sqlite');
  await writeFile(letter, 'this is a letter to my bank, not a database. '.repeat(100));
  const [noDatabase, noFolder, noUrl] = await Promise.all([
    demo(t, ['--storage', `sqlite://${letter}`]),
    demo(t, ['--storage', `sqlite://${join(letter, 'x.sqlite')}`]),
    demo(t, ['--storage', 'mysql://root:hunter2@db/bot']),
  ]);
  assertWords(noDatabase, /letter\.sqlite is damaged or is no SQLite database\. Move it away/u);
  assertWords(noFolder, /x\.sqlite cannot be used\. Check that its folder exists/u);
  assertWords(noUrl, /storage URL is not one that is known\. Use sqlite:\/\/\//u);
  assert.doesNotMatch(noUrl.err, /hunter2/u);
});

test('a folder that may not be written: what to do', needsUnprivileged, async (t) => {
  const folder = await temporaryFolder(t);
  const sub = join(folder, 'sub');
  await mkdir(sub);
  const user = unprivilegedUser;
  if (user !== undefined) for (const each of [folder, sub]) await chown(each, user, process.getgid?.() ?? 0);
  await chmod(sub, 0o500);
  const refused = await demo(t, ['--storage', `sqlite://${join(sub, 'x.sqlite')}`], user);
  assertWords(refused, /x\.sqlite cannot be written\. Give the user who runs the bot write access/u);
});

test('a port that is taken: which, and what to do', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  assertWords(await demo(t, ['--port', '0']), /A port is a whole number from 1 to 65535/u, 2);
  const refused = await demo(t, ['--port', String(address.port)]);
  assertWords(refused, /EADDRINUSE.*Something else uses that port: stop it, or take another/u);
});
