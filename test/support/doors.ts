import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { unixPeer } from '../../src/ops/client-address.ts';
import { listen } from '../../src/ops/listen.ts';
import { LoginRig } from './login-rig.ts';
import { serverName, socketPath, startNginx } from './nginx.ts';

/** One login page, and where bytes can be sent to it. */
export interface Doors {
  readonly rig: LoginRig;
  /** Of the login page, for browsers. */
  readonly origin: string;
  /** To the bot's own port, as a proxy that says where it comes from. */
  bot(): Socket;
  /** To the TLS front of ours. */
  front(): Socket;
  close(): Promise<void>;
}

const many = { count: 10_000, window: 60_000 };

/** Opens them without their limits on how often one client asks. */
export async function openDoors(): Promise<Doors> {
  const closing: (() => Promise<void>)[] = [];
  const t = { after: (close: () => Promise<void>) => void closing.push(close) };
  const socket = await socketPath(t);
  const change = (config: string) => config.replaceAll(/rate=\d+r/gu, 'rate=10000r');
  const front = await startNginx(t, { upstream: `unix:${socket}`, change });
  const rig = await LoginRig.create({
    publicUrl: front.origin,
    trustedProxies: [unixPeer, '127.0.0.1'],
    sessions: { limits: { openFailures: many, loginFailures: many, links: many } },
  });
  closing.push(() => rig[Symbol.asyncDispose]());
  const behind = await listen(rig.app.fetch, { host: '', port: 0, socket });
  closing.push(() => behind.close(0));
  const direct = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0 });
  closing.push(() => direct.close(0));
  const { ca } = front.authority;
  return {
    rig,
    origin: front.origin,
    bot: () => connect(direct.port, '127.0.0.1'),
    front: () => connectTls({ host: '127.0.0.1', port: front.port, servername: serverName, ca }),
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
}
