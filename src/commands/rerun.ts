import { z } from 'zod';
import type { Catalog } from '../aliases/catalog.ts';
import type { Asker, Place } from '../chat/chat.ts';
import type { Claims } from '../executions/claims.ts';
import type { Controls } from '../executions/controls/controls.ts';
import { newCorrelationId } from '../executions/correlation.ts';
import type { Executions } from '../executions/executions.ts';
import type { Audit } from '../ops/audit.ts';
import type { ActionAlias, Execution } from '../stackstorm/wire.ts';
import type { AccessView, Decision } from './access.ts';
import type { Answers } from './command.ts';
import { actionOf, notAllowedWords } from './execution-words.ts';
import { refusedByRules } from './gate.ts';
import type { CommandSyntax } from './parse.ts';
import { missingStep } from './second-step/steps-of.ts';

export interface RerunDeps {
  readonly executions: Pick<Executions, 'intend' | 'run'>;
  readonly controls: Pick<Controls, 'read'>;
  readonly claims: Claims;
  readonly catalog: Catalog;
  readonly audit: Audit;
  readonly syntax: CommandSyntax;
}

/** Where and by which event it was asked for. */
export interface RerunRequest extends Asker {
  readonly eventId: string;
  /** Where the acknowledgement and the result go. */
  readonly answersAt: Place;
}

/** Of `context.action_alias_ref`: which alias started it (st2api/controllers/v1/aliasexecution.py). */
const startedBy = z.looseObject({ action_alias_ref: z.looseObject({ id: z.string() }) });

/**
 * Runs an execution once more as the person who asks, by StackStorm's own `re_run`: with the same parameters, whether or
 * not they may be read here. From there on it is a run like any other. It is no way around the access rules: what the
 * rules deny to this person, or let them do only after a second step, is not run again by its id.
 */
export async function rerun(
  deps: RerunDeps,
  request: RerunRequest,
  view: AccessView,
  id: string,
  { whisper }: Answers,
): Promise<void> {
  const { executions, controls, syntax } = deps;
  const read = await controls.read({ user: request.user, channel: request.place.channel }, id);
  if (read.kind !== 'execution') return await whisper(notAllowedWords(read, id, syntax));
  const { execution, grant } = read;
  const aliases = aliasesOf(deps.catalog.index.aliases, execution);
  const decisions =
    aliases.length === 0 ? [view.alias(actionOf(execution))] : aliases.map(({ ref }) => view.alias(ref));
  const denied = decisions.find(({ allowed }) => !allowed);
  if (denied !== undefined) return await whisper({ text: await refusedByRules(deps.audit, request, denied) });
  if (decisions.some(needsStep)) {
    return await whisper({
      text: `${actionOf(execution)} needs a second step here, which belongs to a command: please type the command again. Nothing was run.`,
    });
  }
  const correlationId = newCorrelationId();
  const eventId = `rerun:${request.eventId}`;
  const run = await executions.intend({
    correlationId,
    eventId,
    user: request.user,
    place: request.answersAt,
    alias: aliases[0] ?? plainAlias(execution),
    format: '',
    command: `execution rerun ${id}`,
    rerunOf: id,
  });
  if (!(await deps.claims.claim(eventId, correlationId))) return;
  await executions.run(run, grant);
}

/** The alias that started it, or else every alias that could have. */
function aliasesOf(aliases: readonly ActionAlias[], { action, context }: Execution): ActionAlias[] {
  const named = startedBy.safeParse(context).data?.action_alias_ref.id;
  const one = aliases.filter((alias) => alias.id === named);
  return one.length > 0 ? one : aliases.filter((alias) => alias.action_ref === action?.ref);
}

/** What was started otherwise runs under its action's name. */
function plainAlias(execution: Execution): Pick<ActionAlias, 'ref' | 'name' | 'action_ref'> {
  const ref = actionOf(execution);
  return { ref, name: ref, action_ref: ref };
}

function needsStep({ rule }: Decision): boolean {
  if (rule === undefined) return false;
  return rule.rule.freshLogin !== undefined || missingStep(rule.rule, undefined) !== undefined;
}
