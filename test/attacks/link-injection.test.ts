import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { type BotRig, startBot } from '../support/bot.ts';
import { LoginClient } from '../support/login-client.ts';
import { loginUrl, type PlaygroundClient } from '../support/playground-client.ts';

/**
 * Link injection (security.md T1): Mallory asks for a link in her own chat, gets Alice to log in on it, and would act as
 * Alice from then on. Bob's chat account is Mallory's here. That the attack succeeds where `auth.confirm` is `off` shows
 * that these tests can fail.
 */

const shown = z.object({ confirm: z.object({ code: z.string() }) });

/** Alice logs in, with her own password, on the link that Mallory made; the word came with it. */
async function logInOnMallorysLink(rig: BotRig) {
  const asked = await rig.bob.ask('dm', '!session_start plum', ({ blocks }) => blocks !== null);
  const link = loginUrl(asked);
  const victim = new LoginClient(rig.url);
  const opened = await victim.open(link);
  return { asked: asked.id, link, victim, opened, answer: await victim.password('plum', 'alice', 'alice') };
}

/** Says something, and waits until the bot answers what is expected. */
async function says(person: PlaygroundClient, channel: string, text: string, answer: RegExp): Promise<void> {
  await person.ask(channel, text, (line) => answer.test(line.text));
}

const isNobody = (person: PlaygroundClient) =>
  says(
    person,
    'dm',
    '!st2 list vms',
    /(?:You are not logged in to StackStorm|Your login waits for its code), so nothing was run/u,
  );

async function attack(t: TestContext, confirm: 'off' | 'code') {
  const rig = await startBot(t, { confirm });
  return { rig, ...(await logInOnMallorysLink(rig)) };
}

describe('link injection', () => {
  it('succeeds with confirm off: Mallory acts as Alice', async (t) => {
    const { rig, answer } = await attack(t, 'off');
    assert.equal(answer.status, 200);
    await says(rig.bob, 'dm', '!whoami', /StackStorm: alice/u);
    await says(rig.bob, 'dm', '!st2 list vms', /run as alice/u);
  });

  it('fails with confirm code: without the code that Alice sees, Mallory is nobody', async (t) => {
    const { rig, asked, link, opened, answer } = await attack(t, 'code');
    assert.deepEqual(
      z.object({ chatUser: z.object({ name: z.string() }) }).parse(opened.body).chatUser.name,
      'bob',
    );
    assert.equal(answer.status, 202);
    const { code } = shown.parse(answer.body).confirm;
    await says(rig.bob, 'dm', '!st2 list vms', /Your login waits for its code, so nothing was run/u);
    await says(rig.bob, 'dm', '!whoami', /StackStorm: your login waits for its code/u);

    // Nothing that Mallory can see holds the code: not her chat, not the login at her browser, not the link once more.
    await rig.bob.waitFor('dm', asked, ({ text }) =>
      text.includes('send me the code that the page shows you'),
    );
    const waiting = await rig.bob.read('dm');
    const mallorys = new LoginClient(rig.url);
    const again = await mallorys.open(link);
    assert.equal(again.status, 410);
    const state = await fetch(`${rig.url}/login/api/login`, { headers: { 'sec-fetch-site': 'same-origin' } });
    assert.equal(state.status, 404);
    for (const seen of [waiting, again.body, rig.records]) {
      assert.ok(!JSON.stringify(seen).replaceAll('-', '').includes(code.replace('-', '')));
    }

    // She guesses: three times, at once.
    const guesses = ['BCDF-GHJK', 'ZXWV-TSRQ', 'LMNP-QRST', 'VWXZ-BCDF'].filter((guess) => guess !== code);
    await Promise.all(guesses.map((guess) => rig.bob.say('dm', `!session_confirm ${guess}`)));
    await rig.bob.waitFor('dm', asked, ({ text }) => text.includes('its code was not entered here'));
    await says(rig.bob, 'dm', `!session_confirm ${code}`, /No login of yours waits for a code/u);
    await isNobody(rig.bob);
    assert.ok(!rig.records.some(({ event }) => event === 'session.started'));
    assert.equal(rig.records.filter(({ event }) => event === 'login.dead').length, 1);
  });

  it('fails when Alice enters the code herself, in her own chat: she is told what it is', async (t) => {
    const { rig, answer } = await attack(t, 'code');
    const { code } = shown.parse(answer.body).confirm;
    await says(
      rig.alice,
      'dm',
      `!session_confirm ${code}`,
      /No login of yours waits for a code.*press “This is not me” there, and give the code to nobody/u,
    );
    await isNobody(rig.alice);
    await isNobody(rig.bob);
    await says(
      rig.alice,
      'general',
      `!session_confirm ${code}`,
      /Others can read that code here\. Delete your message\..*give the code to nobody/u,
    );
  });

  it('ends when Alice presses “This is not me”, even after she has let the code out', async (t) => {
    const { rig, victim, opened, answer } = await attack(t, 'code');
    const { code } = shown.parse(answer.body).confirm;
    const { login } = z.object({ login: z.string() }).parse(opened.body);
    await says(rig.bob, 'dm', `!session_confirm ${code}`, /logged in to StackStorm as alice/u);
    const before = (await rig.bob.read('dm')).at(-1)?.id ?? '';
    assert.equal((await victim.post('refuse', { login })).status, 200);
    await rig.bob.waitFor('dm', before, ({ text }) => /said that they are not you/u.test(text));
    await isNobody(rig.bob);
  });

  it('fails where somebody else’s session would be taken over by a stolen link: the owner’s stays', async (t) => {
    // T2, the other way round: Mallory holds Alice's link and word, and logs in on it as herself.
    const rig = await startBot(t, { confirm: 'code' });
    const logIn = async (account: string) => {
      const link = loginUrl(
        await rig.alice.ask('dm', '!session_start plum', ({ blocks }) => blocks !== null),
      );
      const browser = new LoginClient(rig.url);
      await browser.open(link);
      return shown.parse((await browser.password('plum', account, account)).body).confirm.code;
    };
    await says(rig.alice, 'dm', `!session_confirm ${await logIn('alice')}`, /You are logged in/u);
    const told = (await rig.alice.read('dm')).at(-1)?.id ?? '';
    const code = await logIn('bob');
    await rig.alice.waitFor('dm', told, ({ text }) => /as StackStorm user bob .* do nothing/u.test(text));
    await says(rig.bob, 'dm', `!session_confirm ${code}`, /No login of yours/u);
    await says(rig.alice, 'dm', '!whoami', /StackStorm: alice/u);
  });
});
