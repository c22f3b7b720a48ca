import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createLogger, type Logger } from '../../src/ops/logger.ts';
import { StackStormError } from '../../src/stackstorm/errors.ts';

const secret = 'hunter2-Plum';

function logged(log: (logger: Logger) => void): {
  readonly text: string;
  readonly line: Record<string, unknown>;
} {
  let text = '';
  log(
    createLogger({
      level: 'trace',
      destination: {
        write: (line) => {
          text += line;
        },
      },
    }),
  );
  return { text, line: z.record(z.string(), z.unknown()).parse(JSON.parse(text)) };
}

test('a line is JSON with a level in words, the time in UTC, the process and the message', () => {
  const { line } = logged((logger) => logger.info({ executionId: '5' }, 'done'));
  assert.equal(line['level'], 'info');
  assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.equal(line['pid'], process.pid);
  assert.equal(line['executionId'], '5');
  assert.equal(line['msg'], 'done');
});

test('fields that hold secrets or words of people do not appear, at the top, one down, or bound to a child', () => {
  for (const key of [
    'password',
    'token',
    'apiKey',
    'authorization',
    'cookie',
    'text',
    'parameters',
    'headers',
    'body',
    'link',
  ]) {
    const { text } = logged((logger) => logger.warn({ [key]: secret, in: { [key]: { deep: secret } } }, 'x'));
    assert.doesNotMatch(text, /hunter2/, key);
    assert.doesNotMatch(logged((logger) => logger.child({ [key]: secret }).info('x')).text, /hunter2/, key);
  }
});

test('what an error carries beside its own words is not walked, under whatever key it stands', () => {
  const error = Object.assign(new Error('refused', { cause: new Error('socket') }), {
    code: 'ECONNREFUSED',
    headers: { 'x-auth-token': secret },
    body: secret,
    request: { path: secret },
  });
  for (const log of [
    (logger: Logger) => logger.error({ err: error }, 'x'),
    (logger: Logger) => logger.error({ reason: error }, 'x'),
    (logger: Logger) => logger.error({ deep: { reason: error } }, 'x'),
    (logger: Logger) => logger.error(error),
  ]) {
    const { text } = logged(log);
    assert.match(text, /"code":"ECONNREFUSED"/);
    assert.match(text, /"message":"refused"/);
    assert.match(text, /"message":"socket"/);
    assert.doesNotMatch(text, /hunter2/);
  }
});

test("a StackStormError is told by code, call, status and request id, never by StackStorm's words", () => {
  const err = new StackStormError('rejected', 'aliasexecution', {
    status: 400,
    faultstring: secret,
    requestId: 'r-1',
  });
  const { text, line } = logged((logger) => logger.error({ err }, 'x'));
  assert.doesNotMatch(text, /hunter2/);
  const { type, code, call, status, requestId } = z.record(z.string(), z.unknown()).parse(line['err']);
  assert.deepEqual(
    { type, code, call, status, requestId },
    {
      type: 'StackStormError',
      code: 'rejected',
      call: 'aliasexecution',
      status: 400,
      requestId: 'r-1',
    },
  );
});

test('the messages of parsers, and what looks like a secret in the messages of others, are cut', () => {
  const thrown = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };
  const token = 'a3f1'.repeat(8);
  const key = 'Zm9v'.repeat(11);
  const errors = [
    thrown(() => JSON.parse(`{"password": ${secret}`)),
    thrown(() => z.strictObject({}).parse({ [secret]: 1 })),
    new Error(`connect https://bot:${secret}@st2.example/`),
    new Error(`Authorization: Basic ${secret}`),
    new Error('outer', { cause: new Error('https://x:hunter2@y/') }),
    secret,
  ];
  for (const err of errors) {
    assert.doesNotMatch(
      logged((logger) => logger.error({ wrapped: new Error('x', { cause: err }) }, 'x')).text,
      /hunter2/,
    );
  }
  const text = logged((logger) =>
    logger.error(new Error(`token ${token}, link 0f8fad5b-d9cb-469f-a165-70867728950e.${key}`)),
  ).text;
  assert.ok(!text.includes(token) && !text.includes(key), text);
});

test('a cause that leads back to itself ends', () => {
  const error = new Error('round');
  error.cause = error;
  assert.match(logged((logger) => logger.error({ err: error }, 'x')).text, /round/);
});
