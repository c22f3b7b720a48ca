import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { compileFormat } from '../../src/aliases/format.ts';
import { Automaton } from '../../src/aliases/lint/automaton.ts';
import { languageOf } from '../../src/aliases/lint/language.ts';
import { readCommand } from '../../src/aliases/match.ts';
import { PatternError, UnsupportedPatternError } from '../../src/aliases/regex/errors.ts';
import { needsShared, readSharedJson } from '../support/shared.ts';

for (const name of ['vectors', 'quirks']) {
  test(`the machine that lint compares by accepts what matches in ${name}.json`, needsShared, () => {
    const rows = z
      .array(
        z.object({
          format: z.string(),
          command: z.string(),
          expect: z.object({ match: z.boolean().optional() }),
        }),
      )
      .parse(readSharedJson(`stackstorm/aliases/${name}.json`));
    const machines = new Map<string, Automaton | undefined>();
    let compared = 0;
    for (const { format, command, expect } of rows) {
      if (!machines.has(format)) machines.set(format, machineOf(format));
      const machine = machines.get(format);
      const { stream, blank } = readCommand(command);
      // Whether a blank command matches depends on the parameters' values.
      if (machine === undefined || expect.match === undefined || blank) continue;
      let state = machine.start;
      for (const character of stream) state = machine.step(state, character.codePointAt(0) ?? 0);
      const accepts = machine.accepts(state);
      if (machine.language.exact || !accepts) assert.equal(accepts, expect.match, `${format} | ${command}`);
      compared++;
    }
    assert.ok(compared > rows.length / 2);
    console.log(`${name}.json: ${compared} of ${rows.length} rows compared`);
  });
}

function machineOf(format: string): Automaton | undefined {
  try {
    return new Automaton(languageOf(compileFormat(format).syntax));
  } catch (error) {
    if (error instanceof PatternError || error instanceof UnsupportedPatternError) return undefined;
    throw error;
  }
}
