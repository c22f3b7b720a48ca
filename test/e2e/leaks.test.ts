import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { browserMissing, launchBrowser } from '../support/browser.ts';
import { type LeakRun, leakRun } from '../support/leak-run.ts';
import { findLeaks, writtenForms } from '../support/leak-search.ts';

const noBrowser = browserMissing();

/** What shows that each place was really heard. */
const signs: Readonly<Record<string, readonly string[]>> = {
  output: ['demo is running', '"level":"warn"', '"level":"info"'],
  'bot.sqlite after kill -9': ['SQLite format 3'],
  'bot.sqlite-wal after kill -9': ['session:playground:demo:alice', 'run:'],
  'bot.sqlite-shm after kill -9': [],
  'bot.sqlite.audit.jsonl after kill -9': ['link.issued', 'login.failed', 'session.started'],
  'bot.sqlite.key after kill -9': [],
  'bot.sqlite after the end': ['playground:'],
  'bot.sqlite.audit.jsonl after the end': ['session.ended'],
  'bot.sqlite.key after the end': [],
  operations: ['process_cpu', '"checks"', '404'],
  chat: ['db1 has its new password', 'I do not know', '"label"', 'Log in to StackStorm'],
  pages: ['<title>Log in to StackStorm', 'wrong-secret', 'wrong-credentials', 'stackstorm-unreachable'],
  'targets of the bot': ['POST /login/api/open', 'GET /playground/api/messages?user=alice', 'GET /metrics'],
  'targets of StackStorm': ['POST /auth/v1/tokens', 'GET /api/v1/user', 'GET /stream/v1/stream?'],
};

describe('S1: what nobody may read, over a whole run', () => {
  let run: LeakRun;
  const closing: (() => Promise<void>)[] = [];
  before(async () => {
    const browser = noBrowser ? undefined : await launchBrowser();
    if (browser !== undefined) closing.push(() => browser.close());
    run = await leakRun({ after: (close) => void closing.push(close) }, browser);
  });
  after(async () => {
    for (const close of closing) await close();
  });

  test('every place was heard', () => {
    for (const [name, words] of Object.entries(signs)) {
      const place = run.places.find((candidate) => candidate.name === name);
      assert.ok(place !== undefined && place.bytes.length > 0, `nothing of ${name}`);
      for (const word of words) assert.ok(place.bytes.includes(word), `no ${word} in ${name}`);
    }
  });

  test('no password, token, key, secret, name, parameter or link key is anywhere, however written', (t) => {
    const started = performance.now();
    assert.deepEqual(findLeaks(run.places, run.treasures), []);
    const bytes = run.places.reduce((sum, place) => sum + place.bytes.length, 0);
    const forms = run.treasures.reduce((sum, { value }) => sum + writtenForms(value).size, 0);
    t.diagnostic(
      `searched ${bytes} bytes in ${run.places.length} places for ${run.treasures.length} values, written in ${forms} ways, in ${Math.round(performance.now() - started)} ms`,
    );
    for (const place of run.places) t.diagnostic(`${place.bytes.length} bytes: ${place.name}`);
    if (noBrowser) t.diagnostic(`the login was made without a browser: ${noBrowser}`);
  });

  test('each value is found in each place where somebody puts it', () => {
    for (const place of run.places) {
      for (const treasure of run.treasures) {
        const middle = Math.floor(place.bytes.length / 2);
        const planted = Buffer.concat([
          place.bytes.subarray(0, middle),
          Buffer.from(treasure.value),
          place.bytes.subarray(middle),
        ]);
        const found = findLeaks([{ name: place.name, bytes: planted }], [treasure]);
        const mayStand = treasure.mayStandIn?.includes(place.name) === true;
        assert.equal(found.length > 0, !mayStand, `${treasure.name} in ${place.name}`);
      }
    }
  });

  test('each value is found in each way of writing it, within other text, and in Basic', () => {
    for (const treasure of run.treasures) {
      const bytes = Buffer.from(treasure.value);
      const lead = (text: string) => Buffer.concat([Buffer.from(text), bytes, Buffer.from('after')]);
      const written = [
        ...writtenForms(treasure.value).values(),
        ...['', 'a', 'al', 'alice:'].flatMap((text) => [
          lead(text).toString('base64'),
          lead(text).toString('base64url'),
          lead(text).toString('hex'),
        ]),
        `Basic ${Buffer.concat([Buffer.from('alice:'), bytes]).toString('base64')}`,
        `Basic ${Buffer.concat([bytes, Buffer.from(':')]).toString('base64')}`,
        ...(typeof treasure.value === 'string' ? textsWith(treasure.value) : []),
      ];
      for (const form of written) {
        const place = {
          name: 'a place',
          bytes: Buffer.concat([Buffer.from('x{"a":"'), Buffer.from(form), Buffer.from('"}')]),
        };
        assert.notEqual(findLeaks([place], [treasure]).length, 0, `${treasure.name} as ${form}`);
      }
    }
  });
});

/** The text as programs write it who do not ask how we search. */
function textsWith(text: string): string[] {
  return [
    `GET /?a=${encodeURIComponent(text)}&b`,
    new URL(`http://x/?a=${encodeURIComponent(text)}`).href,
    new URLSearchParams({ a: text }).toString(),
    JSON.stringify({ err: { message: text } }),
    JSON.stringify({ body: JSON.stringify({ password: text }) }),
  ];
}
