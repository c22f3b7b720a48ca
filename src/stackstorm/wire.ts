import { z } from 'zod';

/**
 * What StackStorm answers, as far as the bot reads it. Unknown keys pass: StackStorm's answers grow. Source: the
 * captures that FACTS.md describes and st2common/openapi.yaml.
 * @module
 */

const record = z.record(z.string(), z.unknown());

const aliasFormat = z.union([
  z.string(),
  z.looseObject({
    display: z.string().nullish(),
    representation: z.union([z.array(z.string()), z.string()]).nullish(),
    match_multiple: z.unknown().optional(),
  }),
]);

export const actionAlias = z.looseObject({
  id: z.string(),
  name: z.string(),
  ref: z.string(),
  pack: z.string(),
  description: z.string().nullish(),
  enabled: z.boolean(),
  action_ref: z.string(),
  formats: z.array(aliasFormat),
  ack: z
    .looseObject({
      enabled: z.unknown().optional(),
      format: z.string().nullish(),
      append_url: z.unknown().optional(),
      extra: record.nullish(),
    })
    .nullish(),
  result: z
    .looseObject({ enabled: z.unknown().optional(), format: z.string().nullish(), extra: record.nullish() })
    .nullish(),
  extra: record.nullish(),
  immutable_parameters: record.nullish(),
});
export type ActionAlias = z.infer<typeof actionAlias>;

/** Terminal statuses: st2common/constants/action.py LIVEACTION_COMPLETED_STATES. */
const completedStatuses = ['succeeded', 'failed', 'timeout', 'canceled', 'abandoned'] as const;

export const execution = z.looseObject({
  id: z.string(),
  status: z.string(),
  start_timestamp: z.string().optional(),
  end_timestamp: z.string().nullish(),
  elapsed_seconds: z.number().nullish(),
  web_url: z.string().nullish(),
  parameters: record.nullish(),
  context: record.nullish(),
  result: z.unknown().optional(),
  action: z
    .looseObject({
      ref: z.string().optional(),
      runner_type: z.string().optional(),
      parameters: record.nullish(),
    })
    .optional(),
  runner: z.looseObject({ name: z.string().optional() }).optional(),
  liveaction: z.looseObject({ notify: record.nullish() }).optional(),
  /** The workflow's execution, of one that a workflow started. */
  parent: z.string().nullish(),
});
export type Execution = z.infer<typeof execution>;

export function isCompleted(status: string): boolean {
  return (completedStatuses as readonly string[]).includes(status);
}

/** An action, as far as it says what it takes; its runner's parameters are not among them. */
export const action = z.looseObject({ ref: z.string(), parameters: record.nullish() });
export type Action = z.infer<typeof action>;

/** What an action takes, its runner's parameters among them; by name, each in JSON Schema. */
export const actionParameters = z.looseObject({ parameters: record });

export const aliasExecutionAnswer = z.looseObject({
  execution,
  actionalias: actionAlias,
  message: z.string().nullish(),
  extra: record.nullish(),
});
export type AliasExecutionAnswer = z.infer<typeof aliasExecutionAnswer>;

export const token = z.looseObject({ user: z.string(), token: z.string().min(1), expiry: z.string() });
export type Token = z.infer<typeof token>;

export const stackstormUser = z.looseObject({
  username: z.string().min(1),
  authentication: z.looseObject({
    method: z.string().optional(),
    token_expire: z.string().nullish(),
  }),
  rbac: z
    .looseObject({
      enabled: z.boolean().optional(),
      roles: z.array(z.string()).nullish(),
      is_admin: z.boolean().nullish(),
    })
    .nullish(),
});
export type StackStormUser = z.infer<typeof stackstormUser>;

/** The data of `st2.announcement__<route>`; every field of `payload` may be null, and so may `payload`. */
export const announcement = z.looseObject({
  payload: z
    .looseObject({
      message: z.unknown().optional(),
      channel: z.string().nullish(),
      user: z.string().nullish(),
      whisper: z.boolean().nullish(),
      context: record.nullish(),
      extra: record.nullish(),
    })
    .nullable(),
});
export type Announcement = z.infer<typeof announcement>;

export const inquiry = z.looseObject({
  id: z.string(),
  route: z.string().nullish(),
  ttl: z.number().nullish(),
  users: z.array(z.string()).nullish(),
  roles: z.array(z.string()).nullish(),
  schema: record.nullish(),
});
export type Inquiry = z.infer<typeof inquiry>;

export const rule = z.looseObject({
  ref: z.string(),
  enabled: z.boolean(),
  trigger: z.unknown().optional(),
  criteria: record.nullish(),
  action: z.unknown().optional(),
});
export type Rule = z.infer<typeof rule>;
