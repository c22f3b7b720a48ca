/** Buttons, forms and the App Home. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Form, Home } from '../../../src/chat/chat.ts';
import { slackAdapter } from '../../support/slack-adapter.ts';

const place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;
const alicesKey = { platform: 'slack', workspace: 'T024', id: 'U0ALICE' };
const buttons = {
  text: 'choose',
  parts: [
    {
      type: 'buttons',
      buttons: [
        { label: 'Log in', action: 'session_start', value: 'v1', style: 'primary' },
        { label: 'Open', url: 'https://bot.example/login/#a.b' },
      ],
    },
  ],
} as const;
const form: Form = {
  id: 'session_start',
  value: 'the value',
  title: 'Log in to StackStorm, a long title',
  text: 'Choose a word.',
  submit: 'Go on',
  fields: [
    { type: 'text', name: 'secret', label: 'Word', hint: 'Not your password', minLength: 4, maxLength: 64 },
    { type: 'text', name: 'why', label: 'Why', optional: true, multiline: true },
  ],
};
const everyField: Form = {
  id: 'every',
  value: 'v',
  title: 'Everything',
  submit: 'Go on',
  fields: [
    { type: 'text', name: 'why', label: 'Why', optional: true },
    { type: 'number', name: 'size', label: 'Size', integer: true, min: 0.5, max: 5 },
    { type: 'number', name: 'rate', label: 'Rate', optional: true, initial: 1e-9, min: -1 },
    {
      type: 'select',
      name: 'colour',
      label: 'Colour',
      initial: 'a',
      options: [
        { label: 'Amber & <gold>', value: 'a' },
        { label: '', value: 'b' },
      ],
    },
    {
      type: 'multiSelect',
      name: 'days',
      label: 'Days',
      optional: true,
      initial: ['tue'],
      options: ['mon', 'tue', 'sun'].map((value) => ({ label: `${value} `.repeat(30), value })),
    },
    { type: 'boolean', name: 'now', label: 'Now', tick: 'Start at once', hint: 'Or tonight', initial: true },
  ],
};

test('a press comes as an action; a URL button’s press is acknowledged, no more', async (t) => {
  const rig = await slackAdapter(t);
  await rig.start();
  const ref = await rig.adapter.platform.post(place, buttons, 'k');
  const message = await rig.alice.sees(rig.general, (one) => one.ts === ref.id);
  const opened = await rig.alice.press(message, 'bolt-stackstorm:open:1');
  assert.deepEqual([opened.acknowledged, opened.url], [true, 'https://bot.example/login/#a.b']);
  await rig.alice.press(message, 'bolt-stackstorm:session_start:0');
  const action = await rig.until(() => rig.heard.actions[0]);
  assert.deepEqual(
    { ...action, eventId: '' },
    {
      eventId: '',
      user: alicesKey,
      userKind: 'member',
      place,
      channelKind: 'public',
      messageId: ref.id,
      action: 'session_start',
      value: 'v1',
    },
  );
  await rig.alice.press(message, 'bolt-stackstorm:session_start:0');
  await rig.until(() => rig.heard.actions.length === 2);
  assert.notEqual(rig.heard.actions[0]?.eventId, rig.heard.actions[1]?.eventId, 'two presses are two');
});

test('a form is a modal: entered, corrected, answered in its place', async (t) => {
  const rig = await slackAdapter(t);
  rig.heard.onAction = async () => form;
  const answers = [
    { kind: 'invalid', faults: { secret: 'Another one, please.' } },
    { kind: 'show', title: 'Almost there', post: { text: 'Open the page.', parts: buttons.parts } },
  ] as const;
  rig.heard.onSubmit = async () => answers[rig.heard.submissions.length - 1] ?? { kind: 'done' };
  await rig.start();
  const ref = await rig.adapter.platform.whisper(alicesKey, buttons, { key: 'k', near: place });
  const message = await rig.alice.sees(rig.general, (one) => one.ts === ref.id);
  await rig.alice.press(message, 'bolt-stackstorm:session_start:0');
  const modal = await rig.alice.modal(rig.app);
  const refused = await rig.alice.submit(modal, { secret: 'plum' });
  assert.deepEqual(refused.errors, { secret: 'Another one, please.' });
  const shown = await rig.alice.submit(modal, { secret: 'apricot', why: 'to work' });
  assert.match(JSON.stringify(shown.view?.payload), /Almost there.*https:\/\/bot\.example\/login/);
  const [first, second] = rig.heard.submissions;
  assert.deepEqual(
    { ...second, eventId: '' },
    {
      eventId: '',
      user: alicesKey,
      userKind: 'member',
      place,
      channelKind: 'public',
      form: 'session_start',
      value: 'the value',
      fields: { secret: 'apricot', why: 'to work' },
    },
  );
  assert.deepEqual(first?.fields, { secret: 'plum' });
  assert.notEqual(first?.eventId, second?.eventId, 'a corrected form is not a redelivered one');
  assert.deepEqual(rig.slack.violations, []);
});

test('what is picked, ticked and counted in a modal comes as it was offered, and what is refused is said at its top', async (t) => {
  const rig = await slackAdapter(t);
  rig.heard.onAction = async () => everyField;
  const answers = [
    { kind: 'refused', text: 'Not <now>.' },
    { kind: 'refused', text: 'Nor now.' },
  ] as const;
  rig.heard.onSubmit = async () => answers[rig.heard.submissions.length - 1] ?? { kind: 'done' };
  await rig.start();
  const ref = await rig.adapter.platform.post(place, buttons, 'k');
  const message = await rig.alice.sees(rig.general, (one) => one.ts === ref.id);
  await rig.alice.press(message, 'bolt-stackstorm:session_start:0');
  const modal = await rig.alice.modal(rig.app);
  const shown = JSON.stringify(modal.payload['blocks']);
  await assert.rejects(rig.alice.submit(modal, { size: '9' }), /from 1 to 5/);
  await rig.alice.submit(modal, {
    why: 'x',
    size: '3',
    rate: '-0.25',
    colour: 'b',
    days: ['mon', 'sun'],
    now: ['yes'],
  });
  assert.match(JSON.stringify(modal.payload['blocks']), /^\[.*Not &lt;now&gt;/);
  assert.deepEqual(
    JSON.stringify([modal.payload['blocks']].flat().slice(1)),
    shown,
    'the inputs are the same, so Slack keeps them',
  );
  await rig.alice.submit(modal, { size: '3', now: [] });
  assert.match(JSON.stringify(modal.payload['blocks']), /Nor now/);
  assert.doesNotMatch(JSON.stringify(modal.payload['blocks']), /Not &lt;now/);
  assert.equal((await rig.alice.submit(modal, { size: '1', days: [] })).view, undefined);
  assert.deepEqual(
    rig.heard.submissions.map(({ fields }) => fields),
    [
      { why: 'x', size: '3', rate: '-0.25', colour: 'b', days: ['mon', 'sun'], now: true },
      { size: '3', colour: 'a', days: ['tue'], now: false },
      { size: '1', colour: 'a', now: true },
    ],
  );
  assert.deepEqual(rig.slack.violations, []);
});

test('a form that closes, and one whose answer takes longer than Slack waits', async (t) => {
  const rig = await slackAdapter(t);
  let release: () => void = () => undefined;
  rig.heard.onAction = async () => form;
  await rig.start();
  const ref = await rig.adapter.platform.post(place, buttons, 'k');
  const message = await rig.alice.sees(rig.general, (one) => one.ts === ref.id);
  await rig.alice.press(message, 'bolt-stackstorm:session_start:0');
  const modal = await rig.alice.modal(rig.app);
  rig.heard.onSubmit = () =>
    new Promise((resolve) => {
      release = () => resolve({ kind: 'show', title: 'Done', post: { text: 'At last.' } });
    });
  const waiting = await rig.alice.submit(modal, { secret: 'plum' });
  assert.match(JSON.stringify(waiting.view?.payload), /I am working on it/);
  release();
  await rig.until(() => JSON.stringify(waiting.view?.payload).includes('At last.'));
  rig.heard.onSubmit = async () => ({ kind: 'done' });
  await rig.alice.press(message, 'bolt-stackstorm:session_start:0');
  const again = await rig.alice.modal(rig.app, (view) => view !== modal);
  const closed = await rig.alice.submit(again, { secret: 'plum' });
  assert.deepEqual([closed.acknowledged, closed.view === again], [true, false]);
});

test('a form that comes too late is told', async (t) => {
  const rig = await slackAdapter(t);
  rig.heard.onAction = async () => form;
  await rig.start();
  const ref = await rig.adapter.platform.post(place, buttons, 'k');
  const message = await rig.alice.sees(rig.general, (one) => one.ts === ref.id);
  rig.slack.world.weather.on('views.open', { error: 'expired_trigger_id' });
  await rig.alice.press(message, 'bolt-stackstorm:session_start:0');
  await rig.alice.sees(rig.general, 'Please press the button again');
});

test('the App Home is made for its person, searched, and shown anew', async (t) => {
  const rig = await slackAdapter(t);
  let state = 'not logged in';
  rig.heard.onHome = async ({ search = '' }): Promise<Home> => ({
    parts: [
      { type: 'heading', text: 'You and StackStorm' },
      { type: 'fields', fields: [{ label: 'In StackStorm', value: state }] },
      { type: 'buttons', buttons: [{ label: 'Log in', action: 'session_start', value: 'x' }] },
      { type: 'search', label: 'Search for words', ...(search === '' ? {} : { initial: search }) },
      { type: 'text', text: search === '' ? 'everything' : `only ${search}` },
      { type: 'buttons', buttons: [{ label: 'Again', action: 'session_start', value: 'y' }] },
    ],
  });
  await rig.start();
  await rig.alice.openHome(rig.app);
  const home = await rig.alice.home(rig.app);
  assert.match(JSON.stringify(home.payload), /You and StackStorm.*not logged in.*everything/);
  assert.deepEqual(rig.heard.homes[0], {
    user: alicesKey,
    userKind: 'member',
    place: { ...place, channel: rig.alice.dmWith(rig.app).id, kind: 'direct' },
    channelKind: 'direct',
  });
  await rig.alice.press(home, 'bolt-stackstorm:search:0', { value: 'vms' });
  await rig.until(() => rig.heard.homes.length === 2);
  assert.equal(rig.heard.homes[1]?.search, 'vms');
  await rig.until(() =>
    rig.slack.world.views.some((view) => JSON.stringify(view.payload).includes('only vms')),
  );
  state = 'alice';
  await rig.adapter.platform.refreshHome?.(alicesKey);
  await rig.until(() =>
    rig.slack.world.views.some((view) => JSON.stringify(view.payload).includes('"text":"alice"')),
  );
  await rig.alice.press(home, 'bolt-stackstorm:session_start:1');
  const action = await rig.until(() => rig.heard.actions[0]);
  assert.deepEqual([action.value, action.place.kind, action.messageId], ['y', 'direct', undefined]);
  assert.deepEqual(rig.slack.violations, []);
});
