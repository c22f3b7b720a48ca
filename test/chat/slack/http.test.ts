/** HTTP mode: the same ways in as over Socket Mode, by Slack's signed requests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slackAdapter } from '../../support/slack-adapter.ts';

test('messages, the slash command, buttons, forms and the Home come over HTTP too', async (t) => {
  const rig = await slackAdapter(t, { http: true });
  rig.heard.onMessage = async ({ user, place, messageId = '' }) => {
    const near = { ...place, thread: messageId };
    await rig.adapter.platform.whisper(
      user,
      {
        text: 'choose',
        parts: [{ type: 'buttons', buttons: [{ label: 'Log in', action: 'session_start', value: 'x' }] }],
      },
      { key: 'k', near },
    );
  };
  rig.heard.onAction = async () => ({
    id: 'session_start',
    value: 'v',
    title: 'Log in',
    submit: 'Go on',
    fields: [{ type: 'text', name: 'secret', label: 'Word' }],
  });
  rig.heard.onSubmit = async ({ fields }) =>
    fields['secret'] === 'plum'
      ? { kind: 'show', title: 'Almost there', post: { text: 'Open the page.' } }
      : { kind: 'invalid', faults: { secret: 'Another one, please.' } };
  rig.heard.onHome = async () => ({ parts: [{ type: 'heading', text: 'You and StackStorm' }] });
  await rig.start();
  await rig.adapter.ready();
  await rig.alice.say(rig.general, '!st2 list vms');
  const choice = await rig.alice.sees(rig.general, 'choose');
  await rig.alice.press(choice, 'bolt-stackstorm:session_start:0');
  const modal = await rig.alice.modal(rig.app);
  assert.deepEqual((await rig.alice.submit(modal, { secret: 'pear' })).errors, {
    secret: 'Another one, please.',
  });
  const shown = await rig.alice.submit(modal, { secret: 'plum' });
  assert.match(JSON.stringify(shown.view?.payload), /Open the page/);
  await rig.alice.slash(rig.general, '/st2', 'help');
  await rig.until(() => rig.heard.messages.length === 2);
  await rig.alice.openHome(rig.app);
  const home = await rig.alice.home(rig.app);
  assert.match(JSON.stringify(home.payload), /You and StackStorm/);
  assert.deepEqual(rig.slack.violations, []);
});
