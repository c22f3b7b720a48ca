import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { extractMultipleParameters, extractParameters } from '../../../src/demo/stackstorm/alias-parser.ts';
import type { Alias } from '../../../src/demo/stackstorm/packs.ts';
import { resultMessage } from '../../../src/demo/stackstorm/result-message.ts';
import { readCaptures } from '../../support/replay/captures.ts';
import { harvest, wireWorld } from '../../support/replay/wire-world.ts';
import { needsShared, readSharedJson } from '../../support/shared.ts';

const extractCase = z.object({
  format: z.string(),
  command: z.string(),
  result: z.unknown().optional(),
  multiple: z.unknown().optional(),
  error: z.unknown().optional(),
});

test("the parser gives StackStorm's result for every row of alias_extract_cases.json", needsShared, (t) => {
  const rows = z.array(extractCase).parse(readSharedJson('stackstorm/wire/alias_extract_cases.json'));
  let compared = 0;
  for (const { format, command, result, multiple } of rows) {
    const got = extractParameters(format, command);
    if ('construct' in got) continue;
    const place = JSON.stringify({ format, command });
    if (result !== undefined) {
      assert.ok('parameters' in got, place);
      assert.deepEqual({ ...got.parameters }, result, place);
    } else assert.ok(!('parameters' in got), place);
    if (Array.isArray(multiple)) {
      const all = extractMultipleParameters(format, command);
      assert.ok('parameters' in all, place);
      assert.deepEqual(
        all.parameters.map((parameters) => ({ ...parameters })),
        multiple,
        place,
      );
    }
    compared += 1;
  }
  t.diagnostic(`${compared} of ${rows.length} rows`);
});

const formatted = z.object({
  execution_id: z.string(),
  output: z.object({
    enabled: z.boolean(),
    message: z.string(),
    extra: z.record(z.string(), z.unknown()).exactOptional(),
  }),
});

/** What the captured texts say of their executions. */
const executions: Readonly<Record<string, { runner: string; ref: string; status: string; result: unknown }>> =
  {
    default_failed: {
      runner: 'local-shell-cmd',
      ref: 'core.local',
      status: 'failed',
      result: { failed: true, succeeded: false, return_code: 3, stdout: '', stderr: 'oops' },
    },
    default_template: {
      runner: 'local-shell-cmd',
      ref: 'wire.run',
      status: 'succeeded',
      result: { failed: false, succeeded: true, return_code: 0, stdout: 'a\nb', stderr: '' },
    },
    noop: {
      runner: 'noop',
      ref: 'core.noop',
      status: 'succeeded',
      result: { failed: false, succeeded: true, return_code: 0 },
    },
    result_extra: {
      runner: 'local-shell-cmd',
      ref: 'wire.run',
      status: 'succeeded',
      result: { failed: false, succeeded: true, return_code: 0, stdout: 'hi', stderr: '' },
    },
  };
for (const [name, { runner, ref, status, result }] of Object.entries(executions))
  test(`the result of ${name} reads as StackStorm writes it`, needsShared, () => {
    const captured = formatted.parse(readSharedJson(`stackstorm/wire/format_execution_result_${name}.json`));
    const { message, extra } = captured.output;
    const execution = {
      id: captured.execution_id,
      action: { ref },
      runner: { name: runner },
      status,
      result,
      web_url: `https://127.0.0.1/#/history/${captured.execution_id}/general`,
      elapsed_seconds: Number(/Took ([\d.]+)/.exec(message)?.[1] ?? 0),
    };
    const got = resultMessage(execution, name === 'result_extra' ? capturedAlias(name) : undefined);
    assert.deepEqual(got, { message, extra: extra ?? {} });
  });

test('an alias that wants no result gets no message', () => {
  const silent = {
    id: '1',
    ref: 'a.b',
    pack: 'a',
    name: 'b',
    enabled: true,
    action_ref: 'core.noop',
    formats: [],
  };
  assert.equal(resultMessage({}, { ...silent, result: { enabled: false } }), null);
});

function capturedAlias(name: string): Alias {
  const world = wireWorld(harvest(readCaptures().captures), Date.now);
  const alias = world.state.packs.aliasByName(name);
  assert.ok(alias);
  return alias;
}
