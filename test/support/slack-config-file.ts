import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventsFor, type SlackFeatures, scopesFor } from '../../src/chat/slack/scopes.ts';
import { createEmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import { generateKey } from '../../src/storage/aes-gcm.ts';
import { freePort } from './free-port.ts';
import { acme } from './slack/acme.ts';
import { startSlack } from './slack/emulator.ts';

/** What Socket Mode with a fixed token has where nothing is configured. */
export const usualFeatures: SlackFeatures = {
  prefixInChannels: true,
  mentions: true,
  home: true,
  files: true,
  customize: false,
  userGroups: false,
  install: false,
};

export interface ConfigFileOptions {
  readonly commands?: readonly string[];
  /** Instead of the one that the installation has. */
  readonly botToken?: string;
  readonly mode?: 'socket' | 'http';
  readonly auth?: 'standalone' | 'clientside';
  /** `off` unless given: a login is one step. */
  readonly confirm?: 'off' | 'code';
  readonly logLevel?: 'info' | 'trace';
}

/** `config.json` in the folder, for a bot in a process of its own on the emulator: standalone, in Socket Mode. */
export async function slackConfigFile(t: TestContext, folder: string, options: ConfigFileOptions = {}) {
  const { mode = 'socket', auth = 'standalone', confirm = 'off', logLevel = 'info' } = options;
  const [port, opsPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const slack = await startSlack(t);
  const stackstorm = createEmbeddedStackStorm();
  const listening = await stackstorm.listen();
  t.after(() => listening.close());
  const { team, app, installation, alice, general } = acme(slack, {
    id: 'A1',
    botScopes: scopesFor(usualFeatures),
    botEvents: eventsFor(usualFeatures),
    commands: options.commands ?? ['/st2'],
    socketMode: mode === 'socket',
    requestUrl: `${url}/slack/events`,
  });
  const { botToken = installation.botToken } = options;
  const way = mode === 'http' ? { signingSecret: app.signingSecret } : { appToken: app.appToken };
  const file = join(folder, 'config.json');
  const config = {
    stackstorm: { url: listening.url, credential: { apiKey: stackstorm.bot.apiKey } },
    auth: { [auth]: {}, publicUrl: url, confirm },
    chat: { slack: { mode, ...way, botToken, apiUrl: slack.apiUrl.replace(/\/$/u, '') } },
    access: { default: 'allow' },
    server: { port },
    storage: { url: `sqlite://${join(folder, 'bot.sqlite')}` },
    encryption: { keys: [generateKey()] },
    ops: { port: opsPort, logLevel, audit: { file: join(folder, 'audit.jsonl') } },
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return {
    slack,
    stackstorm,
    team,
    app,
    installation,
    alice,
    general,
    botToken,
    file,
    config,
    url,
    opsUrl: `http://127.0.0.1:${opsPort}`,
  };
}
