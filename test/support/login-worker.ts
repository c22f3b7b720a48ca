/**
 * A bot's login page in a process of its own, on a store that others share. Started with `fork`: the arguments are the
 * store's path, the encryption key and the public URL; it answers with its port, and tells of every dead login.
 */
import { pino } from 'pino';
import { createLoginApp } from '../../src/login/app.ts';
import { loadAssets } from '../../src/login/assets.ts';
import { LoginCookie } from '../../src/login/cookie.ts';
import { listen } from '../../src/ops/listen.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { createSessionService } from '../../src/sessions/service.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { createEncryption, parseKey } from '../../src/storage/aes-gcm.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { sessionOptions, TestAudit } from './sessions.ts';

const [path = '', key = '', publicUrl = ''] = process.argv.slice(2);
const store = await openSqlite({ path });
const encryption = createEncryption([parseKey(key)]);
const logger = pino({ level: 'silent' });
const now = Date.now;
const sessions = createSessionService(
  {
    store,
    encryption,
    audit: new TestAudit(),
    logger,
    now,
    events: { onDead: async () => void process.send?.({ dead: true }) },
  },
  { ...sessionOptions, publicUrl },
);
const app = createLoginApp(
  {
    sessions,
    stackstorm: createStackStorm({ url: 'http://127.0.0.1:9' }),
    cookie: new LoginCookie(encryption, new URL(publicUrl)),
    passwords: { isOpen: true },
    profile: async (user) => ({ platformName: 'Playground', workspaceName: 'Demo', userName: user.id }),
    assets: await loadAssets(new URL('../../static/login/', import.meta.url)),
    metrics: createMetrics(),
    logger,
    now,
  },
  { publicUrl, methods: ['password', 'token', 'apiKey'], tokenTtl: 3_600_000, trustedProxies: [] },
);
const listener = await listen(app.fetch, { host: '127.0.0.1', port: 0 });
process.on('disconnect', () => process.exit());
process.send?.({ port: listener.port });
