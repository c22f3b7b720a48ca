import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkIn, startSlackBot } from '../support/slack-bot.ts';

for (const mode of ['socket', 'http'] as const) {
  test(`the journey in Slack, ${mode} mode: ask, link, open, log in, run, result, end`, async (t) => {
    const { slack, app, alice, bob, general, stackstorm, logIn, records } = await startSlackBot(t, { mode });
    const early = await alice.say(general, '!st2 list vms');
    const refused = await alice.sees(general, /session_start/, { after: early });
    assert.ok(refused.ephemeralTo, 'shown to alice alone');
    assert.ok(!bob.seesNow(general).includes(refused));

    await logIn(alice, 'alice');
    await alice.sees(alice.dmWith(app), /alice/);
    const command = await alice.say(general, '!st2 list vms');
    const result = await bob.sees(general, /succeeded/, { after: command });
    assert.equal(result.threadTs, command.ts);
    const [execution] = stackstorm.state.executions.all.filter(
      ({ action }) => action.ref === 'demo.list_vms',
    );
    assert.equal(execution?.context['user'], 'alice');

    const dm = alice.dmWith(app);
    const asked = await alice.dm(app, 'whoami');
    await alice.sees(dm, /alice/, { after: asked });
    const ending = await alice.dm(app, 'session_end');
    await alice.sees(dm, /ended|logged out|forgot/i, { after: ending });
    const after = await alice.say(general, '!st2 list vms');
    await alice.sees(general, /session_start/, { after });
    assert.ok(records.some(({ event }) => event === 'execution.accepted'));
    assert.ok(
      slack.calls.every(({ args }) => linkIn(args) === undefined || String(args['unfurl_links']) === 'false'),
      'links are never unfurled',
    );
  });
}

test('an admin ends the session of somebody by a mention', async (t) => {
  const { app, alice, bob, logIn } = await startSlackBot(t, {
    config: { access: { default: 'allow', admins: ['slack:T024:U0ALICE'] } },
  });
  await logIn(bob, 'bob');
  const asked = await alice.dm(app, '!session_cancel @bob');
  await alice.sees(alice.dmWith(app), /The session of slack:T024:U0BOB has ended/, { after: asked });
  await bob.sees(bob.dmWith(app), /ended/);
});
