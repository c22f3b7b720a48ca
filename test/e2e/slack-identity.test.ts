import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { z } from 'zod';
import { type Consent, InstallBrowser } from '../support/slack/install-rig.ts';
import { type SlackBot, startSlackBot } from '../support/slack-bot.ts';

/** Ends when the bot has made `count` refusals that are on record. */
async function refusals({ slack, records }: SlackBot, count: number) {
  const refused = () => records.filter(({ event }) => event === 'command.refused');
  await slack.until(() => refused().length >= count);
  return refused().map(({ outcome, chatUser, channel }) => ({ outcome, chatUser, channel }));
}

async function installed(url: string, consent: Consent): Promise<void> {
  const done = await new InstallBrowser().install(url, consent);
  assert.equal(done.status, 200, await done.text());
}

const sentRun = z.object({
  user: z.string(),
  source_channel: z.string(),
  source_context: z.record(z.string(), z.string()),
});

const sentRequest = z.object({ request: z.object({ path: z.string(), body: z.unknown() }) });

test('a stranger of Slack Connect is refused in private, and is nobody else, whatever their id', async (t) => {
  const rig = await startSlackBot(t);
  const { slack, app, team, alice, bob, logIn, stackstorm } = rig;
  const partner = slack.workspace({ id: 'T099', name: 'Partner' });
  const mallory = slack.user(partner, { id: 'U0MALLORY', name: 'mallory' });
  const namesake = slack.user(partner, { id: 'U0ALICE', name: 'alice' });
  const shared = slack.channel(team, {
    id: 'C0SHARED',
    members: [alice, bob, alice.installationOf(app).bot, mallory, namesake],
    sharedWith: [partner],
  });
  await logIn(alice, 'alice');

  const asked = await mallory.say(shared, '!st2 list vms');
  const refused = await mallory.sees(shared, /members of this workspace/u, { after: asked });
  assert.ok(refused.ephemeralTo, 'told to the stranger alone');
  assert.ok(![...alice.seesNow(shared), ...bob.seesNow(shared)].includes(refused));
  await namesake.say(shared, '!st2 list vms');
  assert.deepEqual(await refusals(rig, 2), [
    { outcome: 'stranger', chatUser: 'slack:T099:U0MALLORY', channel: 'C0SHARED' },
    { outcome: 'stranger', chatUser: 'slack:T099:U0ALICE', channel: 'C0SHARED' },
  ]);
  assert.deepEqual(stackstorm.state.executions.all, []);

  const hers = await alice.say(shared, '!st2 list vms');
  await alice.sees(shared, /succeeded/u, { after: hers });
  assert.equal(stackstorm.state.executions.all.length, 1);
});

test('a guest is refused in private; a bot gets no answer at all, so that no two talk for ever', async (t) => {
  const rig = await startSlackBot(t);
  const { slack, app, team, alice, general, stackstorm, logIn } = rig;
  const guest = slack.user(team, { id: 'U0GUEST', name: 'guest', guest: true });
  const other = slack.app({ id: 'A2', name: 'Parrot', botScopes: ['chat:write'] });
  const parrot = slack.install(other, team);
  for (const member of [guest.user, parrot.bot]) slack.world.channels.join(general, member);
  await logIn(alice, 'alice');

  const asked = await guest.say(general, '!st2 list vms');
  const refused = await guest.sees(general, /guests/u, { after: asked });
  assert.ok(refused.ephemeralTo);
  const before = slack.postedBy(app, general).length;
  slack.world.messages.post(parrot, general, { text: '!st2 list vms' });
  slack.world.messages.post(parrot, general, {
    text: `<@${alice.installationOf(app).bot.id}> help`,
  });
  assert.deepEqual((await refusals(rig, 3)).map(({ outcome }) => outcome).sort(), ['bot', 'bot', 'guest']);
  // What is said later is answered later: nothing came between.
  const later = await alice.say(general, '!st2 list vms');
  const result = await alice.sees(general, /succeeded/u, { after: later });
  const since = slack.postedBy(app, general).slice(before);
  assert.ok(
    since.every(({ threadTs }) => threadTs === later.ts),
    'only alice was answered',
  );
  assert.ok(since.includes(result));
  assert.equal(stackstorm.state.executions.all.length, 1);
});

