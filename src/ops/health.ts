import { Hono } from 'hono';
import { errorLine } from './described-error.ts';
import type { Metrics } from './metrics.ts';

export interface HealthParts {
  readonly metrics: Pick<Metrics, 'registry'>;
  /** By name; each resolves while its part is ready to work, and throws the reason where it is not. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  /** Ms that one check may take; 2,000 unless given. */
  readonly timeout?: number;
}

/**
 * What orchestrators and Prometheus ask, on a listener of its own (design.md, section 3: the ops listener).
 * `/healthz` says that the process answers; `/readyz` is 503 with the names of the parts that are not ready;
 * `/metrics` is Prometheus' text format.
 */
export function createHealthApp({ metrics, checks, timeout = 2_000 }: HealthParts): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
    context.header('X-Content-Type-Options', 'nosniff');
  });
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const states = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await stateOf(check, timeout)] as const),
    );
    const notReady = states.filter(([, state]) => state !== 'ok').map(([name]) => name);
    const body = {
      status: notReady.length === 0 ? 'ready' : 'not-ready',
      notReady,
      checks: Object.fromEntries(states),
    };
    return context.json(body, notReady.length === 0 ? 200 : 503);
  });
  app.get('/metrics', async (context) =>
    context.body(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  );
  return app;
}

/** `ok`, or why not. */
async function stateOf(check: () => Promise<void>, timeout: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeout, `no answer within ${timeout} ms`);
  });
  const answer = (async () => {
    try {
      await check();
      return 'ok';
    } catch (error) {
      return errorLine(error);
    }
  })();
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
