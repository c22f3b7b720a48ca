import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { type Client, createClientAddress } from '../../ops/client-address.ts';
import { networkOf } from '../../ops/network.ts';
import { securityHeaders } from '../../ops/security-headers.ts';
import { EncryptionError } from '../../storage/encryption.ts';
import { Limiter } from '../../storage/limiter.ts';
import { StoreError } from '../../storage/store.ts';
import { type Finish, finishInstall, type InstallDeps } from './finish-install.ts';
import { InstallCookie } from './install-cookie.ts';
import { createInstallPages } from './install-pages.ts';
import type { NamedStep } from './install-pipeline.ts';
import type { InstallProblem } from './install-problems.ts';
import { InstallStates } from './install-state.ts';

export interface InstallRoutesOptions {
  readonly clientId: string;
  /** Bot scopes to ask for. */
  readonly scopes: readonly string[];
  /** How long an install may take, in ms. */
  readonly stateTtl: number;
  /** https, or http on loopback. */
  readonly publicUrl: string;
  /** Slack's API; its pages are on the same host. */
  readonly apiUrl: string;
  /** Addresses and CIDR ranges whose X-Forwarded-For and X-Forwarded-Proto count (S5). */
  readonly trustedProxies: readonly string[];
  /** Pages to lead to in place of our own; the second gets `reason`, a code of install-problems.ts. */
  readonly successUrl?: string | undefined;
  readonly failureUrl?: string | undefined;
  readonly pipeline: readonly NamedStep[];
}

/** Begins and ends of installs, a minute and network: whole offices are behind one address. */
const limit = { count: 60, window: 60_000 };

const callback = z.object({
  code: z.string().min(1).max(1024).optional(),
  state: z.string().max(256).default(''),
  error: z.string().max(256).optional(),
});

/** Where Slack leads people back to. */
export function redirectUri(publicUrl: string): string {
  return new URL('/slack/oauth_redirect', publicUrl).href;
}

/**
 * The OAuth install (https://docs.slack.dev/authentication/installing-with-oauth): `/slack/install` says what will
 * happen, `/slack/install/start` leads to Slack, `/slack/oauth_redirect` is where Slack leads back. Answers what adds
 * them to the public listener. Throws RangeError where a trusted proxy is no address or range.
 */
export async function createInstallRoutes(
  deps: InstallDeps,
  options: InstallRoutesOptions,
): Promise<(app: Hono) => void> {
  const now = () => deps.clock.now();
  const publicUrl = new URL(options.publicUrl);
  const pages = await createInstallPages(securityHeaders(publicUrl));
  const clientOf = createClientAddress(options.trustedProxies);
  const limiter = new Limiter(deps.store, 'slack-install', limit, now);
  const cookie = new InstallCookie(publicUrl, options.stateTtl);
  const states = new InstallStates({ ...deps, now }, options.stateTtl);
  const finish = finishInstall(deps, options);

  /** https, a GET, not too often; faults become pages. */
  const guarded = (handler: (c: Context, client: Client) => Promise<Response>) => async (c: Context) => {
    try {
      if (c.req.method !== 'GET') return pages.methodNotAllowed();
      const client = clientOf(c);
      if (!client.isHttps && !(publicUrl.protocol === 'http:' && client.isLoopback))
        return pages.problem('https-required');
      const taken = await limiter.take(networkOf(client.address));
      if (taken.kind === 'limited') return pages.problem('too-many-requests', taken);
      return await handler(c, client);
    } catch (err) {
      deps.logger.error({ err }, 'a page of the Slack install could not be answered');
      return pages.problem(faultOf(err));
    }
  };

  const start = guarded(async (c) => {
    const { browser, header } = cookie.given(c);
    const url = new URL('/oauth/v2/authorize', options.apiUrl);
    url.searchParams.set('client_id', options.clientId);
    url.searchParams.set('scope', options.scopes.join(','));
    url.searchParams.set('redirect_uri', redirectUri(options.publicUrl));
    url.searchParams.set('state', await states.begin(browser));
    return pages.redirect(url.href, header);
  });

  const end = guarded(async (c, client) => {
    const ended = await endOf(c, client);
    if (ended.kind === 'installed') {
      return options.successUrl === undefined ? pages.done(ended) : pages.redirect(options.successUrl);
    }
    deps.logger.warn({ outcome: ended.code, slackCode: ended.slackCode }, 'a Slack install came to nothing');
    if (options.failureUrl === undefined) return pages.problem(ended.code, ended);
    const url = new URL(options.failureUrl);
    url.searchParams.set('reason', ended.code);
    return pages.redirect(url.href);
  });

  async function endOf(c: Context, client: Client): Promise<Finish> {
    const query = callback.safeParse(c.req.query());
    if (!query.success) return { kind: 'problem', code: 'state-unknown' };
    const { code, state, error } = query.data;
    const fault = await states.use(state, cookie.read(c));
    if (fault !== undefined) return { kind: 'problem', code: fault };
    const userAgent = c.req.header('user-agent')?.slice(0, 512);
    const request = {
      address: client.address,
      time: deps.clock.now(),
      ...(userAgent === undefined ? {} : { userAgent }),
    };
    if (code !== undefined && error === undefined) return finish(code, request);
    return finish.denied(error, request);
  }

  return (app) => {
    app.all(
      '/slack/install',
      guarded(async () => pages.start()),
    );
    app.all('/slack/install/start', start);
    app.all('/slack/oauth_redirect', end);
    app.get('/slack/assets/:name', (c) => pages.asset(c.req.param('name')) ?? c.notFound());
  };
}

function faultOf(error: unknown): InstallProblem {
  return error instanceof StoreError || error instanceof EncryptionError
    ? 'storage-unavailable'
    : 'internal-error';
}
