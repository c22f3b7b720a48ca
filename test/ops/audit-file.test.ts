import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AuditError, type AuditRecord } from '../../src/ops/audit.ts';
import { AuditFile } from '../../src/ops/audit-file.ts';
import { createLogger } from '../../src/ops/logger.ts';
import { temporaryFolder } from '../support/folder.ts';
import { sourceArguments } from '../support/source-arguments.ts';

const full: AuditRecord = {
  event: 'execution.accepted',
  outcome: 'ok',
  chatUser: 'slack:T024BE7LD:U0G9QF9C6',
  channel: 'C024BE91L',
  stackstormUser: 'CORP\\alice.smith@example.com',
  aliasRef: 'core.run_remote',
  executionId: '5e1c9c5b5e5b5c0001a1b2c3',
  correlationId: 'c0123456789abcdef0123456789abcdef',
  session: '0f8fad5b-d9cb-469f-a165-70867728950e',
  address: '2001:db8::1',
};

async function rig(t: TestContext, options: { required?: boolean; file?: string } = {}) {
  const folder = await temporaryFolder(t);
  const file = options.file ?? join(folder, 'logs', 'audit.jsonl');
  const clock = { now: Date.UTC(2026, 10, 22) };
  let log = '';
  const logger = createLogger({
    level: 'info',
    destination: {
      write: (line) => {
        log += line;
      },
    },
  });
  const make = () =>
    new AuditFile({ file, required: options.required ?? true }, { logger, now: () => clock.now });
  const audit = make();
  t.after(() => audit.close());
  const lines = async () =>
    (await readFile(file, 'utf8'))
      .split('\n')
      .slice(0, -1)
      .map((line) => z.record(z.string(), z.string()).parse(JSON.parse(line)));
  return { folder, file, clock, audit, make, lines, log: () => log };
}

test('a record is one line with its time, in the file when record() resolves, for the owner alone', async (t) => {
  const { audit, file, lines } = await rig(t);
  await audit.open();
  await audit.record(full);
  assert.deepEqual(await lines(), [{ time: '2026-11-22T00:00:00.000Z', ...full }]);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await stat(join(file, '..'))).mode & 0o777, 0o700);
});

test('records keep their order, also while a write is under way, and close() waits for all', async (t) => {
  const { audit, lines } = await rig(t);
  const done: number[] = [];
  const all = Array.from({ length: 500 }, async (_, index) => {
    await audit.record({ event: 'link.opened', outcome: `n${index}` });
    done.push(index);
  });
  await audit.close();
  await Promise.all(all);
  assert.deepEqual(
    (await lines()).map(({ outcome }) => outcome),
    Array.from({ length: 500 }, (_, index) => `n${index}`),
  );
  assert.deepEqual(
    done,
    [...done].sort((a, b) => a - b),
  );
});

