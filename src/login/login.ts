import { setTimeout as delay } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { ChatProfile, ChatUser } from '../chat/chat.ts';
import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { SessionService } from '../sessions/service.ts';
import { probeAuth } from '../stackstorm/probe.ts';
import type { StackStorm } from '../stackstorm/stackstorm.ts';
import type { Encryption } from '../storage/encryption.ts';
import { createLoginApp, type LoginOptions } from './app.ts';
import { loadAssets } from './assets.ts';
import { type CertificateOptions, createCertificateCheck } from './certificate-check.ts';
import { createLoginCookie } from './cookie.ts';
import { ProbeGuard } from './probe-guard.ts';
import { createSignInLeg, type SignInLegParts } from './sign-in.ts';

/** StackStorm's auth gave a token for a random password: password logins would let anyone be anyone (S9). */
class OpenDoorError extends Error {
  readonly code = 'open-door';

  constructor() {
    super(
      'StackStorm’s auth service accepts any password. It is probably st2auth in proxy mode, reached past the proxy that checks passwords. Point stackstorm.url (or stackstorm.authUrl) at that proxy, or take "password" out of auth.methods.',
    );
    this.name = 'OpenDoorError';
  }
}

/** The login page, with what keeps it safe to offer. */
export interface Login {
  readonly app: Hono;
  /**
   * Asks StackStorm whether passwords are checked, where they may be typed. Throws {@link OpenDoorError}. Of a StackStorm
   * that does not answer it does not wait for long: password logins stay closed until it has.
   */
  start(): Promise<void>;
  stop(): void;
}

export interface LoginParts {
  readonly sessions: SessionService;
  readonly stackstorm: StackStorm;
  readonly encryption: Encryption;
  readonly profile: (user: ChatUser) => Promise<ChatProfile>;
  /** Where people sign in at their chat platform first (`auth.confirm: "slack"`). */
  readonly signIn?: Pick<SignInLegParts, 'of' | 'store'>;
  /** Where logins are bound to client certificates. */
  readonly certificates?: CertificateOptions;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How long a start waits for the probe, in ms. */
const patienceMs = 5_000;

/** Makes the login page ready; its files are read once. */
export async function createLogin(parts: LoginParts, options: LoginOptions): Promise<Login> {
  const { signIn, certificates, ...others } = parts;
  const { stackstorm, encryption, logger, clock } = parts;
  const publicUrl = new URL(options.publicUrl);
  const now = () => clock.now();
  const guard = new ProbeGuard({
    probe: () => probeAuth(stackstorm),
    logger,
    backoff: { min: 1_000, max: 60_000 },
    random: Math.random,
    setTimer: (callback, ms) => clock.after(ms, callback),
  });
  const app = createLoginApp(
    {
      ...others,
      cookie: createLoginCookie(encryption, publicUrl),
      passwords: guard,
      assets: await loadAssets(new URL('../../static/login/', import.meta.url)),
      ...(signIn && { signIn: createSignInLeg({ ...signIn, encryption, now }, publicUrl) }),
      ...(certificates && { certificates: createCertificateCheck({ ...others, now }, certificates) }),
      now,
    },
    options,
  );
  return {
    app,
    async start() {
      if (!options.methods.includes('password')) return;
      const probing = guard.start();
      const probed = await Promise.race([probing, delay(patienceMs, undefined, { ref: false })]);
      if (probed?.kind === 'open-door') throw new OpenDoorError();
      if (probed === undefined) probing.catch((err: unknown) => logger.error({ err }, 'the probe failed'));
    },
    stop: () => guard.stop(),
  };
}
