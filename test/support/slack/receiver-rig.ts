import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { TestContext } from 'node:test';
import { App } from '@slack/bolt';
import { Hono } from 'hono';
import { pino } from 'pino';
import { z } from 'zod';
import { SlackReceiver } from '../../../src/chat/slack/receiver.ts';
import { slackLogger } from '../../../src/chat/slack/sdk-logger.ts';
import { listen } from '../listen.ts';
import { ManualClock } from '../manual-clock.ts';

export const signingSecret = 'b5f2a1c07d3e4f6a9b8c7d6e5f4a3b2c';
export const json = 'application/json';
export const form = 'application/x-www-form-urlencoded';

export interface Sent {
  readonly contentType?: string;
  /** Seconds from now. */
  readonly age?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly secret?: string;
}

/** The receiver on real sockets, under a real Bolt App. */
export async function receiverRig(
  t: TestContext,
  authorize?: () => Promise<{ botToken: string; botId: string }>,
) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const receiver = new SlackReceiver(
    { clock, logger },
    { signingSecret, publicUrl: 'https://chatops.example.com' },
  );
  const app = new App({
    receiver,
    authorize: authorize ?? (async () => ({ botToken: 'xoxb-1', botId: 'B1', botUserId: 'U0BOT' })),
    logger: slackLogger(logger),
  });
  app.error(async (error) => {
    throw error;
  });
  const arrived: string[] = [];
  const hono = new Hono();
  hono.use(async (c, next) => {
    arrived.push(c.req.path);
    await next();
  });
  receiver.mount(hono);
  const server = await listen(hono);
  t.after(() => server.close());
  await app.start();
  const url = `${server.url}/slack/events`;
  const post = (
    body: string,
    { contentType = json, age = 0, headers = {}, secret = signingSecret }: Sent = {},
  ) => {
    const timestamp = String(Math.floor(clock.now() / 1000) - age);
    const given = {
      'content-type': contentType,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': sign(secret, timestamp, body),
      ...headers,
    };
    const sent = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(url, { method: 'POST', body, headers: sent });
  };
  return { app, receiver, clock, post, url, arrived, lines };
}

export function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

export function event(id: string, text = 'hello'): string {
  return JSON.stringify({
    type: 'event_callback',
    event_id: id,
    team_id: 'T024',
    api_app_id: 'A1',
    event: { type: 'message', channel: 'C1', user: 'U1', text, ts: '1.1', channel_type: 'channel' },
  });
}

export function slash(command: string, trigger = '1.2.abc'): string {
  return new URLSearchParams({
    command,
    text: 'list vms',
    team_id: 'T024',
    user_id: 'U1',
    channel_id: 'C1',
    trigger_id: trigger,
    response_url: 'https://hooks.slack.com/x',
  }).toString();
}

export function press(trigger = '1.3.def'): string {
  const payload = {
    type: 'block_actions',
    team: { id: 'T024' },
    user: { id: 'U1' },
    trigger_id: trigger,
    actions: [{ type: 'button', action_id: 'go', block_id: 'b', action_ts: '1', value: '' }],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

export async function problem(response: Response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  return z.object({ code: z.string(), status: z.number() }).parse(await response.json());
}
