import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { LoginClient } from '../support/login-client.ts';
import type { SlackPerson } from '../support/slack/emulator.ts';
import { linkIn, type SlackBot, startSlackBot } from '../support/slack-bot.ts';

const shown = z.object({ confirm: z.object({ code: z.string() }) });

/** From a new link to the code that the page shows. */
async function codeFor(rig: SlackBot, person: SlackPerson): Promise<string> {
  const asked = await person.dm(rig.app, '!session_start plum-tree');
  const dm = person.dmWith(rig.app);
  const answer = await person.sees(dm, (message) => linkIn(message) !== undefined, { after: asked });
  const browser = new LoginClient(rig.url);
  assert.equal((await browser.open(linkIn(answer) ?? '')).status, 200);
  const held = await browser.password('plum-tree', 'alice', 'alice');
  assert.equal(held.status, 202);
  return shown.parse(held.body).confirm.code;
}

test('Slack, confirm code: the code goes into the modal, or behind the command; in a channel it is spoilt', async (t) => {
  const rig = await startSlackBot(t, { confirm: 'code' });
  const { alice, app, general, slack } = rig;
  const dm = alice.dmWith(app);

  const code = await codeFor(rig, alice);
  const told = await alice.sees(dm, /Somebody has just logged in as StackStorm user alice/u);
  await alice.say(general, '!st2 list vms');
  await alice.sees(general, /Your login waits for its code/u);
  await alice.press(told, 'bolt-stackstorm:session_confirm:0');
  const modal = await alice.modal(app);
  assert.match(JSON.stringify(modal.payload), /Nobody else has a reason to ask you for this/u);
  assert.match(JSON.stringify(await alice.submit(modal, { code: 'plum' })), /A code is eight letters/u);
  const wrong = code === 'BBBB-BBBB' ? 'CCCC-CCCC' : 'BBBB-BBBB';
  assert.match(JSON.stringify(await alice.submit(modal, { code: wrong })), /You have 2 tries left/u);
  await alice.submit(modal, { code: code.toLowerCase() });
  await alice.modal(app, (view) =>
    /you are logged in to StackStorm as alice/u.test(JSON.stringify(view.payload)),
  );
  await alice.sees(dm, /You are logged in to StackStorm as alice until/u);
  const run = await alice.say(general, '!st2 list vms');
  await alice.sees(general, /alice/u, { after: run });

  // By the slash command; the session before it lives on until then.
  const second = await codeFor(rig, alice);
  await alice.slash(general, '/st2', `session_confirm ${second}`);
  await alice.sees(general, /That is right: you are logged in to StackStorm as alice/u);

  // In a channel, for all to read: refused in private, and the code is worth nothing any more.
  const third = await codeFor(rig, alice);
  await alice.say(general, `!session_confirm ${third}`);
  await alice.sees(general, /Others can read that code here, so I ended the login/u);
  await alice.dm(app, `!session_confirm ${third}`);
  await alice.sees(dm, /No login of yours waits for a code/u);
  assert.equal(rig.records.filter(({ event }) => event === 'session.started').length, 2);
  assert.deepEqual(
    rig.records
      .filter(({ event }) => event === 'login.dead')
      .map(({ outcome, channel }) => [outcome, channel]),
    [['not-private', general.id]],
  );
  assert.ok(!rig.bob.seesNow(general).some(({ text }) => /Others can read|That is right/u.test(text ?? '')));
  assert.deepEqual(slack.violations, []);
});
