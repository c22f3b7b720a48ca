/** The manifest as Slack gets it, whole; which feature needs which scope stands in test/cli/manifest.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appManifest, type ManifestOptions } from '../../../src/chat/slack/manifest.ts';
import { assertGolden } from '../../support/slack/golden.ts';
import { usualFeatures } from '../../support/slack-config-file.ts';

const publicUrl = 'https://chatops.example.com';

const cases: Readonly<Record<string, ManifestOptions>> = {
  'manifest-socket': { name: 'StackStorm', command: '/st2', mode: 'socket', features: usualFeatures },
  'manifest-http': { name: 'StackStorm', command: '/st2', mode: 'http', publicUrl, features: usualFeatures },
  'manifest-socket-install': {
    name: 'StackStorm',
    command: '/st2',
    mode: 'socket',
    publicUrl,
    features: { ...usualFeatures, install: true },
  },
  'manifest-http-everything': {
    name: 'Operations',
    command: '/ops',
    mode: 'http',
    publicUrl,
    features: { ...usualFeatures, customize: true, userGroups: true, install: true },
  },
  'manifest-least': {
    name: 'StackStorm',
    command: '/st2',
    mode: 'socket',
    features: { ...usualFeatures, prefixInChannels: false, mentions: false, home: false, files: false },
  },
};

for (const [name, options] of Object.entries(cases)) {
  test(`${name} is as it was`, () => {
    assertGolden(name, appManifest(options));
  });
}

test('scopes and events each stand there once, in order', () => {
  for (const options of Object.values(cases)) {
    const { oauth_config: oauth, settings } = appManifest(options);
    for (const list of [oauth.scopes.bot, settings.event_subscriptions.bot_events]) {
      assert.deepEqual(list, [...new Set(list)].sort());
    }
  }
});

test('addresses stand there where Slack calls us, and nowhere else', () => {
  for (const { mode, features, ...options } of Object.values(cases)) {
    const text = JSON.stringify(appManifest({ ...options, mode, features }));
    assert.equal(text.includes(`${publicUrl}/slack/events`), mode === 'http');
    assert.equal(text.includes(`${publicUrl}/slack/oauth_redirect`), features.install);
    assert.equal(text.includes('"https://'), mode === 'http' || features.install);
  }
});
