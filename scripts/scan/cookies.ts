import type { Heard } from './answers.ts';
import { code, type Part } from './report.ts';

/** The cookies that the answers set, with their attributes; never their values. */
export function cookiesPart(heard: readonly Heard[], hasLink: boolean): Part {
  const seen = new Map<string, { row: string[]; faults: string[] }>();
  for (const { what, answer } of heard) {
    for (const header of answer.headers['set-cookie'] ?? []) {
      const cookie = parsed(header);
      if (!seen.has(cookie.name)) seen.set(cookie.name, described(what, cookie));
    }
  }
  const cookies = [...seen.values()];
  const none = hasLink
    ? 'none was set'
    : 'none was set: the login’s own comes only with a good link (--link)';
  return {
    title: 'Cookies',
    columns: ['Set by', 'Cookie', 'Secure', 'HttpOnly', 'SameSite', 'Path', 'Domain', 'Lives'],
    rows:
      cookies.length === 0
        ? [[none, ...Array.from({ length: 7 }, () => '–')]]
        : cookies.map(({ row }) => row),
    faults: cookies.flatMap(({ faults }) => faults),
  };
}

interface Cookie {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

function parsed(header: string): Cookie {
  const [pair = '', ...rest] = header.split(';');
  const attributes = rest.map((one): [string, string] => {
    const [name = '', ...value] = one.trim().split('=');
    return [name.toLowerCase(), value.join('=')];
  });
  return { name: pair.split('=')[0] ?? '', attributes: new Map(attributes) };
}

function described(what: string, { name, attributes }: Cookie): { row: string[]; faults: string[] } {
  const has = (attribute: string) => (attributes.has(attribute) ? 'yes' : 'no');
  const sameSite = attributes.get('samesite') ?? '–';
  // Slack leads the browser back to us: only a cookie that is Lax comes along.
  const isLed = what.includes('Slack') || name.includes('oidc');
  const faults = [
    ...(name.startsWith('__Host-') ? [] : ['its name does not begin with __Host-']),
    ...['secure', 'httponly'].filter((one) => !attributes.has(one)).map((one) => `not ${one}`),
    ...(sameSite.toLowerCase() === 'strict' || (isLed && sameSite.toLowerCase() === 'lax')
      ? []
      : [`SameSite is ${sameSite}`]),
    ...(attributes.get('path') === '/' ? [] : ['its path is not /']),
    ...(attributes.has('domain') ? ['it has a domain'] : []),
  ].map((fault) => `the cookie ${code(name)}: ${fault}`);
  const lives = attributes.get('max-age');
  const row = [
    ...[what, code(name), has('secure'), has('httponly'), sameSite, attributes.get('path') ?? '–'],
    ...[
      attributes.get('domain') ?? '–',
      lives === undefined ? 'as long as the browser' : lifeWords(Number(lives)),
    ],
  ];
  return { row, faults };
}

function lifeWords(seconds: number): string {
  return seconds <= 0 ? 'is taken away' : `at most ${Math.ceil(seconds / 60)} min`;
}
