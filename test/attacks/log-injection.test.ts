import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { z } from 'zod';
import { checkTable } from '../../src/cli/check-report.ts';
import { faultWords } from '../../src/cli/check-stackstorm.ts';
import type { AuditRecord } from '../../src/ops/audit.ts';
import { AuditFile } from '../../src/ops/audit-file.ts';
import { createLogger } from '../../src/ops/logger.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { temporaryFolder } from '../support/folder.ts';
import { allHostile, controls, hostile } from '../support/hostile.ts';
import { startRaw } from '../support/scripted-server.ts';
import { stackStormError } from '../support/stackstorm-error.ts';

const line = z.record(z.string(), z.unknown());

/** What is written by `log`, and each of its lines as a log collector reads it. */
async function logged(log: (logger: ReturnType<typeof createLogger>) => void) {
  const destination = new PassThrough();
  log(createLogger({ level: 'trace', destination }));
  destination.end();
  const written = await text(destination);
  return {
    written,
    lines: written
      .trimEnd()
      .split('\n')
      .map((one) => line.parse(JSON.parse(one))),
  };
}

test('whatever stands in a name, it is one line of JSON, with nothing in it that a terminal obeys', async () => {
  for (const [what, words] of [...Object.entries(hostile), ['all', allHostile] as const]) {
    const error = Object.assign(new Error(words), { code: words, call: words, requestId: words });
    const { written, lines } = await logged((logger) => {
      logger.info({ name: words, [words]: words, deep: { name: words } }, 'said');
      logger.warn({ err: error }, 'failed');
      logger.error(error);
      logger.child({ alias: words }).info(words);
    });
    assert.equal(lines.length, 4, what);
    assert.doesNotMatch(written, controls, what);
    assert.equal(lines[0]?.['name'], words, `${what}: whoever reads the JSON finds what was said`);
    assert.deepEqual(
      lines.map((one) => one['level']),
      ['info', 'warn', 'error', 'info'],
    );
    assert.ok(lines.every((one) => one['event'] === undefined));
  }
});

test('words with placeholders are not filled in with what stands beside them', async () => {
  const { lines } = await logged((logger) =>
    logger.info({ secret: 'plum', name: 'x' }, hostile.placeholders),
  );
  assert.equal(lines[0]?.['msg'], hostile.placeholders);
});

test('an audit record holds ids and codes; a name in an id’s place is a digest, and one line', async (t) => {
  const file = join(await temporaryFolder(t), 'audit.jsonl');
  const logs = new PassThrough();
  const audit = new AuditFile(
    { file, required: true },
    { logger: createLogger({ level: 'info', destination: logs }), now: Date.now },
  );
  await audit.open();
  const fields = [
    ...(['outcome', 'chatUser', 'channel', 'stackstormUser', 'aliasRef', 'executionId'] as const),
    ...(['correlationId', 'session', 'address'] as const),
  ];
  const records: AuditRecord[] = Object.values(hostile).map((words) => ({
    event: 'execution.accepted',
    outcome: words,
    ...Object.fromEntries(fields.map((field) => [field, words])),
  }));
  for (const record of records) await audit.record(record);
  await audit.close();
  const written = await readFile(file, 'utf8');
  const lines = written
    .trimEnd()
    .split('\n')
    .map((one) => line.parse(JSON.parse(one)));
  assert.equal(lines.length, records.length);
  for (const one of lines) {
    assert.equal(one['event'], 'execution.accepted');
    for (const field of fields) assert.match(String(one[field]), /^(?:unfit:[0-9a-f]{16}|__proto__)$/, field);
  }
  logs.end();
  const warned = await text(logs);
  assert.ok(!warned.includes('evil.example'), 'the log names the field, not what stood there');
});

test('check shows an operator what StackStorm says, and their terminal obeys none of it', async () => {
  const faultstring = hostile.terminal + hostile.markup;
  const body = JSON.stringify({ faultstring });
  await using server = await startRaw((socket) => {
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  const stackstorm = createStackStorm({ url: server.url });
  const error = await stackStormError(stackstorm.user({ kind: 'token', token: 'x' }));
  await stackstorm.close();
  const detail = `${faultWords(error)}\n${hostile.lines}: "${hostile.terminal}": bad`;
  const table = checkTable([
    { state: 'failed', what: 'StackStorm login', detail },
    { state: 'ok', what: 'storage', detail: 'opens and answers' },
  ]);
  assert.doesNotMatch(table, controls);
  assert.match(table, /\\u001b\[2J/, 'it is there to be read');
  const rows = table.split('\n').filter((row) => /^\S/.test(row));
  assert.equal(rows.length, 2, 'no line break makes a row');
});

test('a request id that StackStorm did not make is not told to anyone', async () => {
  const ids = ['\u009b2Jx', '<!channel>', 'x y', `${'a'.repeat(101)}`, '{{ 6 * 7 }}', '"><script>'];
  let id = '';
  await using server = await startRaw((socket) => {
    const body = '{"faultstring":"no"}';
    socket.end(
      Buffer.from(
        `HTTP/1.1 400 Bad Request\r\nX-Request-ID: ${id}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      ),
    );
  });
  const stackstorm = createStackStorm({ url: server.url });
  const asked = async (sent: string) => {
    id = sent;
    return (await stackStormError(stackstorm.user({ kind: 'token', token: 'x' }))).requestId;
  };
  for (const one of ids) {
    const told = await asked(one);
    // Where StackStorm names none that can be told, ours stands, under which its log has the call.
    assert.match(told ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/, one);
  }
  assert.equal(await asked('5b1c-ab.12:9_x'), '5b1c-ab.12:9_x');
  await stackstorm.close();
});
