import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCaptures } from '../../support/replay/captures.ts';
import { Scenes } from '../../support/replay/scenes.ts';
import { appOf, requestOf, send } from '../../support/replay/send.ts';
import { constantAnswers, vary } from '../../support/replay/variations.ts';
import { harvest, wireWorld } from '../../support/replay/wire-world.ts';
import { needsShared } from '../../support/shared.ts';

const now = Date.parse('2026-11-22T16:10:00Z');

test(
  'no answer is canned: each good one changes with its user, alias or parameter',
  needsShared,
  async (t) => {
    const { captures } = readCaptures();
    const seed = harvest(captures);
    const scenes = new Scenes(captures, seed);
    const good = captures.filter(({ response, name }) => response.status < 300 && !constantAnswers.has(name));
    const failed: string[] = [];
    for (const capture of good) {
      const [before, after] = [wireWorld(seed, () => now), wireWorld(seed, () => now)];
      const first = await send(before, appOf(capture), requestOf(capture, scenes.set(before, capture)));
      const { sent, pick, expected } = vary(after, capture, scenes.set(after, capture));
      const second = await send(after, appOf(capture), sent);
      const [was, is] = [await answerOf(first), await answerOf(second)];
      before.close();
      after.close();
      try {
        assert.deepEqual(pick(is), expected, `${capture.name} after: ${JSON.stringify(is).slice(0, 300)}`);
        assert.notDeepEqual(pick(was), expected, `${capture.name} before`);
      } catch (error) {
        failed.push(String(error));
      }
    }
    t.diagnostic(`${good.length} answers varied, ${constantAnswers.size} constant by nature`);
    assert.deepEqual(failed, []);
  },
);

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}
