import type { webApi } from '@slack/bolt';
import { type Dispatcher, EnvHttpProxyAgent, fetch } from 'undici';
import { proxyAddress } from '../../ops/proxy-address.ts';

/** How Slack is reached. */
export interface SlackConnectionOptions {
  /** HTTPS_PROXY. */
  readonly httpsProxy?: string | undefined;
  /** HTTP_PROXY: for https addresses too where HTTPS_PROXY is missing. */
  readonly httpProxy?: string | undefined;
  /** NO_PROXY: hosts, `host:port`, `.suffix`, or `*`, separated by commas or blanks. */
  readonly noProxy?: string | undefined;
  /** Milliseconds to make a connection, TLS included; 10,000 by default. */
  readonly connectTimeoutMs?: number | undefined;
}

/** One way out for the Web API, uploads and Socket Mode. */
export interface SlackConnection {
  /** What web-api and Bolt take as `fetch`. */
  readonly fetch: webApi.FetchFunction;
  /** What Socket Mode takes. */
  readonly dispatcher: Dispatcher;
  /** Sends bytes to an address that Slack gave out. */
  upload(url: string, content: Uint8Array, timeoutMs: number): Promise<{ readonly status: number }>;
  close(): Promise<void>;
}

/** Through the proxies where they apply, always by CONNECT: a WebSocket goes through nothing less. Throws TypeError. */
export function createConnection(options: SlackConnectionOptions): SlackConnection {
  const connect = { timeout: options.connectTimeoutMs ?? 10_000 };
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: proxyAddress('HTTP_PROXY', options.httpProxy),
    httpsProxy: proxyAddress('HTTPS_PROXY', options.httpsProxy),
    noProxy: options.noProxy ?? '',
    proxyTunnel: true,
    connect,
    requestTls: connect,
    proxyTls: connect,
  });
  return {
    // Slack leads nowhere else, and what goes there holds tokens: whoever redirects is not Slack.
    fetch: (url, init) => fetch(url, { ...withoutForm(init), redirect: 'error', dispatcher }),
    dispatcher,
    async upload(url, content, timeoutMs) {
      const { status, body } = await fetch(url, {
        method: 'POST',
        body: content,
        headers: { 'content-type': 'application/octet-stream' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        dispatcher,
      });
      await body?.cancel();
      return { status };
    },
    close: () => dispatcher.destroy(),
  };
}

type Init = Parameters<webApi.FetchFunction>[1];

/** web-api sends a FormData of Node's own, which undici's fetch does not know, for bytes only; ours go by `upload`. */
function withoutForm(init: Init): Omit<NonNullable<Init>, 'body'> & { body?: string } {
  const { body, ...rest } = init ?? {};
  if (body === undefined) return rest;
  if (typeof body !== 'string') throw new TypeError('slack: bytes are sent by upload');
  return { ...rest, body };
}
