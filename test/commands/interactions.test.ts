import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Asker, FormAnswer, Home, Part } from '../../src/chat/chat.ts';
import { AuditError } from '../../src/ops/audit.ts';
import { type BotRig, startBot } from '../support/bot.ts';
import { FaultyStore } from '../support/faulty-store.ts';
import { LoginClient } from '../support/login-client.ts';

const user = (id: string) => ({ platform: 'playground', workspace: 'demo', id });
const direct = (id: string): Asker => ({
  user: user(id),
  place: { platform: 'playground', workspace: 'demo', channel: `dm-${id}`, kind: 'direct' },
});
const inChannel = (id: string): Asker => ({
  user: user(id),
  place: { platform: 'playground', workspace: 'demo', channel: 'general', kind: 'channel' },
});

function press(rig: BotRig, asker: Asker, action: string, eventId: string = randomUUID()) {
  return rig.playground.ear.action({ ...asker, eventId, action, value: action });
}

function submit(
  rig: BotRig,
  asker: Asker,
  word: string | undefined,
  eventId: string = randomUUID(),
): Promise<FormAnswer> {
  return rig.playground.ear.submit({
    ...asker,
    eventId,
    form: 'session_start',
    value: 'session_start',
    fields: word === undefined ? {} : { word },
  });
}

function buttons(parts: Home['parts'] | readonly Part[] | undefined) {
  return (parts ?? []).flatMap((part) => (part.type === 'buttons' ? part.buttons : []));
}

/** Without those that open the form of an alias, of which alias-form.test.ts tells. */
function ownButtons({ parts }: Home) {
  return buttons(parts).filter((button) => 'url' in button || button.action !== 'alias.form');
}

function linkIn(answer: FormAnswer): string {
  const [link] = answer.kind === 'show' ? buttons(answer.post.parts) : [];
  assert.ok(link !== undefined && 'url' in link, JSON.stringify(answer));
  return link.url;
}

function words(home: Home): string {
  return home.parts
    .map((part) => {
      if ('text' in part) return part.text;
      if (part.type === 'fields')
        return part.fields.map(({ label, value }) => `${label}: ${value}`).join('\n');
      return part.type === 'search' ? `[${part.label}: ${part.initial ?? ''}]` : '';
    })
    .join('\n');
}

const home = (rig: BotRig, asker: Asker, search?: string) =>
  rig.playground.ear.home({ ...asker, ...(search === undefined ? {} : { search }) });

async function logInByDialog(rig: BotRig, id: 'alice' | 'bob'): Promise<void> {
  const browser = new LoginClient(rig.url);
  assert.equal((await browser.open(linkIn(await submit(rig, direct(id), 'plum')))).status, 200);
  assert.equal((await browser.password('plum', id, id)).status, 200);
}

