import { randomBytes, randomUUID } from 'node:crypto';
import { securityHeaders } from '../../src/ops/security-headers.ts';
import { code, type Part } from './report.ts';
import { type Answer, type Asked, ask, type Target } from './target.ts';

/** An answer, and to what. */
export interface Heard {
  readonly what: string;
  readonly asked: string;
  readonly answer: Answer;
}

type Question = readonly [what: string, path: string, asked?: Asked];

/** Asks for every page and file, for each step of the API with what it must refuse, and for what must not be there. */
export async function hearAll(target: Target): Promise<Heard[]> {
  const heard: Heard[] = [];
  const hear = async ([what, path, asked = {}]: Question): Promise<Answer> => {
    const answer = await ask(target, path, asked);
    heard.push({ what, asked: `${asked.method ?? 'GET'} ${path}`, answer });
    return answer;
  };
  const page = await hear(['the page', '/login/']);
  for (const file of await filesOf(target, page.body)) await hear([`a file of the page`, file]);
  for (const question of questions(target)) await hear(question);
  if (target.link !== undefined)
    await hear(['a link that is good', '/login/api/open', post(target, { link: target.link })]);
  const slack = await hear(['the install page of Slack, if it is on', '/slack/install']);
  if (slack.status === 200) await hear(['an install in Slack', '/slack/install/start']);
  return heard;
}

/** What the page loads, and what its scripts load. */
async function filesOf(target: Target, page: string): Promise<string[]> {
  const found = new Set(
    [...page.matchAll(/(?:src|href)="(assets\/[\w.-]+)"/g)].map(([, path = '']) => `/login/${path}`),
  );
  for (const file of found) {
    if (!file.endsWith('.js')) continue;
    const { body } = await ask(target, file);
    for (const [, name = ''] of body.matchAll(/from '\.\/([\w.-]+)'/g)) found.add(`/login/assets/${name}`);
  }
  return [...found].sort();
}

function post({ origin }: Target, body: unknown, more: Readonly<Record<string, string>> = {}): Asked {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: origin.origin,
      'sec-fetch-site': 'same-origin',
      ...more,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

function questions(target: Target): Question[] {
  const unknown = { link: `${randomUUID()}.${randomBytes(32).toString('base64url')}` };
  const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  return [
    ['the way to the page', '/login'],
    ['the page, by a method that it does not have', '/login/', { method: 'POST' }],
    [
      'a login, where none is under way',
      '/login/api/login',
      { headers: { 'sec-fetch-site': 'same-origin' } },
    ],
    ['a link that nobody made', '/login/api/open', post(target, unknown)],
    ['the same, from another site', '/login/api/open', post(target, unknown, elsewhere)],
    [
      'the same, from nowhere',
      '/login/api/open',
      { ...post(target, unknown), headers: { 'content-type': 'application/json' } },
    ],
    ['no JSON', '/login/api/open', post(target, 'link=x', { 'content-type': 'text/plain' })],
    ['JSON that is cut', '/login/api/open', post(target, '{"link":')],
    ['more than 8 KiB', '/login/api/open', post(target, 'x'.repeat(9_000))],
    ['a method that the API does not have', '/login/api/open', {}],
    [
      'credentials without a login',
      '/login/api/authenticate',
      post(target, { login: randomUUID(), secret: 'scan', method: 'token', token: 'scan' }),
    ],
    ['a refusal without a login', '/login/api/refuse', post(target, { login: randomUUID() })],
    ['a sign-in without a login', '/login/api/sign-in', post(target, { login: randomUUID() })],
    ['back from a sign-in that nobody began', '/login/oidc/callback?code=scan&state=scan'],
    ['a file that is not there', '/login/assets/none.js'],
    ['a file above the page’s', '/login/assets/..%2f..%2fpackage.json'],
    ['a page that is not there', '/login/none'],
    ['the root', '/'],
    ['health', '/healthz'],
    ['readiness', '/readyz'],
    ['metrics', '/metrics'],
    ['the playground', '/playground/'],
    ['another host name', '/login/', { headers: { host: 'evil.example' } }],
    ['a header that is too long', '/login/', { headers: { 'x-pad': 'x'.repeat(40_000) } }],
    ['TRACE', '/login/', { method: 'TRACE' }],
  ];
}

/** Must be out of reach: whoever gets another answer there than 404 has found something. */
const hidden = /^GET \/(?:healthz|readyz|metrics|playground\/|)$/;
/** Says what runs, which helps only those who look for old versions. */
const talkative = ['x-powered-by', 'x-aspnet-version', 'via'];

/** A table of the answers, and what their headers lack. */
export function answersPart(target: Target, heard: readonly Heard[]): Part {
  const faults: string[] = [];
  const rows = heard.map(({ what, asked, answer }) => {
    const found = [...headerFaults(target, asked, answer), ...statusFaults(asked, answer)];
    faults.push(...found.map((fault) => `${what} (${asked}): ${fault}`));
    const said = (name: string) => String(answer.headers[name] ?? '–');
    return [
      what,
      code(asked),
      String(answer.status),
      said('content-type'),
      said('cache-control'),
      said('server'),
      found.length === 0 ? 'all' : found.join('; '),
    ];
  });
  const columns = ['What', 'Asked', 'Status', 'Content-Type', 'Cache-Control', 'Server', 'Headers'];
  return { title: 'Answers', columns, rows, faults };
}

/** The headers that every answer has, with what they say. */
export function headersPart({ origin }: Target): Part {
  const rows = Object.entries(wanted(origin)).map(([name, value]) => [name, code(value)]);
  return { title: 'Headers of every answer', columns: ['Header', 'Value'], rows, faults: [] };
}

function wanted(origin: URL): Record<string, string> {
  const { 'Cache-Control': _, ...rest } = securityHeaders(origin);
  return rest;
}

function headerFaults({ origin }: Target, asked: string, { status, headers }: Answer): string[] {
  const missing = Object.entries(wanted(origin)).flatMap(([name, value]) => {
    const said = headers[name.toLowerCase()];
    if (said === value) return [];
    return [said === undefined ? `no ${name}` : `${name} is ${code(String(said))}`];
  });
  const isFile = / \/(?:login|slack)\/assets\//.test(asked) && status === 200;
  const cache = isFile ? 'no-cache' : 'no-store';
  return [
    ...missing,
    ...(headers['cache-control'] === cache ? [] : [`Cache-Control is not ${cache}`]),
    ...talkative.filter((name) => headers[name] !== undefined).map((name) => `${name} is told`),
    ...(/\d/.test(String(headers['server'] ?? '')) ? ['Server tells a version'] : []),
    ...(headers['access-control-allow-origin'] === undefined ? [] : ['other origins may read it']),
  ];
}

function statusFaults(asked: string, { status }: Answer): string[] {
  return hidden.test(asked) && status !== 404 ? [`${status}, where nothing should be`] : [];
}
