import type { TestContext } from 'node:test';
import { webApi } from '@slack/bolt';
import { z } from 'zod';
import { startSlack } from './emulator.ts';

const ALL_SCOPES = [
  'chat:write',
  'chat:write.customize',
  'im:write',
  'mpim:write',
  'channels:history',
  'groups:history',
  'im:history',
  'channels:read',
  'groups:read',
  'im:read',
  'mpim:read',
  'users:read',
  'usergroups:read',
  'team:read',
  'files:write',
  'reactions:write',
];

/** A workspace with alice, bob (deactivated), two channels, and an app in one of them. */
export async function stage(t: TestContext, scopes: readonly string[] = ALL_SCOPES) {
  let now = Date.UTC(2026, 10, 22, 12);
  const slack = await startSlack(t, { now: () => now, allowViolations: true });
  const { world } = slack;
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  const app = slack.app({ id: 'A1', botScopes: scopes, socketMode: true });
  const inst = slack.install(app, team);
  const alice = world.people.user(team, { id: 'U0ALICE', name: 'alice' });
  const bob = world.people.user(team, { id: 'U0BOB', name: 'bob', deleted: true });
  const general = world.channels.create(team, {
    id: 'C0GENERAL',
    name: 'general',
    members: [alice, inst.bot],
  });
  const random = world.channels.create(team, { id: 'C0RANDOM', members: [alice] });
  const secret = world.channels.create(team, { id: 'G0SECRET', kind: 'private', members: [alice] });
  const call = async (method: string, args: Record<string, unknown> = {}, token = inst.botToken) => {
    const response = await fetch(`${slack.apiUrl}${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(args),
    });
    return z.record(z.string(), z.unknown()).parse(await response.json());
  };
  const client = new webApi.WebClient(inst.botToken, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
  });
  const pass = (ms: number) => {
    now += ms;
  };
  return { slack, world, team, app, inst, alice, bob, general, random, secret, call, client, pass };
}