test('the page: log in by its button and the dialog, see who one is, end the session, each seen anew', async (t) => {
  const rig = await startBot(t);
  const before = await home(rig, direct('alice'));
  assert.match(words(before), /Here: playground:demo:alice\nIn StackStorm: not logged in/u);
  assert.doesNotMatch(words(before), /list vms|\[Search/u, 'no alias is named to strangers to StackStorm');
  const [logIn] = buttons(before.parts);
  assert.deepEqual(logIn, {
    label: 'Log in',
    action: 'session_start',
    value: 'session_start',
    style: 'primary',
  });

  const form = await press(rig, direct('alice'), 'session_start');
  assert.equal(form?.id, 'session_start');
  assert.match(form?.fields[0]?.hint ?? '', /Not your password. 4 characters/u);

  await logInByDialog(rig, 'alice');
  assert.deepEqual(await rig.playground.refreshes(1), [user('alice')]);
  const live = await home(rig, direct('alice'));
  assert.match(words(live), /In StackStorm: alice\nSession ends: .* UTC, in 12 hours/u);
  assert.match(words(live), /!st2 list vms/u);
  assert.deepEqual(
    ownButtons(live).map(({ label }) => label),
    ['End session'],
  );

  assert.equal(await press(rig, direct('alice'), 'session_end'), undefined);
  assert.deepEqual(await rig.playground.refreshes(2), [user('alice'), user('alice')]);
  assert.match(words(await home(rig, direct('alice'))), /not logged in/u);
  const codes = rig.records.map(({ event, outcome }) => `${event} ${outcome}`);
  assert.deepEqual(codes, ['link.issued ok', 'link.opened ok', 'session.started ok', 'session.ended ok']);
});

test('the page searches what one may run, and shows no more than fits', async (t) => {
  const rig = await startBot(t, { auth: { standalone: {} } });
  for (let count = 0; count < 40; count++) {
    rig.stackstorm.state.packs.putAlias({
      name: `many_${count}`,
      pack: 'many',
      action_ref: 'core.noop',
      description: `${'long '.repeat(200)}`,
      formats: [`do thing ${count}`],
    });
  }
  await rig.bot.refresh();
  const all = await home(rig, direct('alice'));
  assert.match(words(all), /everyone runs with the bot’s own StackStorm account/u);
  assert.match(words(all), /In StackStorm: chatops_bot \(the bot’s own account\)/u);
  assert.match(words(all), /\n20 of \d\d\. Search to see others\./u);
  assert.deepEqual(ownButtons(all), []);
  const many = await home(rig, direct('alice'), '  do THING 3');
  assert.match(words(many), /\[Search for words: {3}do THING 3\]/u);
  assert.match(words(many), /do thing 39/u);
  assert.doesNotMatch(words(many), /do thing 4\b/u);
  assert.ok(words(many).length < 4_000);
  assert.match(words(await home(rig, direct('alice'), 'nothing like it')), /Nothing fits that/u);
});

test('the page names only what the rules allow', async (t) => {
  const rig = await startBot(t, { config: { access: { default: 'deny' } } });
  await rig.logIn('alice');
  assert.doesNotMatch(words(await home(rig, direct('alice'))), /list vms/u);
});

test('who is no member gets a refusal, from page, button and dialog; it is on record', async (t) => {
  const rig = await startBot(t);
  for (const userKind of ['stranger', 'guest', 'bot'] as const) {
    const asker = { ...direct('bob'), userKind };
    const shown = await home(rig, asker);
    assert.equal(shown.parts.length, 1);
    assert.equal(await press(rig, asker, 'session_start'), undefined);
    const answer = await submit(rig, asker, 'plum');
    assert.equal(answer.kind, 'show');
    assert.doesNotMatch(JSON.stringify(answer), /http/u);
  }
  assert.ok(!rig.records.some(({ event }) => event === 'link.issued'));
  assert.ok(rig.records.filter(({ event }) => event === 'command.refused').length >= 6);
});

test('the dialog says what is wrong with the word, and when there were too many links', async (t) => {
  const rig = await startBot(t);
  for (const word of [undefined, '', 'abc', '   abc   ', 'x'.repeat(201)]) {
    const answer = await submit(rig, direct('alice'), word);
    assert.equal(answer.kind, 'invalid', word);
    assert.match(answer.kind === 'invalid' ? (answer.faults['word'] ?? '') : '', /characters/u);
  }
  for (let count = 0; count < 5; count++) linkIn(await submit(rig, direct('alice'), 'plum'));
  const limited = await submit(rig, direct('alice'), 'plum');
  assert.match(limited.kind === 'show' ? limited.post.text : '', /many login links.*wait \d+ minutes?/u);
  assert.ok(!JSON.stringify(rig.records).includes('plum'));
});

test('the refusal of a command in a channel holds the button; the dialog that it opens makes a link', async (t) => {
  const rig = await startBot(t);
  const refused = await rig.alice.ask('general', '!st2 list vms');
  assert.match(JSON.stringify(refused.blocks), /"action":"session_start"/u);
  assert.equal((await press(rig, inChannel('alice'), 'session_start'))?.id, 'session_start');
  const browser = new LoginClient(rig.url);
  assert.equal((await browser.open(linkIn(await submit(rig, inChannel('alice'), 'plum')))).status, 200);
  assert.equal((await rig.bob.read('general')).filter(({ from }) => from === 'bot').length, 0);
});

test('a typed session_start’s link goes where it surely arrives; other answers go near', async (t) => {
  const rig = await startBot(t);
  await rig.alice.ask('dm', '!session_start plum');
  await rig.alice.ask('dm', '!whoami');
  await rig.alice.ask('general', '!session_start plum');
  assert.deepEqual(
    rig.playground.whispers.map(({ mustArrive }) => mustArrive),
    [true, false, false],
  );
});

test('one press and one dialog count, however often they are delivered', async (t) => {
  const rig = await startBot(t);
  const event = randomUUID();
  const answers = await Promise.all([1, 2, 3].map(() => submit(rig, direct('alice'), 'plum', event)));
  assert.deepEqual(answers.map(({ kind }) => kind).sort(), ['done', 'done', 'show']);
  assert.equal(rig.records.filter(({ event: name }) => name === 'link.issued').length, 1);
  await rig.logIn('bob');
  const again = randomUUID();
  await Promise.all([1, 2, 3].map(() => press(rig, direct('bob'), 'session_end', again)));
  assert.equal(rig.playground.whispers.filter(({ post }) => /has ended/u.test(post.text)).length, 1);
  assert.equal(rig.playground.whispers.filter(({ post }) => /no session/u.test(post.text)).length, 0);
});

test('standalone: an old button and an old dialog say that no login is needed', async (t) => {
  const rig = await startBot(t, { auth: { standalone: {} } });
  assert.equal(await press(rig, direct('alice'), 'session_start'), undefined);
  assert.match(rig.playground.whispers[0]?.post.text ?? '', /No login is needed/u);
  assert.match(JSON.stringify(await submit(rig, direct('alice'), 'plum')), /No login is needed/u);
});

test('what is none of ours is left alone: another app’s button, another app’s dialog', async (t) => {
  const rig = await startBot(t);
  assert.equal(await press(rig, direct('alice'), 'somebody-elses'), undefined);
  const answer = await rig.playground.ear.submit({
    ...direct('alice'),
    eventId: randomUUID(),
    form: 'somebody-elses',
    value: '',
    fields: {},
  });
  assert.deepEqual(answer, { kind: 'done' });
  assert.equal(rig.playground.whispers.length, 0);
});

test('a storage that does not answer is told in private, by page, button and dialog; nothing is thrown', async (t) => {
  const made: FaultyStore[] = [];
  const rig = await startBot(t, {
    storage: (store) => {
      const faulty = new FaultyStore(store);
      made.push(faulty);
      return faulty;
    },
  });
  const [store] = made;
  assert.ok(store);
  store.breakWith('unavailable');
  const said = /My own storage does not answer/u;
  assert.match(words(await home(rig, direct('alice'))), said);
  assert.equal(await press(rig, direct('alice'), 'session_end'), undefined);
  assert.match(rig.playground.whispers[0]?.post.text ?? '', said);
  const answer = await submit(rig, direct('alice'), 'plum');
  store.mend();
  assert.match(answer.kind === 'show' ? answer.post.text : '', said);
});

test('no link is made where it cannot be recorded', async (t) => {
  let broken = false;
  const rig = await startBot(t, {
    audit: {
      record: async () => {
        if (broken) throw new AuditError();
      },
    },
  });
  broken = true;
  const answer = await submit(rig, direct('alice'), 'plum');
  assert.match(JSON.stringify(answer), /cannot write my audit log/u);
  assert.doesNotMatch(JSON.stringify(answer), /\/login\/#/u);
});
