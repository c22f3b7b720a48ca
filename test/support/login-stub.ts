import { type Context, Hono } from 'hono';
import { loadAssets } from '../../src/login/assets.ts';
import type { ProblemCode } from '../../src/login/problems.ts';
import { createReplies, type ProblemDetails } from '../../src/login/replies.ts';
import { type Listening, listen } from './listen.ts';

const replies = createReplies(new URL('http://127.0.0.1/'));

export type Answer = (c: Context) => Response | Promise<Response>;

/** The login API with answers that a test chooses, behind the real page, headers and problems. */
export interface LoginStub extends Listening {
  /** What each endpoint answers next; the last one goes on. */
  readonly answers: { open: Answer[]; current: Answer[]; authenticate: Answer[]; refuse: Answer[] };
  /** Every request of the page, with its target as it stood in the request line. */
  readonly heard: { readonly target: string; readonly body: unknown }[];
  reset(): void;
}

export const stubLogin = '5f9f3a52-7c1e-4d1b-9a55-0f3f0c1f9a01';
export const stubLink = `${stubLogin}.${'k'.repeat(43)}`;

/** What `open` answers for alice, with ten minutes left unless told otherwise. */
export function opened(changes: Readonly<Record<string, unknown>> = {}): Answer {
  return () =>
    replies.json({
      login: stubLogin,
      chatUser: { platform: 'Playground', workspace: 'demo', name: 'alice', id: 'alice' },
      asked: { at: new Date(Date.now() - 120_000).toISOString(), place: 'a direct message' },
      methods: ['password', 'token', 'apiKey'],
      expiresAt: new Date(Date.now() + 480_000).toISOString(),
      attemptsLeft: 5,
      ...changes,
    });
}

const confirmed = () => ({
  code: 'WDJB-MJHT',
  expiresAt: new Date(Date.now() + 470_000).toISOString(),
});

/** What `authenticate` answers where the login is to be confirmed in chat. */
export const codeShown: Answer = () =>
  replies.json({ stackstormUser: 'alice.smith', confirm: confirmed() }, { status: 202 });

/** What a reload gets then. */
export const waiting: Answer = (c) => opened({ stackstormUser: 'alice.smith', confirm: confirmed() })(c);

/** What the page sees once the code was entered. */
export const confirmedInChat: Answer = () =>
  replies.json({
    login: stubLogin,
    chatUser: { platform: 'Playground', workspace: 'demo', name: 'alice', id: 'alice' },
    session: {
      stackstormUser: 'alice.smith',
      expiresAt: new Date(Date.now() + 12 * 3_600_000).toISOString(),
    },
  });

export function refused(code: ProblemCode, details?: ProblemDetails): Answer {
  return () => replies.problem(code, details);
}

export const loggedIn: Answer = () =>
  replies.json({ stackstormUser: 'alice', expiresAt: new Date(Date.now() + 12 * 3_600_000).toISOString() });

export async function startLoginStub(t: { after(done: () => Promise<void>): void }): Promise<LoginStub> {
  const assets = await loadAssets(new URL('../../static/login/', import.meta.url));
  const answers: LoginStub['answers'] = { open: [], current: [], authenticate: [], refuse: [] };
  const heard: { target: string; body: unknown }[] = [];
  const reset = () => {
    answers.open = [opened()];
    answers.current = [refused('no-login', { status: 404 })];
    answers.authenticate = [loggedIn];
    answers.refuse = [() => replies.json({ refused: true })];
    heard.length = 0;
  };
  reset();

  const app = new Hono();
  app.use(async (c, next) => {
    const body: unknown = c.req.method === 'POST' ? await c.req.json() : undefined;
    heard.push({ target: c.req.url, body });
    await next();
  });
  app.get('/login/', () => {
    const page = assets.get('index.html');
    return page === undefined ? replies.problem('not-found') : replies.page(page);
  });
  app.get('/login/assets/:name', (c) => {
    const asset = assets.get(c.req.param('name'));
    return asset === undefined ? replies.problem('not-found') : replies.asset(asset, undefined);
  });
  const next = (which: keyof typeof answers) => async (c: Context) => {
    const [answer, ...more] = answers[which];
    if (answer === undefined) return replies.problem('not-found');
    if (more.length > 0) answers[which] = more;
    return answer(c);
  };
  app.post('/login/api/open', next('open'));
  app.get('/login/api/login', next('current'));
  app.post('/login/api/authenticate', next('authenticate'));
  app.post('/login/api/refuse', next('refuse'));

  const listening = await listen(app);
  t.after(() => listening.close());
  return { ...listening, answers, heard, reset };
}
