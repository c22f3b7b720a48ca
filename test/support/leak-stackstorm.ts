import { demoSeed } from '../../src/demo/stackstorm/seed.ts';
import { createEmbeddedStackStorm, demoBot } from '../../src/demo/stackstorm/stackstorm.ts';
import { listen } from './listen.ts';

/**
 * How StackStorm, or a proxy before it, fails while it repeats all that it was asked, credentials and body included: a
 * page with 502, a faultstring with 500, and JSON that is not of the contract.
 */
export type Echo = 'page' | 'faultstring' | 'odd-json' | 'no-json';

/** An embedded StackStorm with credentials of its own, which can be made to say back what it hears. */
export interface EchoingStackStorm {
  readonly url: string;
  /** Every token that it has made for a password. */
  readonly tokens: readonly string[];
  /** Answers thus from now on; undefined: as StackStorm does. */
  echo(how: Echo | undefined): void;
}

export async function startEchoingStackStorm(
  t: { after(done: () => Promise<void>): void },
  credentials: { readonly password: string; readonly token: string; readonly apiKey: string },
): Promise<EchoingStackStorm> {
  const demo = demoSeed({ password: 'not used', apiKey: demoBot.apiKey });
  const stackstorm = createEmbeddedStackStorm({
    seed: {
      ...demo,
      users: demo.users.map((user) =>
        user.name === 'alice' ? { ...user, password: credentials.password } : user,
      ),
      tokens: [{ user: 'bob', token: credentials.token, expiresAt: Date.now() + 3_600_000 }],
      apiKeys: [...(demo.apiKeys ?? []), { user: 'admin', key: credentials.apiKey }],
    },
  });
  const tokens: string[] = [];
  let how: Echo | undefined;
  const listening = await listen({
    async fetch(request) {
      if (how !== undefined) return echoed(request, how);
      const answer = await stackstorm.apps.nginx.fetch(request);
      const made = /"token": ?"([^"]+)"/u.exec(
        new URL(request.url).pathname === '/auth/v1/tokens' ? await answer.clone().text() : '',
      );
      if (made?.[1] !== undefined) tokens.push(made[1]);
      return answer;
    },
  });
  t.after(async () => {
    stackstorm.close();
    await listening.close();
  });
  return {
    url: listening.url,
    tokens,
    echo: (next) => {
      how = next;
    },
  };
}

async function echoed(request: Request, how: Echo): Promise<Response> {
  const { authorization = '' } = Object.fromEntries(request.headers);
  const basic = Buffer.from(authorization.split(' ')[1] ?? '', 'base64').toString('utf8');
  const heard = [...request.headers].map(([name, value]) => `${name}: ${value}`);
  const said = [`${request.method} ${request.url}`, ...heard, basic, await request.text()].join('\n');
  // Headers are bytes: what no header can hold stands in the body alone.
  const headers = { 'x-request-id': 'ab12', 'set-cookie': `auth-token=${heard.join(' ')}` };
  switch (how) {
    case 'page':
      return new Response(`<h1>Bad gateway</h1><pre>${said}</pre>`, {
        status: 502,
        headers: { ...headers, 'content-type': 'text/html' },
      });
    case 'faultstring':
      return Response.json({ faultstring: `Internal error: ${said}` }, { status: 500, headers });
    case 'odd-json':
      return Response.json({ token: [said], username: { said }, [said]: said }, { headers });
    case 'no-json':
      return new Response(said, { headers: { ...headers, 'content-type': 'application/json' } });
  }
}
