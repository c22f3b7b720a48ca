import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { eventsFor, type SlackFeatures, scopesFor } from '../../src/chat/slack/scopes.ts';
import { runCli } from '../support/cli-command.ts';
import { temporaryFolder } from '../support/folder.ts';

const manifest = z.looseObject({
  features: z.looseObject({ slash_commands: z.array(z.looseObject({ command: z.string() })) }),
  oauth_config: z.looseObject({
    redirect_urls: z.array(z.string()).optional(),
    scopes: z.object({ bot: z.array(z.string()) }),
  }),
  settings: z.looseObject({
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
    org_deploy_enabled: z.boolean(),
    event_subscriptions: z.looseObject({
      request_url: z.string().optional(),
      bot_events: z.array(z.string()),
    }),
  }),
});

async function printed(...args: string[]): Promise<z.infer<typeof manifest>> {
  const { out, err, code } = await runCli(['manifest', ...args]);
  assert.equal(code, 0, err);
  return manifest.parse(parse(out));
}

const nothing: SlackFeatures = {
  prefixInChannels: false,
  mentions: false,
  home: false,
  files: false,
  customize: false,
  userGroups: false,
  install: false,
};

test('each feature brings its scopes and events, and no feature brings another one’s', () => {
  const base = { scopes: scopesFor(nothing), events: eventsFor(nothing) };
  const added = (feature: keyof SlackFeatures) => {
    const features = { ...nothing, [feature]: true };
    return {
      scopes: scopesFor(features).filter((scope) => !base.scopes.includes(scope)),
      events: eventsFor(features).filter((event) => !base.events.includes(event)),
    };
  };
  assert.deepEqual(base, {
    scopes: [
      'channels:read',
      'chat:write',
      'commands',
      'groups:read',
      'im:history',
      'im:write',
      'users:read',
    ],
    events: ['message.im', 'user_change'],
  });
  assert.deepEqual(added('prefixInChannels'), {
    scopes: ['channels:history', 'groups:history', 'mpim:history'],
    events: ['message.channels', 'message.groups', 'message.mpim'],
  });
  assert.deepEqual(added('mentions'), { scopes: ['app_mentions:read'], events: ['app_mention'] });
  assert.deepEqual(added('home'), { scopes: [], events: ['app_home_opened'] });
  assert.deepEqual(added('files'), { scopes: ['files:write'], events: [] });
  assert.deepEqual(added('customize'), { scopes: ['chat:write.customize'], events: [] });
  assert.deepEqual(added('userGroups'), { scopes: ['usergroups:read'], events: [] });
  assert.deepEqual(added('install'), { scopes: [], events: ['app_uninstalled', 'tokens_revoked'] });
});

test('without anything it is the manifest for Socket Mode in one workspace', async () => {
  const { settings, oauth_config: oauth, features } = await printed();
  assert.equal(settings.socket_mode_enabled, true);
  assert.equal(settings.token_rotation_enabled, false);
  assert.equal(settings.event_subscriptions.request_url, undefined);
  assert.equal(oauth.redirect_urls, undefined);
  assert.deepEqual(
    features.slash_commands.map(({ command }) => command),
    ['/st2'],
  );
});

test('HTTP mode and installations name their addresses, and say so where there is none', async () => {
  const http = await printed('--mode', 'http', '--install', '--public-url', 'https://chatops.example.com/');
  assert.equal(http.settings.event_subscriptions.request_url, 'https://chatops.example.com/slack/events');
  assert.deepEqual(http.oauth_config.redirect_urls, ['https://chatops.example.com/slack/oauth_redirect']);
  assert.equal(http.settings.token_rotation_enabled, true);
  assert.equal(http.settings.org_deploy_enabled, true);
  for (const flags of [
    ['--mode', 'http'],
    ['--install'],
    ['--install', '--public-url', 'http://chatops.example.com'],
  ]) {
    const refused = await runCli(['manifest', ...flags]);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /--public-url https:/);
  }
});

test('it follows a config whose secrets are not there yet, as JSON too', async (t) => {
  const path = join(await temporaryFolder(t), 'config.json');
  await writeFile(
    path,
    `\uFEFF${JSON.stringify({
      auth: { publicUrl: 'https://chatops.example.com' },
      access: { rules: [{ allow: '*', groups: ['S1'] }] },
      chat: {
        slack: {
          mode: 'http',
          signingSecret: { file: '/nowhere' },
          command: '/ops',
          files: false,
          home: false,
        },
      },
    })}`,
  );
  const { out, code } = await runCli(['manifest', '--config', path, '--format', 'json']);
  assert.equal(code, 0);
  const found = manifest.parse(JSON.parse(out));
  assert.equal(found.settings.socket_mode_enabled, false);
  assert.equal(found.features.slash_commands[0]?.command, '/ops');
  assert.ok(found.oauth_config.scopes.bot.includes('usergroups:read'));
  assert.ok(!found.oauth_config.scopes.bot.includes('files:write'));
  assert.ok(!found.settings.event_subscriptions.bot_events.includes('app_home_opened'));
  const missing = await runCli(['manifest', '--config', `${path}.not`]);
  assert.equal(missing.code, 2);
  assert.match(missing.err, /cannot be read as a config/);
});

test('e-mail addresses are asked for where somebody is known by them, and only there', async (t) => {
  const path = join(await temporaryFolder(t), 'config.json');
  const email = { domain: 'example.com', workspaces: ['slack:T1'] };
  for (const [auth, isAsked] of [
    [{ clientside: {}, clientCertificate: { match: 'email' } }, true],
    [{ clientside: {}, clientCertificate: { match: 'cn' } }, false],
    [{ clientside: {} }, false],
    [{ serverside: { email } }, true],
  ] as const) {
    await writeFile(path, JSON.stringify({ auth }));
    const { oauth_config: oauth } = await printed('--config', path);
    assert.equal(oauth.scopes.bot.includes('users:read.email'), isAsked, JSON.stringify(auth));
  }
});
