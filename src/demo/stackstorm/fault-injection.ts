import { setTimeout as sleep } from 'node:timers/promises';

export type ServiceName = 'auth' | 'api' | 'stream';

/** What goes wrong with a request. */
export type Injected =
  /** The answer comes, late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** No answer ever; the connection stays open. */
  | { readonly kind: 'hang' }
  /** This answer instead; nothing is done. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A proxy's HTML page with status 200; nothing is done. */
  | { readonly kind: 'html' }
  /** 200 with `{"faultstring": ...}`; nothing is done. */
  | { readonly kind: 'faultstring-200'; readonly faultstring: string }
  /** The work is done, and the answer is StackStorm's 500: an execution runs that nobody was told of. */
  | { readonly kind: 'done-then-500' }
  /** The work is done, and the connection is cut before the answer. */
  | { readonly kind: 'done-then-cut' }
  /** The work is done, and the answer never comes. */
  | { readonly kind: 'done-then-hang' }
  /** The connection is cut; nothing is done. */
  | { readonly kind: 'cut' }
  /** What nginx answers while its backend is down: 503 JSON of auth and api, 200 and 13 bytes of the stream. */
  | { readonly kind: 'backend-down' };

export interface FaultRule {
  readonly inject: Injected;
  /** Every service, method and path where not given. A path has neither version nor service prefix: `/aliasexecution`. */
  readonly service?: ServiceName;
  readonly method?: string;
  readonly path?: string | RegExp;
  /** How many requests it strikes; all, where not given. */
  readonly times?: number;
}

/** Faults for tests, set on the object and never over HTTP. The first rule that fits strikes. */
export class FaultInjection {
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  /** Returns what takes the rule away. */
  add(rule: FaultRule): () => void {
    const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
    this.#rules.push(entry);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault for this request, counted. */
  strike(service: ServiceName, method: string, path: string): Injected | null {
    const entry = this.#rules.find(
      ({ rule, left }) =>
        left > 0 &&
        (rule.service === undefined || rule.service === service) &&
        (rule.method === undefined || rule.method === method) &&
        (rule.path === undefined ||
          (typeof rule.path === 'string' ? rule.path === path : rule.path.test(path))),
    );
    if (entry === undefined) return null;
    entry.left -= 1;
    return entry.rule.inject;
  }
}

/** Waits as long as the fault says; ends early where the request is given up. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Never answers; ends where the request is given up. */
export function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const backends: Readonly<Record<ServiceName, string>> = {
  auth: 'st2auth',
  api: 'st2api',
  stream: 'st2stream',
};

/** nginx's answer for a backend that is down, with both its Content-Types. */
export function backendDownAnswer(service: ServiceName): {
  readonly status: 200 | 503;
  readonly body: string;
  readonly types: readonly string[];
} {
  const octets = 'application/octet-stream';
  if (service === 'stream')
    return { status: 200, body: 'retry: 1000\n\n', types: [octets, 'text/event-stream'] };
  const faultstring = `Nginx is unable to reach ${backends[service]}. Make sure service is running.`;
  return { status: 503, body: `{ "faultstring": "${faultstring}" }`, types: [octets, 'application/json'] };
}
