import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { InstallationQuery } from '../installations.ts';

/**
 * What Slack sends, as far as it is read (https://docs.slack.dev/reference/events,
 * https://docs.slack.dev/reference/interaction-payloads). `null` stands where Slack has nothing to say.
 * @module
 */

const word = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const envelope = z.object({
  team_id: word,
  enterprise_id: word,
  authorizations: z
    .array(
      z.object({ team_id: word, enterprise_id: word, is_enterprise_install: z.boolean().default(false) }),
    )
    .default([]),
});

const slashCommand = z.object({
  team_id: word,
  enterprise_id: word,
  is_enterprise_install: z
    .union([z.boolean(), z.string()])
    .optional()
    .transform((value) => value === true || value === 'true'),
  channel_id: z.string(),
  user_id: z.string(),
  text: z.string().default(''),
  trigger_id: z.string(),
});
export type SlashCommand = z.infer<typeof slashCommand>;

const messageEvent = z.object({
  channel: z.string(),
  channel_type: word,
  user: word,
  bot_id: word,
  subtype: word,
  hidden: z.boolean().default(false),
  edited: z.unknown().optional(),
  text: z.string().default(''),
  ts: z.string(),
  thread_ts: word,
  user_team: word,
  source_team: word,
});
export type MessageEvent = z.infer<typeof messageEvent>;

const interaction = z.object({
  team: z.object({ id: z.string(), enterprise_id: word }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  is_enterprise_install: z.boolean().default(false),
  user: z.object({ id: z.string(), team_id: word }),
  trigger_id: word,
});
export type Interaction = z.infer<typeof interaction>;

const blockAction = z.object({
  action_id: z.string(),
  action_ts: z.string().default(''),
  type: z.string(),
  value: word,
});

const blockActions = interaction.extend({
  channel: z.object({ id: z.string() }).nullish(),
  container: z.object({ type: word, message_ts: word, channel_id: word, thread_ts: word }).optional(),
  message: z.object({ ts: word, thread_ts: word }).nullish(),
  actions: z.array(blockAction),
});
export type BlockActions = z.infer<typeof blockActions>;

const option = z.object({ value: z.string() });
const inputState = z.object({
  type: z.string().default(''),
  value: word,
  selected_option: option.nullish(),
  selected_options: z.array(option).optional(),
});
const label = z.object({ type: z.literal('plain_text'), text: z.string() });

const viewSubmission = interaction.extend({
  view: z.object({
    id: z.string(),
    hash: word,
    callback_id: z.string(),
    private_metadata: z.string().default(''),
    title: label,
    submit: label,
    /** As we made them. */
    blocks: z.array(
      z.custom<types.KnownBlock>((block) => z.object({ type: z.string() }).safeParse(block).success),
    ),
    state: z
      .object({ values: z.record(z.string(), z.record(z.string(), inputState)) })
      .default({ values: {} }),
  }),
});
export type ViewSubmission = z.infer<typeof viewSubmission>;

const homeOpened = z.object({ user: z.string(), channel: word, tab: word });
const userChange = z.object({
  user: z.object({
    id: z.string(),
    team_id: word,
    deleted: z.boolean().default(false),
    enterprise_user: z.object({ enterprise_id: z.string() }).nullish(),
  }),
});
const tokensRevoked = z.object({ tokens: z.object({ bot: z.array(z.string()).default([]) }) });

/** Each answers undefined for what is not of its shape. */
export const read = {
  slashCommand: reader(slashCommand),
  messageEvent: reader(messageEvent),
  blockActions: reader(blockActions),
  viewSubmission: reader(viewSubmission),
  homeOpened: reader(homeOpened),
  userChange: reader(userChange),
  tokensRevoked: reader(tokensRevoked),
};

function reader<T>(schema: z.ZodType<T>): (value: unknown) => T | undefined {
  return (value) => schema.safeParse(value).data;
}

/** Whose installation an event's envelope names. */
export function eventSource(body: unknown): InstallationQuery {
  const parsed = envelope.safeParse(body).data;
  const [authorization] = parsed?.authorizations ?? [];
  return {
    teamId: authorization?.team_id ?? parsed?.team_id,
    enterpriseId: authorization?.enterprise_id ?? parsed?.enterprise_id,
    isEnterpriseInstall: authorization?.is_enterprise_install ?? false,
  };
}

export function commandSource(command: SlashCommand): InstallationQuery {
  return {
    teamId: command.team_id,
    enterpriseId: command.enterprise_id,
    isEnterpriseInstall: command.is_enterprise_install,
  };
}

export function interactionSource(body: Interaction): InstallationQuery {
  return {
    teamId: body.team?.id,
    enterpriseId: body.enterprise?.id ?? body.team?.enterprise_id,
    isEnterpriseInstall: body.is_enterprise_install,
  };
}
