import { z } from 'zod';
import { kindOf, type SlackBody } from './request-body.ts';

/**
 * As much of Slack's payloads as Bolt reads before any listener does, without a look whether it is there
 * (@slack/bolt App.js, `processEvent`): a body that lacks it would be our fault, and not whoever's who signed it.
 * @module
 */

const named = z.looseObject({ id: z.string() });
const thing = z.looseObject({});

const eventBody = z.looseObject({
  event: z.looseObject({
    type: z.string(),
    user: z.union([z.string(), named]).optional(),
    channel: z.union([z.string(), thing]).optional(),
    item: thing.optional(),
    subteam: thing.optional(),
  }),
  authorizations: z.array(thing).nullish(),
});

const interactiveBody = z.looseObject({
  type: z.string(),
  user: named,
  team: named.nullish(),
  enterprise: named.nullish(),
  channel: named.optional(),
  view: z.looseObject({ id: z.string(), callback_id: z.string() }).optional(),
  actions: z.array(thing).min(1).optional(),
});

/** Whether listeners can be given this. What has no event, command or interaction in it is nobody's. */
export function isWellFormed(body: SlackBody): boolean {
  if (body['event'] !== undefined) return eventBody.safeParse(body).success;
  switch (kindOf(body)) {
    case 'event':
      return false;
    case 'command':
      return true;
    case 'interactive':
      return (
        interactiveBody.safeParse(body).success &&
        (!/^view_/.test(String(body['type'])) || body['view'] !== undefined)
      );
  }
}
