import { StackStormError } from '../../stackstorm/errors.ts';
import type { BotCredential, StackStorm } from '../../stackstorm/stackstorm.ts';
import type { Execution } from '../../stackstorm/wire.ts';
import type { OpenRun } from '../open-runs.ts';

/** Workflows inside workflows are looked through so deep. */
const deepest = 10;

export interface OriginDeps {
  readonly stackstorm: Pick<StackStorm, 'execution'>;
  readonly botCredential: BotCredential;
  readonly byExecution: (id: string) => OpenRun | undefined;
}

/**
 * The run of ours that an execution belongs to: itself, or the workflow that started it, or that one's. Throws
 * StackStormError where StackStorm does not tell.
 */
export async function originOf(execution: Execution, deps: OriginDeps): Promise<OpenRun | undefined> {
  let current = execution;
  for (let depth = 0; depth < deepest; depth++) {
    const run = deps.byExecution(current.id);
    if (run !== undefined) return run;
    const parent = parentOf(current);
    if (parent === undefined) return undefined;
    const known = deps.byExecution(parent);
    if (known !== undefined) return known;
    const above = await read(parent, deps);
    if (above === undefined) return undefined;
    current = above;
  }
  return undefined;
}

/** Undefined where StackStorm does not know it any more, or does not let us see it. */
async function read(id: string, { botCredential, stackstorm }: OriginDeps): Promise<Execution | undefined> {
  try {
    return await botCredential.use((credential) => stackstorm.execution(credential, id));
  } catch (error) {
    if (error instanceof StackStormError && (error.code === 'not-found' || error.code === 'forbidden'))
      return undefined;
    throw error;
  }
}

/** `parent`, or where an older StackStorm leaves it out, what it is made from (st2common/services/executions.py). */
function parentOf({ parent, context }: Execution): string | undefined {
  if (typeof parent === 'string' && parent !== '') return parent;
  const above = context?.['parent'];
  if (typeof above !== 'object' || above === null || !('execution_id' in above)) return undefined;
  return typeof above.execution_id === 'string' ? above.execution_id : undefined;
}

/** Whether this is an execution of StackStorm's inquirer. */
export function isInquirer({ runner, action }: Execution): boolean {
  return runner?.name === 'inquirer' || action?.runner_type === 'inquirer';
}
