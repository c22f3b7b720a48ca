// The built bot in a process of its own, as `start` runs it, with a chat of nothing: P4 measures it from outside.
import { get } from 'node:http';
import { createBot } from '../dist/bot.js';
import { ConfigError, parseConfig } from '../dist/config/load.js';
import { openParts } from '../dist/parts.js';

const [text = ''] = process.argv.slice(2);
const config = parseConfig(JSON.parse(text), { env: {}, readFile: () => '' });
if (config instanceof ConfigError) throw config;
const parts = await openParts(config, {});
const platform = { name: 'bench', start: async () => undefined, stop: async () => undefined };
const bot = await createBot(config, { ...parts, platforms: [platform] });
const { opsPort } = await bot.start();
while ((await readiness()) !== 200) {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
process.send?.('ready');
process.on('message', () => process.send?.({ rss: process.memoryUsage.rss() }));

/** Not by fetch: it would load a second HTTP client, which is not the bot's. */
function readiness() {
  return new Promise((resolve, reject) => {
    get(`http://127.0.0.1:${opsPort}/readyz`, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}
