/**
 * A bot's login page in a process of its own, on stores that others share: one page for each. Started with `fork`: the
 * arguments are the encryption key, the public URL, StackStorm's URL, and the stores' URLs; it answers with its ports,
 * and tells of every session that starts and every login that is dead.
 */
import { pino } from 'pino';
import { createLoginApp } from '../../src/login/app.ts';
import { loadAssets } from '../../src/login/assets.ts';
import { createLoginCookie } from '../../src/login/cookie.ts';
import { listen } from '../../src/ops/listen.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { createSessionService } from '../../src/sessions/service.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { createEncryption, parseKey } from '../../src/storage/aes-gcm.ts';
import { openStore } from '../../src/storage/open-store.ts';
import { sessionOptions, TestAudit } from './sessions.ts';

const [key = '', publicUrl = '', stackstormUrl = '', ...stores] = process.argv.slice(2);
const encryption = createEncryption([parseKey(key)]);
const logger = pino({ level: 'silent' });
const now = Date.now;
const stackstorm = createStackStorm({ url: stackstormUrl });
const assets = await loadAssets(new URL('../../static/login/', import.meta.url));
const metrics = createMetrics();

async function pageOn(url: string): Promise<number> {
  const sessions = createSessionService(
    {
      store: await openStore(url),
      encryption,
      audit: new TestAudit(),
      logger,
      now,
      events: {
        onStarted: async ({ session }) => void process.send?.({ started: session.id }),
        onDead: async ({ session }) => void process.send?.({ dead: session }),
      },
    },
    { ...sessionOptions, publicUrl },
  );
  const app = createLoginApp(
    {
      sessions,
      stackstorm,
      cookie: createLoginCookie(encryption, new URL(publicUrl)),
      passwords: { isOpen: true },
      profile: async (user) => ({ platformName: 'Playground', workspaceName: 'Demo', userName: user.id }),
      assets,
      metrics,
      logger,
      now,
    },
    { publicUrl, methods: ['password', 'token', 'apiKey'], tokenTtl: 3_600_000, trustedProxies: [] },
  );
  return (await listen(app.fetch, { host: '127.0.0.1', port: 0 })).port;
}

const ports = await Promise.all(stores.map(pageOn));
process.on('disconnect', () => process.exit());
process.send?.({ ports });