test('an existing file is appended to, its mode narrowed, and a line that a crash tore is ended', async (t) => {
  const { audit, file } = await rig(t);
  await mkdir(join(file, '..'));
  await writeFile(file, '{"event":"old"}\n{"event":"to');
  await chmod(file, 0o644);
  await audit.open();
  await audit.record({ event: 'link.opened', outcome: 'ok' });
  const [old, torn, own] = (await readFile(file, 'utf8')).split('\n');
  assert.equal(old, '{"event":"old"}');
  assert.equal(torn, '{"event":"to');
  assert.equal(JSON.parse(own ?? '').event, 'link.opened');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('a value that is no id is not written: a digest stands for it, and the field is told without it', async (t) => {
  const { audit, file, lines, log } = await rig(t);
  const text = 'my password is hunter2, please. hunter2!';
  const unfit: AuditRecord = {
    event: 'command.refused',
    outcome: text,
    chatUser: text,
    channel: '{{ 6 * 7 }} hunter2',
    stackstormUser: text,
    aliasRef: text,
    executionId: text,
    correlationId: text,
    session: text,
    address: text,
  };
  await audit.record(unfit);
  await audit.record({ ...full, aliasRef: 'my pack.deploy the app', stackstormUser: 'Zoë Ünal' });
  const raw = await readFile(file, 'utf8');
  assert.doesNotMatch(raw + log(), /hunter2/);
  const [first, second] = await lines();
  assert.equal(first?.['event'], 'command.refused');
  for (const field of ['outcome', 'chatUser', 'channel', 'aliasRef', 'session', 'address'])
    assert.match(first?.[field] ?? '', /^unfit:[0-9a-f]{16}$/);
  assert.equal(second?.['stackstormUser'], 'Zoë Ünal');
  assert.match(log(), /"fields":\["outcome","chatUser"/);
});

test('a file that was moved away by rotation is made anew, nothing is lost', async (t) => {
  const { audit, file, clock, lines } = await rig(t);
  await audit.record({ event: 'link.opened', outcome: 'before' });
  await rename(file, `${file}.1`);
  await audit.record({ event: 'link.opened', outcome: 'just-after' });
  clock.now += 2_000;
  await audit.record({ event: 'link.opened', outcome: 'later' });
  assert.match(await readFile(`${file}.1`, 'utf8'), /before.*\n.*just-after/);
  assert.deepEqual(
    (await lines()).map(({ outcome }) => outcome),
    ['later'],
  );
});

test('where it cannot be written: refused when required, told and let through when not, and good again after', async (t) => {
  for (const required of [true, false]) {
    const { audit, file, folder, log, lines } = await rig(t, { required });
    await writeFile(join(folder, 'logs'), 'a file where the folder should be');
    const record = audit.record({ event: 'link.opened', outcome: 'lost' });
    if (required) {
      await assert.rejects(record, AuditError);
      await assert.rejects(audit.open(), AuditError);
    } else {
      await record;
      await audit.open();
    }
    assert.match(log(), /the audit log cannot be written/);
    await rename(join(folder, 'logs'), join(folder, 'other'));
    await audit.record({ event: 'link.opened', outcome: 'kept' });
    assert.deepEqual(
      (await lines()).map(({ outcome }) => outcome),
      ['kept'],
      file,
    );
  }
});

test('a full disk refuses the act', {
  skip: process.platform === 'linux' ? false : 'needs /dev/full',
}, async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'audit.jsonl');
  await symlink('/dev/full', file);
  const { audit } = await rig(t, { file });
  await assert.rejects(
    audit.record(full),
    (error) => error instanceof AuditError && /ENOSPC/.test(String(error.cause)),
  );
});

test('two processes share one file: every line is whole', async (t) => {
  const { audit, file, lines } = await rig(t);
  await audit.open();
  const script = `
    import { AuditFile } from './src/ops/audit-file.ts';
    import { createLogger } from './src/ops/logger.ts';
    const audit = new AuditFile({ file: process.argv[1], required: true }, { logger: createLogger({ level: 'silent' }), now: Date.now });
    for (let i = 0; i < 300; i++) await audit.record({ event: 'link.opened', outcome: 'other' });
    await audit.close();`;
  const child = spawn(process.execPath, [...sourceArguments, '--input-type=module', '-e', script, file], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = once(child, 'exit');
  let own = 0;
  while (child.exitCode === null && child.signalCode === null) {
    await audit.record({ event: 'link.opened', outcome: 'own' });
    own += 1;
    await setImmediate();
  }
  assert.deepEqual(await exit, [0, null]);
  const written = await lines();
  assert.equal(written.filter(({ outcome }) => outcome === 'other').length, 300);
  assert.equal(written.filter(({ outcome }) => outcome === 'own').length, own);
});

test('somebody else appending does not disturb', async (t) => {
  const { audit, file, lines } = await rig(t);
  await audit.record({ event: 'link.opened', outcome: 'a' });
  await appendFile(file, '{"event":"else","outcome":"else"}\n');
  await audit.record({ event: 'link.opened', outcome: 'b' });
  assert.deepEqual(
    (await lines()).map(({ outcome }) => outcome),
    ['a', 'else', 'b'],
  );
});
