import { z } from 'zod';
import { aliasFormat } from '../../../src/demo/stackstorm/alias-catalog.ts';
import { notifyRules, type Seed } from '../../../src/demo/stackstorm/seed.ts';
import {
  createEmbeddedStackStorm,
  type EmbeddedStackStorm,
} from '../../../src/demo/stackstorm/stackstorm.ts';
import type { After } from '../../../src/demo/stackstorm/timers.ts';
import type { Capture } from './captures.ts';

const record = z.record(z.string(), z.unknown());
const parameters = z.record(z.string(), z.record(z.string(), z.unknown()));
const action = z.object({
  uid: z.string().startsWith('action:'),
  ref: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string(),
  runner_type: z.string(),
  metadata_file: z.string().exactOptional(),
  parameters,
});
const runner = z.object({
  uid: z.string().startsWith('runner_type:'),
  name: z.string(),
  description: z.string(),
  runner_package: z.string(),
  runner_module: z.string(),
  runner_parameters: parameters,
});
const alias = z.object({
  uid: z.string().startsWith('action_alias:'),
  id: z.string(),
  pack: z.string(),
  name: z.string(),
  description: z.string().exactOptional(),
  metadata_file: z.string().exactOptional(),
  enabled: z.boolean(),
  action_ref: z.string(),
  formats: z.array(aliasFormat),
  ack: record,
  result: record,
  extra: record,
  immutable_parameters: record,
});
const execution = z.object({
  action: z.object({ ref: z.string() }),
  liveaction: z.object({ parameters: record, notify: record.optional() }),
  context: record,
  status: z.string(),
});

/** What the captures say about the StackStorm that they were taken from. */
export interface WireSeed {
  readonly actions: Seed['actions'];
  readonly runners: Seed['runners'];
  /** actionalias_list_all. */
  readonly aliases: Seed['aliases'];
  /** Aliases that only alias executions show. */
  readonly moreAliases: Seed['aliases'];
}

export function harvest(captures: readonly Capture[]): WireSeed {
  const actions = new Map<string, z.infer<typeof action>>();
  const runners = new Map<string, z.infer<typeof runner>>();
  const seen = new Map<string, z.infer<typeof alias>>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const [anAction, aRunner, anAlias] = [
      action.safeParse(value),
      runner.safeParse(value),
      alias.safeParse(value),
    ];
    if (anAction.success) actions.set(anAction.data.uid, anAction.data);
    if (aRunner.success) runners.set(aRunner.data.uid, aRunner.data);
    if (anAlias.success) seen.set(anAlias.data.uid, anAlias.data);
    for (const inner of Object.values(value)) visit(inner);
  };
  for (const capture of captures) visit(capture.response.body);
  const list = captures.find(({ name }) => name === 'actionalias_list_all')?.response.body;
  const aliases = z.array(alias).parse(list);
  const listed = new Set(aliases.map(({ uid }) => uid));
  return {
    actions: [...actions.values()],
    runners: [...runners.values()],
    aliases,
    moreAliases: [...seen.values()].filter(({ uid }) => !listed.has(uid)).map(({ id: _, ...rest }) => rest),
  };
}

const year = 365 * 86_400_000;
const taken = Date.parse('2026-11-22T16:06:36Z');
export const aliceToken = 'a11ce000000000000000000000000001';
export const botKey = 'wire-api-key-chatops-bot';

/** The embedded StackStorm with the captures' aliases, users, tokens and keys; RBAC off, as it was there. */
export function wireWorld(seed: WireSeed, now: () => number, after?: After): EmbeddedStackStorm {
  const world = createEmbeddedStackStorm({
    now,
    ...(after === undefined ? {} : { after }),
    pace: { scheduledAfter: null, runningAfter: 0, runs: 0 },
    publicUrl: 'http://127.0.0.1:9101',
    seed: {
      users: [
        { name: 'alice', password: 'alice-pw', nicknames: { slack: 'alice.slack' } },
        { name: 'bob', password: 'bob-pw' },
        { name: 'chatops_bot', password: 'bot-pw', isService: true },
        { name: 'stanley' },
      ],
      tokens: [
        { user: 'alice', token: aliceToken, expiresAt: taken + year },
        { user: 'bob', token: 'b0b00000000000000000000000000001', expiresAt: taken + year },
        { user: 'alice', token: 'dead0000000000000000000000000001', expiresAt: taken - 1 },
        { user: 'alice', token: '59ecc941047a4f9e994c9699052748e7', expiresAt: taken - 1 },
      ],
      apiKeys: [
        { user: 'chatops_bot', key: botKey, metadata: { used_by: 'chatops_bot' } },
        { user: 'alice', key: 'wire-api-key-alice', metadata: { used_by: 'alice' } },
        { user: 'bob', key: 'wire-api-key-bob-disabled', enabled: false, metadata: { used_by: 'bob' } },
      ],
      runners: seed.runners,
      actions: seed.actions,
      aliases: seed.aliases,
      rules: notifyRules,
      runs: new Map(),
      rbac: false,
    },
  });
  return world;
}

/** An execution like the captured one, in the state that it had; answers its id here. */
export function recreate(world: EmbeddedStackStorm, captured: unknown): string {
  const { action: of, liveaction, context, status } = execution.parse(captured);
  const { packs, executions } = world.state;
  const known = packs.action(of.ref);
  if (known === undefined) throw new Error(`no action ${of.ref} in the captures`);
  const { pack: _, ...rest } = context;
  const made = executions.start(known, liveaction.parameters, rest, liveaction.notify ?? null);
  const wanted = status === 'succeeded' || status === 'failed' ? 3 : status === 'pending' ? 2 : 0;
  for (let step = 0; step < wanted; step += 1) executions.advance(made.id);
  return made.id;
}
