import { pathToFileURL } from 'node:url';
import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { InstallationRow } from './installation-row.ts';
import type { OAuthAnswer } from './slack-oauth.ts';

/** Who asked, as far as it can be believed. Nothing of it is the browser's own word but `userAgent`. */
export interface InstallRequest {
  readonly address: string;
  /** Ms since the epoch. */
  readonly time: number;
  readonly userAgent?: string;
}

/** What a step is called with. It holds tokens: a step logs none of it. */
export interface InstallContext {
  readonly request: InstallRequest;
  /** Slack's answer to `oauth.v2.access`, whole. */
  readonly answer: OAuthAnswer;
  /** What will be kept of it. */
  readonly installation: InstallationRow;
  /** The Web API with the new bot token. */
  readonly client: webApi.WebClient;
  /** What the steps before this one added. */
  readonly added: Readonly<Record<string, unknown>>;
}

/**
 * What a step makes of it. `stop`: the installation is undone, and the person reads this reason. `add`: for the steps
 * that follow. `onSaved`: called once the installation is kept, before the person is told.
 */
export interface StepResult {
  readonly stop?: string;
  readonly add?: Readonly<Record<string, unknown>>;
  readonly onSaved?: () => void | Promise<void>;
}

/** A step of the pipeline. What it throws undoes the installation as `stop` does, without its words. */
export type InstallStep = (
  context: InstallContext,
) => StepResult | undefined | Promise<StepResult | undefined>;

/** A step and what it is called in the config. */
export interface NamedStep {
  readonly name: string;
  readonly step: InstallStep;
}

/** `unknown-step`: no built-in, and no path. `cannot-load`: the module failed. `no-step`: it exports no function `step`. */
export type PipelineErrorCode = 'unknown-step' | 'cannot-load' | 'no-step';

/** A pipeline that cannot be built: the bot does not start. */
export class PipelineError extends Error {
  readonly code: PipelineErrorCode;
  readonly step: string;

  constructor(code: PipelineErrorCode, step: string, message: string, options: { cause?: unknown } = {}) {
    super(`chat.slack.install.pipeline: "${step}" ${message}`, options);
    this.name = 'PipelineError';
    this.code = code;
    this.step = step;
  }
}

/** A step, or what it wanted done afterwards, failed; `cause` says how. */
export class StepError extends Error {
  readonly code: 'failed' | 'timeout';
  readonly step: string;

  constructor(code: 'failed' | 'timeout', step: string, options: { cause?: unknown } = {}) {
    super(`install step "${step}": ${code}`, options);
    this.name = 'StepError';
    this.code = code;
    this.step = step;
  }
}

const isStep = (value: unknown): value is InstallStep => typeof value === 'function';
const stepModule = z.looseObject({ step: z.custom<InstallStep>(isStep) });

const resultSchema = z
  .object({
    stop: z.string().min(1).exactOptional(),
    add: z.record(z.string(), z.unknown()).exactOptional(),
    onSaved: z.custom<() => void | Promise<void>>((value) => typeof value === 'function').exactOptional(),
  })
  .optional();

/**
 * The steps that the config names, in its order: a built-in, or the path of a module (`./my-step.mjs`, from the config's
 * folder) with a function `step`. Throws PipelineError.
 */
export async function loadPipeline(
  names: readonly string[],
  builtIns: Readonly<Record<string, InstallStep>>,
  folder: string,
): Promise<readonly NamedStep[]> {
  const steps: NamedStep[] = [];
  for (const name of names) {
    const builtIn = Object.hasOwn(builtIns, name) ? builtIns[name] : undefined;
    steps.push({ name, step: builtIn ?? (await loadStep(name, Object.keys(builtIns), folder)) });
  }
  return steps;
}

async function loadStep(name: string, known: readonly string[], folder: string): Promise<InstallStep> {
  if (!/^(?:\.{0,2}\/|file:)/.test(name)) {
    throw new PipelineError(
      'unknown-step',
      name,
      `is none of ${known.join(', ')}, nor a path such as ./my-step.mjs`,
    );
  }
  let loaded: unknown;
  try {
    loaded = await import(new URL(name, pathToFileURL(`${folder}/`)).href);
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    throw new PipelineError('cannot-load', name, `cannot be loaded${why}`, { cause });
  }
  const parsed = stepModule.safeParse(loaded);
  if (!parsed.success) throw new PipelineError('no-step', name, 'exports no function called step');
  return parsed.data.step;
}

/** Every step had its turn: what is to be done once the installation is kept; or one stopped it. */
export type PipelineOutcome =
  | { readonly kind: 'go'; readonly onSaved: readonly { readonly name: string; run(): Promise<void> }[] }
  | { readonly kind: 'stopped'; readonly step: string; readonly reason: string };

const stepMs = 30_000;

/** Calls the steps one after the other. Throws StepError: one threw, answered nonsense, or took longer than 30 s. */
export async function runPipeline(
  steps: readonly NamedStep[],
  context: Omit<InstallContext, 'added'>,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Promise<PipelineOutcome> {
  let added: Readonly<Record<string, unknown>> = {};
  const onSaved: { name: string; run(): Promise<void> }[] = [];
  for (const { name, step } of steps) {
    const result = await timed(name, deps.clock, async () =>
      resultSchema.parse(await step({ ...context, added })),
    );
    if (result?.stop !== undefined) return { kind: 'stopped', step: name, reason: result.stop };
    added = { ...added, ...result?.add };
    const after = result?.onSaved;
    if (after !== undefined) onSaved.push({ name, run: () => timed(name, deps.clock, async () => after()) });
  }
  return { kind: 'go', onSaved };
}

async function timed<T>(name: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  let cancel: (() => void) | undefined;
  const time = new Promise<never>((_, reject) => {
    cancel = clock.after(stepMs, () => reject(new StepError('timeout', name)));
  });
  try {
    return await Promise.race([work(), time]);
  } catch (cause) {
    throw cause instanceof StepError ? cause : new StepError('failed', name, { cause });
  } finally {
    cancel?.();
  }
}
