import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSlack } from '../support/slack/emulator.ts';

test('what a person types is sent as Slack’s client sends it', async (t) => {
  const slack = await startSlack(t);
  const team = slack.workspace();
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const bob = slack.user(team, { id: 'U0BOB', name: 'bob' });
  slack.usergroup(team, { id: 'S0OPS', handle: 'ops', users: [bob] });
  const general = slack.channel(team, { id: 'C0GENERAL', name: 'general', members: [alice] });
  const table = [
    ['a & b <c> &lt;', 'a &amp; b &lt;c&gt; &amp;lt;'],
    ['see https://x.io/a?b=1&c=2, ok', 'see <https://x.io/a?b=1&amp;c=2>, ok'],
    ['(http://y.z/)', '(<http://y.z/>)'],
    ['mail a.b@c.com now', 'mail <mailto:a.b@c.com|a.b@c.com> now'],
    ['on web1.example.com', 'on <http://web1.example.com|web1.example.com>'],
    ['@bob and @nobody', '<@U0BOB> and @nobody'],
    ['@here @ops in #general and #other', '<!here> <!subteam^S0OPS> in <#C0GENERAL|general> and #other'],
    ['run core.local 1.2.3 `x=1`', 'run core.local 1.2.3 `x=1`'],
  ] as const;
  for (const [typed, sent] of table) assert.equal((await alice.say(general, typed)).text, sent);
  assert.equal((await alice.say(general, `"a" it's`, { smartQuotes: true })).text, '“a” it’s');
  assert.equal((await alice.say(general, '<@U1> & x', { raw: true })).text, '<@U1> & x');
});

test('a person does only what she can', async (t) => {
  const slack = await startSlack(t);
  const team = slack.workspace();
  const alice = slack.user(team, { name: 'alice' });
  const bob = slack.user(team, { name: 'bob' });
  const general = slack.channel(team, { name: 'general', members: [alice] });
  const message = await alice.say(general, 'mine');
  await assert.rejects(bob.say(general, 'hi'), /is not in general/);
  await assert.rejects(bob.edit(message, 'yours'), /her own/);
  assert.deepEqual(bob.seesNow(general), []);
  slack.world.channels.archive(general);
  await assert.rejects(alice.say(general, 'hi'), /archived/);
  slack.world.deactivate(alice.user);
  await assert.rejects(alice.say(general, 'hi'), /deactivated/);
});
