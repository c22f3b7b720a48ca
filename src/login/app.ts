import { Hono } from 'hono';
import type { ChatProfile, ChatUser } from '../chat/chat.ts';
import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { SessionService } from '../sessions/service.ts';
import type { StackStorm } from '../stackstorm/stackstorm.ts';
import type { Assets } from './assets.ts';
import { authenticateHandler } from './authenticate.ts';
import { callbackHandler } from './callback.ts';
import type { CertificateCheck } from './certificate-check.ts';
import type { LoginCookie } from './cookie.ts';
import type { LoginMethod } from './credentials.ts';
import { currentHandler } from './current.ts';
import { openHandler } from './open.ts';
import type { ProbeGuard } from './probe-guard.ts';
import { problemOf } from './problem-of.ts';
import { refuseHandler } from './refuse.ts';
import { createReplies } from './replies.ts';
import { createGuards } from './security.ts';
import { callbackPath, type SignInLeg, signInHandler } from './sign-in.ts';

export interface LoginDeps {
  readonly sessions: SessionService;
  readonly stackstorm: Pick<StackStorm, 'createToken' | 'user'>;
  readonly cookie: LoginCookie;
  /** S9: whether password logins may be taken. */
  readonly passwords: Pick<ProbeGuard, 'isOpen'>;
  /** What a person and their workspace are called. */
  readonly profile: (user: ChatUser) => Promise<ChatProfile>;
  readonly assets: Assets;
  /** The way to the chat platform and back; absent where nobody has to go it. */
  readonly signIn?: SignInLeg;
  /** Whose certificate a browser has; absent where that does not count. */
  readonly certificates?: CertificateCheck;
  readonly metrics: Pick<Metrics, 'logins'>;
  readonly logger: Logger;
  /** Ms since the epoch. */
  readonly now: () => number;
}

export interface LoginOptions {
  /** https, or http on loopback. */
  readonly publicUrl: string;
  readonly methods: readonly LoginMethod[];
  /** Ms that is asked of StackStorm for a new token. */
  readonly tokenTtl: number;
  /** Addresses and CIDR ranges whose X-Forwarded-For and X-Forwarded-Proto count (S5). */
  readonly trustedProxies: readonly string[];
}

/**
 * The login page and its API (design.md, section 3). Throws RangeError where a trusted proxy is no address or range.
 * Served by Node: without its socket a request has no address and is not https.
 */
export function createLoginApp(deps: LoginDeps, options: LoginOptions): Hono {
  const publicUrl = new URL(options.publicUrl);
  const replies = createReplies(publicUrl);
  const page = deps.assets.get('index.html');
  const { open, fromPage, withBody } = createGuards(publicUrl, options.trustedProxies, replies);
  const notFound = () => replies.problem('not-found');
  const only = (allow: string) => open(() => replies.problem('method-not-allowed', { allow }));

  const app = new Hono();
  app.get(
    '/login',
    open(() => replies.redirect('/login/')),
  );
  app.get(
    '/login/',
    open(() => (page === undefined ? notFound() : replies.page(page))),
  );
  app.get(
    '/login/assets/:name',
    open((c) => {
      const asset = deps.assets.get(c.req.param('name') ?? '');
      return asset === undefined ? notFound() : replies.asset(asset, c.req.header('if-none-match'));
    }),
  );
  app.post('/login/api/open', fromPage(withBody(openHandler(deps, options, replies))));
  app.get('/login/api/login', fromPage(currentHandler(deps, options, replies)));
  app.post('/login/api/authenticate', fromPage(withBody(authenticateHandler(deps, options, replies))));
  app.post('/login/api/refuse', fromPage(withBody(refuseHandler(deps, replies))));

  if (deps.signIn !== undefined) {
    app.post('/login/api/sign-in', fromPage(withBody(signInHandler(deps, deps.signIn, replies))));
    app.get(callbackPath, open(callbackHandler(deps, deps.signIn, replies)));
    app.all('/login/api/sign-in', only('POST'));
    app.all(callbackPath, only('GET, HEAD'));
  }

  app.all('/login/', only('GET, HEAD'));
  app.all('/login/api/open', only('POST'));
  app.all('/login/api/login', only('GET, HEAD'));
  app.all('/login/api/authenticate', only('POST'));
  app.all('/login/api/refuse', only('POST'));
  app.all('/login/*', open(notFound));

  app.onError((error) => {
    const code = problemOf(error);
    deps.metrics.logins.inc({ outcome: code });
    deps.logger.error({ err: error, code }, 'the login page could not answer');
    return replies.problem(code);
  });
  return app;
}
