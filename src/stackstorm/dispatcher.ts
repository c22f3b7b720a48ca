import { rootCertificates } from 'node:tls';
import { type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { proxyAddress } from '../ops/proxy-address.ts';

/** How connections to StackStorm are made. */
export interface ConnectionOptions {
  /** PEM certificates that stand instead of the system's roots for StackStorm, and beside them for an https proxy. */
  readonly ca?: string | undefined;
  /** True turns off verification of StackStorm's certificate (never the proxy's): warned about by `check` and every start (S5). */
  readonly allowInsecureTls?: boolean | undefined;
  /** HTTPS_PROXY: for https addresses, by CONNECT. */
  readonly httpsProxy?: string | undefined;
  /** HTTP_PROXY: for http addresses, in absolute form as curl does it; for https ones too where HTTPS_PROXY is missing. */
  readonly httpProxy?: string | undefined;
  /** NO_PROXY: hosts, `host:port`, `.suffix`, or `*`, separated by commas or blanks. */
  readonly noProxy?: string | undefined;
  /** Milliseconds to make a connection, TLS included; 10,000 by default. */
  readonly connectTimeoutMs?: number | undefined;
  /** Connections to one origin at most, for calls; 64 by default. More calls wait, without being written. */
  readonly connections?: number | undefined;
}

/**
 * One pool per origin, through the proxies where they apply. The environment is not read: an empty string tells
 * undici's EnvHttpProxyAgent that there is no such variable. Throws TypeError for a proxy that is no http(s) address.
 */
export function createDispatcher(options: ConnectionOptions): Dispatcher {
  const { ca } = options;
  const timeout = options.connectTimeoutMs ?? 10_000;
  const stackstormTls = {
    timeout,
    rejectUnauthorized: options.allowInsecureTls !== true,
    ...(ca === undefined ? {} : { ca }),
  };
  const proxyTls = { timeout, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) };
  return new EnvHttpProxyAgent({
    httpProxy: proxyAddress('HTTP_PROXY', options.httpProxy),
    httpsProxy: proxyAddress('HTTPS_PROXY', options.httpsProxy),
    noProxy: options.noProxy ?? '',
    proxyTunnel: false,
    connect: stackstormTls,
    requestTls: stackstormTls,
    proxyTls,
    clientFactory: (origin, poolOptions) => new Pool(origin, { ...poolOptions, headersTimeout: timeout }),
    connections: options.connections ?? 64,
    // gunicorn closes idle connections after 2 s and says so nowhere: a POST must not meet that close. A server that
    // says more (nginx) in Keep-Alive is believed.
    keepAliveTimeout: 1_500,
  });
}
