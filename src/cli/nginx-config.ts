import { readFileSync } from 'node:fs';
import { contentTypes } from '../login/assets.ts';
import { type ProblemCode, problemKinds, problemType } from '../login/problems.ts';
import { maxBodyBytes } from '../login/security.ts';
import { securityHeaders } from '../ops/security-headers.ts';

/** What the TLS front is made for. Paths are absolute. */
export interface NginxOptions {
  /** The one name that it answers to: the host of `auth.publicUrl`. */
  readonly serverName: string;
  readonly cert: string;
  readonly key: string;
  /** Whoever logs in needs a certificate of this authority. */
  readonly clientCa?: string | undefined;
  /** What the bot knows the front by (`server.proxySecret`); the config is a secret then. */
  readonly proxySecret?: string | undefined;
  /** Whether Slack reaches the bot over HTTP. */
  readonly slack: boolean;
  /** Where the bot listens: `unix:/path` or `host:port`. */
  readonly upstream: string;
  /** What nginx's `listen` takes: `443`, `[::]:443`, `192.0.2.1:443`. */
  readonly listen: readonly string[];
  /** The same, of plain HTTP, which is refused. */
  readonly listenPlain: readonly string[];
  /** The folder of the login page's files. */
  readonly staticFolder: string;
  readonly logFolder: string;
}

/** The errors that the front answers by itself. */
const problems: readonly ProblemCode[] = [
  'not-found',
  'method-not-allowed',
  'body-too-large',
  'too-many-requests',
  'internal-error',
];

/** nginx/bolt-stackstorm.conf for these options. Throws RangeError where one cannot stand in an nginx config. */
export function nginxConfig(options: NginxOptions): string {
  const template = readFileSync(new URL('../../nginx/bolt-stackstorm.conf', import.meta.url), 'utf8');
  const parts: Readonly<Record<string, boolean>> = {
    slack: options.slack,
    'client-ca': options.clientCa !== undefined,
    'proxy-secret': options.proxySecret !== undefined,
  };
  return filled(chosen(template, parts), values(options));
}

function values(options: NginxOptions): Readonly<Record<string, string>> {
  const { 'Cache-Control': cacheControl = 'no-store', ...headers } = securityHeaders(
    new URL(`https://${options.serverName}`),
  );
  const names = Object.keys(headers);
  const listens = (suffix: string) => (address: string) => `listen ${address}${suffix};`;
  return {
    id: options.serverName.replaceAll(/[^a-z0-9]/gi, '_'),
    serverName: options.serverName,
    cert: quoted(options.cert),
    key: quoted(options.key),
    clientCa: quoted(options.clientCa ?? ''),
    proxySecret: quoted(options.proxySecret ?? ''),
    // Slack has no certificate of ours; the locations of the login ask for it themselves.
    verifyClient: options.slack ? 'optional' : 'on',
    upstream: options.upstream.startsWith('unix:') ? quoted(options.upstream) : options.upstream,
    listen: lines(options.listen.map(listens(' ssl'))),
    listenPlain: lines(options.listenPlain.map(listens(''))),
    static: plainPath(options.staticFolder),
    accessLog: quoted(`${options.logFolder}/bolt-stackstorm.access.log`),
    errorLog: quoted(`${options.logFolder}/bolt-stackstorm.error.log`),
    maxBody: String(maxBodyBytes),
    cacheControl,
    securityHeaders: lines(names.map((name) => `add_header ${name} ${quoted(headers[name] ?? '')} always;`)),
    hiddenHeaders: lines([...names, 'Cache-Control'].map((name) => `proxy_hide_header ${name};`)),
    types: lines(
      Object.entries(contentTypes).map(([extension, type]) => `${quoted(type)} ${extension.slice(1)};`),
      8,
    ),
    extensions: Object.keys(contentTypes)
      .map((extension) => extension.slice(1))
      .join('|'),
    problems: lines(problems.flatMap(problemLocation)),
  };
}

/** The same problem as the bot answers (RFC 9457). */
function problemLocation(code: ProblemCode): string[] {
  const { status, title, detail } = problemKinds[code];
  const body = JSON.stringify({ type: problemType(code), code, title, status, detail });
  return [
    `location @${code.replaceAll('-', '_')} {`,
    '    types {}',
    '    default_type application/problem+json;',
    `    return ${status} '${body.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}';`,
    '}',
  ];
}

function chosen(template: string, parts: Readonly<Record<string, boolean>>): string {
  return template.replaceAll(
    /^ *#\[([a-z-]+)\]\n([\s\S]*?)^ *#\[\/\1\]\n/gm,
    (_, name: string, part: string) => (parts[name] === true ? part : ''),
  );
}

function filled(template: string, given: Readonly<Record<string, string>>): string {
  const body = template.replace(/^(#[^\n]*\n)+/, heading);
  return body.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = given[name];
    if (value === undefined) throw new RangeError(`the template asks for ${name}, which is not known`);
    return value;
  });
}

const heading = `# The TLS front of bolt-stackstorm, made by "bolt-stackstorm nginx". docs/nginx.md says what it does. Make it anew
# after each update of the bot, rather than change it.
`;

function lines(each: readonly string[], indent = 4): string {
  return each.map((line) => ' '.repeat(indent) + line).join('\n');
}

/** A value between double quotes. nginx has no way to write a dollar sign. */
function quoted(value: string): string {
  if (/[\p{Cc}$]/u.test(value))
    throw new RangeError(`${JSON.stringify(value)} cannot stand in an nginx config`);
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A path that stands unquoted, before a variable. */
function plainPath(value: string): string {
  if (!/^\/[\w./@+-]*\/$/.test(value)) {
    throw new RangeError(
      `${JSON.stringify(value)} is not a folder that nginx can be given: letters, digits, ".", "_", "-", "+", "@"`,
    );
  }
  return value;
}