for (const how of ['each workspace', 'the whole org'] as const) {
  test(`a Grid user has one session in all workspaces of the org; the app is installed in ${how}`, async (t) => {
    const { slack, url, logIn, stackstorm, records } = await startSlackBot(t, { install: true });
    const home = slack.workspace({ id: 'T1', name: 'Home', enterprise: 'E1' });
    const sister = slack.workspace({ id: 'T2', name: 'Sister', enterprise: 'E1' });
    const carol = slack.user(home, { id: 'W0CAROL', name: 'carol', alsoIn: [sister] });
    await installed(url, {
      user: carol.id,
      workspace: 'T1',
      ...(how === 'the whole org' ? { org: 'yes' } : {}),
    });
    if (how === 'each workspace') await installed(url, { user: carol.id, workspace: 'T2' });
    const bots = slack.world.apps.installations.map(({ bot }) => bot);
    const here = slack.channel(home, { id: 'C0HERE', members: [carol] });
    const there = slack.channel(sister, { id: 'C0THERE', members: [carol] });
    for (const [index, channel] of [here, there].entries()) {
      const bot = bots[index] ?? bots[0];
      assert.ok(bot !== undefined);
      slack.world.channels.join(channel, bot);
    }

    await logIn(carol, 'alice');
    for (const channel of [here, there]) {
      const asked = await carol.say(channel, '!st2 list vms');
      const result = await carol.sees(channel, /succeeded/u, { after: asked });
      assert.equal(result.threadTs, asked.ts);
    }
    assert.deepEqual(
      records.filter(({ event }) => event === 'session.started').map(({ chatUser }) => chatUser),
      ['slack:E1:W0CAROL'],
    );
    assert.deepEqual(
      stackstorm.state.executions.all.map(({ context }) => context['user']),
      ['alice', 'alice'],
    );

    // Ended in one, it is ended in the other.
    const ending = await carol.say(there, '!session_end');
    await carol.sees(there, /direct message/u, { after: ending });
    const after = await carol.say(here, '!st2 list vms');
    await carol.sees(here, /session_start/u, { after });
    assert.equal(stackstorm.state.executions.all.length, 2);
  });
}

test('people and channels with names that are Jinja: StackStorm is sent ids', async (t) => {
  const { slack, app, team, alice, logIn, stackstorm } = await startSlackBot(t);
  const evil = '{{ 6 * 7 }}';
  const mallory = slack.user(team, { id: 'U0M', name: evil, realName: evil, displayName: evil });
  const channel = slack.channel(team, {
    id: 'C0EVIL',
    name: evil,
    members: [mallory, alice.installationOf(app).bot],
  });
  const sent: string[] = [];
  const onRequest = (message: unknown) => {
    const { request } = sentRequest.parse(message);
    if (request.path.endsWith('/aliasexecution')) sent.push(String(request.body));
  };
  subscribe('undici:request:create', onRequest);
  t.after(() => unsubscribe('undici:request:create', onRequest));

  await logIn(mallory, 'alice');
  const asked = await mallory.say(channel, '!st2 list vms');
  await mallory.sees(channel, /succeeded/u, { after: asked });
  const [body = '', ...others] = sent;
  assert.deepEqual(others, []);
  const { user, source_channel, source_context } = sentRun.parse(JSON.parse(body));
  assert.deepEqual([user, source_channel], ['U0M', 'C0EVIL']);
  for (const value of Object.values(source_context)) assert.match(value, /^[A-Za-z0-9:._-]{1,64}$/u);
  assert.doesNotMatch(body, /\{\{|6 \* 7/u);
  const [execution] = stackstorm.state.executions.all;
  assert.doesNotMatch(JSON.stringify(execution?.context), /\b42\b|6 \* 7/u);
});
