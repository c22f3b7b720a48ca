/** Who is named where in what Slack sends: the installation, the person's own workspace, the org. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { type SlackEmulator, startSlack } from '../support/slack/emulator.ts';
import type { Channel, Installation, Json } from '../support/slack/world-types.ts';

const payload = z.looseObject({
  team_id: z.string().optional(),
  enterprise_id: z.string().optional(),
  is_ext_shared_channel: z.boolean().optional(),
  authorizations: z
    .array(z.looseObject({ team_id: z.string().nullable(), enterprise_id: z.string().nullable() }))
    .optional(),
  event: z.looseObject({}).optional(),
  user: z.looseObject({}).optional(),
  team: z.looseObject({}).nullable().optional(),
});

/** An app that is heard over HTTP by nobody: what was sent to it is all that counts. */
async function heardBy(t: TestContext) {
  const slack = await startSlack(t, { retries: 0 });
  const app = slack.app({
    requestUrl: 'http://127.0.0.1:1/slack/events',
    botScopes: ['channels:history', 'commands', 'chat:write'],
    botEvents: ['message.channels'],
    commands: ['/st2'],
  });
  const last = async () => {
    await app.settled();
    const body = app.http.sent.at(-1)?.body ?? '';
    return body.startsWith('{')
      ? payload.parse(JSON.parse(body))
      : Object.fromEntries(new URLSearchParams(body));
  };
  const pressed = async () => {
    await app.settled();
    return payload.parse(JSON.parse(new URLSearchParams(app.http.sent.at(-1)?.body).get('payload') ?? ''));
  };
  return { slack, app, last, pressed };
}

function asks(slack: SlackEmulator, installation: Installation, channel: Channel) {
  const button: Json = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };
  return slack.world.messages.post(installation, channel, {
    text: 'ask',
    blocks: [{ type: 'actions', elements: [button] }],
  });
}

test('in one workspace everything names it', async (t) => {
  const { slack, app, last, pressed } = await heardBy(t);
  const team = slack.workspace({ id: 'T1' });
  const installation = slack.install(app, team);
  const alice = slack.user(team, { id: 'U1', name: 'alice' });
  const general = slack.channel(team, { members: [alice, installation.bot] });
  await alice.say(general, 'hi');
  const event = await last();
  assert.deepEqual([event['team_id'], event['enterprise_id']], ['T1', undefined]);
  assert.deepEqual(event['authorizations'], [
    {
      enterprise_id: null,
      team_id: 'T1',
      user_id: installation.bot.id,
      is_bot: true,
      is_enterprise_install: false,
    },
  ]);
  await alice.slash(general, '/st2', 'x');
  const command = await last();
  assert.deepEqual(
    [command['team_id'], command['user_id'], command['enterprise_id'], command['source_team']],
    ['T1', 'U1', undefined, undefined],
  );
  await alice.press(asks(slack, installation, general), 'go');
  const press = await pressed();
  assert.equal(press.user?.['team_id'], 'T1');
});

test('Slack Connect: the envelope names our installation, the event and the press name the stranger’s own workspace', async (t) => {
  const { slack, app, last, pressed } = await heardBy(t);
  const [ours, theirs] = [slack.workspace({ id: 'T1' }), slack.workspace({ id: 'T2' })];
  const installation = slack.install(app, ours);
  const mallory = slack.user(theirs, { id: 'U1', name: 'mallory' });
  const shared = slack.channel(ours, { members: [installation.bot, mallory], sharedWith: [theirs] });
  await mallory.say(shared, 'hi');
  const event = payload.parse(await last());
  assert.equal(event.authorizations?.[0]?.team_id, 'T1');
  assert.equal(event.is_ext_shared_channel, true);
  assert.deepEqual([event.event?.['user_team'], event.event?.['source_team']], ['T2', 'T2']);
  await mallory.press(asks(slack, installation, shared), 'go');
  const press = await pressed();
  assert.deepEqual([press.team?.['id'], press.user?.['team_id']], ['T1', 'T2']);
  await assert.rejects(
    mallory.slash(shared, '/st2'),
    /not a command/,
    'the app is not installed in her workspace',
  );
});

test('Grid, org-wide: no workspace in the authorization, none in interactions, the org everywhere', async (t) => {
  const { slack, app, last, pressed } = await heardBy(t);
  const [one, two] = [
    slack.workspace({ id: 'T1', enterprise: 'E1' }),
    slack.workspace({ id: 'T2', enterprise: 'E1' }),
  ];
  const installation = slack.install(app, slack.enterprise('E1'));
  const alice = slack.user(one, { id: 'W1', name: 'alice', alsoIn: [two] });
  const general = slack.channel(two, { members: [alice, installation.bot] });
  await alice.say(general, 'hi');
  const event = payload.parse(await last());
  assert.deepEqual([event.team_id, event.enterprise_id], ['T2', 'E1']);
  assert.deepEqual(
    [event.authorizations?.[0]?.team_id, event.authorizations?.[0]?.enterprise_id],
    [null, 'E1'],
  );
  await alice.slash(general, '/st2', 'x');
  const command = await last();
  assert.deepEqual(
    [command['team_id'], command['enterprise_id'], command['is_enterprise_install']],
    ['T2', 'E1', 'true'],
  );
  await alice.press(asks(slack, installation, general), 'go');
  const press = await pressed();
  assert.deepEqual(
    [press.team, press.user?.['team_id'], press['enterprise']],
    [null, 'T2', { id: 'E1', name: 'E1' }],
  );
});
