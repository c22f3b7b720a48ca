import { z } from 'zod';

const object = z.record(z.string(), z.unknown());

/** What Slack posted, parsed. */
export type SlackBody = z.infer<typeof object>;

/** `command` and `interactive` come as forms, `event` as JSON. */
export type BodyKind = 'event' | 'command' | 'interactive';

/**
 * JSON, or a form: a slash command's own fields, or an interaction's JSON in the field `payload`. Undefined: it is
 * neither.
 */
export function parsedBody(text: string, contentType: string | undefined): SlackBody | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return fromJson(text);
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : fromJson(payload);
}

export function kindOf(body: SlackBody): BodyKind {
  if (typeof body['command'] === 'string') return 'command';
  return body['type'] === 'event_callback' ? 'event' : 'interactive';
}

/**
 * What names a delivery: an event has an id that its retries share, a press, a submission and a command have a trigger.
 * Undefined: nothing in the body does.
 */
export function deliveryId(body: SlackBody): string | undefined {
  const { event_id: event, trigger_id: trigger } = body;
  if (typeof event === 'string') return `event:${event}`;
  return typeof trigger === 'string' && trigger !== '' ? `trigger:${trigger}` : undefined;
}

function fromJson(text: string): SlackBody | undefined {
  try {
    return object.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
