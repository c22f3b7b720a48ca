import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { StackStormError } from '../../src/stackstorm/errors.ts';

/** The StackStormError that the promise is rejected with; fails for any other outcome. */
export async function stackStormError(promise: Promise<unknown>): Promise<StackStormError> {
  try {
    const value = await promise;
    assert.fail(`expected a StackStormError, got ${inspect(value)}`);
  } catch (error) {
    if (error instanceof StackStormError) return error;
    throw error;
  }
}

/** Everything that a log or a crash dump could print of an error. */
export function everythingOf(error: unknown): string {
  const printed = inspect(error, { depth: 20, showHidden: true });
  const causes = error instanceof Error && error.cause !== undefined ? everythingOf(error.cause) : '';
  return `${printed}\n${JSON.stringify(error)}\n${error instanceof Error ? error.stack : ''}\n${causes}`;
}
