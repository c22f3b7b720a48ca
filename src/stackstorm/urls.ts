/** Where StackStorm's three services are. The overrides stand for the direct ports (9100, 9101, 9102). */
export interface StackStormUrls {
  /** The address of StackStorm's nginx, which serves all three under a prefix. */
  readonly url: string;
  readonly authUrl?: string | undefined;
  readonly apiUrl?: string | undefined;
  readonly streamUrl?: string | undefined;
}

export type Service = 'auth' | 'api' | 'stream';

/** One service's address: every path of StackStorm's documentation is appended to `base`. */
export interface ServiceAddress {
  readonly origin: string;
  /** Such as `/auth/v1`, or `/v1` on a direct port. */
  readonly base: string;
}

/**
 * The addresses of the three services: `url` with the prefix that nginx expects (`/auth/v1`, `/api/v1`, `/stream/v1`;
 * conf/nginx/st2.conf), an override with `/v1` only. Throws TypeError where an address is no http(s) URL, or carries a
 * user name, query or fragment; the message does not repeat it.
 */
export function serviceAddresses(urls: StackStormUrls): Readonly<Record<Service, ServiceAddress>> {
  const address = (service: Service, override: string | undefined): ServiceAddress =>
    override === undefined
      ? parse('url', urls.url, `/${service}/v1`)
      : parse(`${service}Url`, override, '/v1');
  return {
    auth: address('auth', urls.authUrl),
    api: address('api', urls.apiUrl),
    stream: address('stream', urls.streamUrl),
  };
}

function parse(key: string, value: string, suffix: string): ServiceAddress {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`StackStorm's ${key} is not an http or https address`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`StackStorm's ${key} carries a user name, query or fragment`);
  }
  return { origin: url.origin, base: url.pathname.replace(/\/+$/, '') + suffix };
}
