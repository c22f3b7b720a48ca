import type { StackStormClient } from './client.ts';
import type { Credential } from './credential.ts';
import { StackStormError } from './errors.ts';
import type { BotCredential, CallOptions } from './stackstorm.ts';

/** A call that the bot account needs, and StackStorm's RBAC permission for it (the `x-permissions` of st2common/openapi.yaml). */
const neededPermissions = [
  { call: 'user', permission: undefined },
  { call: 'actionalias', permission: 'action_alias_list' },
  { call: 'actions.parameters', permission: 'action_view' },
  { call: 'executions.list', permission: 'execution_list' },
  { call: 'executions.get', permission: 'execution_view' },
  { call: 'inquiries', permission: 'inquiry_list' },
  { call: 'inquiries.get', permission: 'inquiry_view' },
  { call: 'rules', permission: 'rule_list' },
  { call: 'stream', permission: 'stream_view' },
] as const;

type NeededCall = (typeof neededPermissions)[number]['call'];

type PermissionOutcome =
  | { readonly kind: 'ok' }
  /** StackStorm answered 403. */
  | { readonly kind: 'missing' }
  /** There was nothing to try it on: no execution yet, or no inquiry that waits. */
  | { readonly kind: 'untried' }
  | { readonly kind: 'failed'; readonly error: StackStormError };

export interface PermissionCheck {
  readonly call: NeededCall;
  /** Undefined where every account may. */
  readonly permission: string | undefined;
  readonly outcome: PermissionOutcome;
}

/**
 * Tries each call that the bot account needs, one after the other, and tells how it went; changes nothing at
 * StackStorm. Throws StackStormError only where the credential itself cannot be had.
 */
export async function tryBotPermissions(
  stackstorm: StackStormClient,
  botCredential: BotCredential,
  options: CallOptions & { readonly streamEvents: readonly string[] },
): Promise<PermissionCheck[]> {
  await botCredential.get();
  const checks: PermissionCheck[] = [];
  for (const { call, permission } of neededPermissions) {
    const outcome = await tried(() =>
      botCredential.use((credential) => attempt(call, stackstorm, credential, options)),
    );
    checks.push({ call, permission, outcome });
  }
  return checks;
}

async function tried(run: () => Promise<'ok' | 'untried'>): Promise<PermissionOutcome> {
  try {
    return { kind: await run() };
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    return error.code === 'forbidden' ? { kind: 'missing' } : { kind: 'failed', error };
  }
}

async function attempt(
  call: NeededCall,
  stackstorm: StackStormClient,
  credential: Credential,
  options: CallOptions & { readonly streamEvents: readonly string[] },
): Promise<'ok' | 'untried'> {
  switch (call) {
    case 'user':
      await stackstorm.user(credential, options);
      return 'ok';
    case 'actionalias':
      await stackstorm.aliases(credential, options);
      return 'ok';
    case 'actions.parameters':
      return viewAction(stackstorm, credential, options);
    case 'executions.list':
      await stackstorm.latestExecution(credential, options);
      return 'ok';
    case 'executions.get':
      return viewLatest(stackstorm, credential, options);
    case 'inquiries':
      await stackstorm.inquiries(credential, options);
      return 'ok';
    case 'inquiries.get':
      return viewInquiry(stackstorm, credential, options);
    case 'rules':
      await stackstorm.rules(credential, options);
      return 'ok';
    case 'stream':
      await openOnce(stackstorm, credential, options);
      return 'ok';
  }
}

async function viewLatest(
  stackstorm: StackStormClient,
  credential: Credential,
  options: CallOptions,
): Promise<'ok' | 'untried'> {
  // Without execution_list there is no id to view; that lack has a line of its own.
  const latest = await stackstorm.latestExecution(credential, options).catch((error: unknown) => {
    if (error instanceof StackStormError && error.code === 'forbidden') return undefined;
    throw error;
  });
  if (latest === undefined) return 'untried';
  await stackstorm.execution(credential, latest.id, options);
  return 'ok';
}

async function viewAction(
  stackstorm: StackStormClient,
  credential: Credential,
  options: CallOptions,
): Promise<'ok' | 'untried'> {
  const [alias] = await stackstorm.aliases(credential, options).catch((error: unknown) => {
    if (error instanceof StackStormError && error.code === 'forbidden') return [];
    throw error;
  });
  if (alias === undefined) return 'untried';
  try {
    await stackstorm.actionParameters(credential, alias.action_ref, options);
    return 'ok';
  } catch (error) {
    // An alias may name an action that is not there.
    if (error instanceof StackStormError && error.code === 'not-found') return 'untried';
    throw error;
  }
}

async function viewInquiry(
  stackstorm: StackStormClient,
  credential: Credential,
  options: CallOptions,
): Promise<'ok' | 'untried'> {
  const listed = await stackstorm.inquiries(credential, options).catch((error: unknown) => {
    if (error instanceof StackStormError && error.code === 'forbidden') return [];
    throw error;
  });
  const [first] = listed;
  if (first === undefined) return 'untried';
  await stackstorm.inquiry(credential, first.id, options);
  return 'ok';
}

/** Connects the stream and lets it go again as soon as StackStorm has accepted it. */
async function openOnce(
  stackstorm: StackStormClient,
  credential: Credential,
  options: CallOptions & { readonly streamEvents: readonly string[] },
): Promise<void> {
  const done = new AbortController();
  const signal = options.signal === undefined ? done.signal : AbortSignal.any([done.signal, options.signal]);
  let opened = false;
  const events = stackstorm.stream(credential, {
    events: options.streamEvents,
    signal,
    idleMs: 30_000,
    onOpen() {
      opened = true;
      done.abort();
    },
  });
  for await (const _event of events) {
    if (opened) break;
  }
  if (!opened) throw new StackStormError('unreachable', 'stream');
}
