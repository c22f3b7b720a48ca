import { connect as connectPlain } from 'node:net';
import { connect, DEFAULT_CIPHERS, getCiphers, type SecureVersion, type TLSSocket } from 'node:tls';
import { code, type Part } from './report.ts';
import type { Target } from './target.ts';

const patienceMs = 5_000;

interface Offer {
  readonly version?: SecureVersion;
  readonly ciphers?: string;
  readonly curve?: string;
  readonly protocols?: readonly string[];
}

interface Agreed {
  readonly protocol: string | null;
  readonly cipher: string;
  readonly alpn: string | false | null;
  readonly isTrusted: boolean;
}

/** What both sides agree on, if anything. Weak offers are made on purpose: they are what is to be refused. */
function handshake(target: Target, offer: Offer): Promise<Agreed | undefined> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({
      host: target.host,
      port: target.port,
      servername: target.origin.hostname,
      rejectUnauthorized: false,
      // TLS 1.3 has no levels, and Node no list of nothing else.
      ciphers: offer.ciphers?.startsWith('TLS_')
        ? offer.ciphers
        : `${offer.ciphers ?? DEFAULT_CIPHERS}:@SECLEVEL=0`,
      ...(target.ca === undefined ? {} : { ca: target.ca }),
      ...target.client,
      ...(offer.version === undefined ? {} : { minVersion: offer.version, maxVersion: offer.version }),
      ...(offer.curve === undefined ? {} : { ecdhCurve: offer.curve }),
      ...(offer.protocols === undefined ? {} : { ALPNProtocols: [...offer.protocols] }),
    });
    const end = (agreed: Agreed | undefined) => {
      socket.destroy();
      resolve(agreed);
    };
    socket.setTimeout(patienceMs, () => end(undefined));
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
    socket.on('secureConnect', () =>
      end({
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        alpn: socket.alpnProtocol,
        isTrusted: socket.authorized,
      }),
    );
  });
}

const versions = [
  ['TLS 1.0', 'TLSv1', false],
  ['TLS 1.1', 'TLSv1.1', false],
  ['TLS 1.2', 'TLSv1.2', true],
  ['TLS 1.3', 'TLSv1.3', true],
] as const;

const good12 = ['ECDHE-%-AES128-GCM-SHA256', 'ECDHE-%-AES256-GCM-SHA384', 'ECDHE-%-CHACHA20-POLY1305'];
const good13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
/** Without forward secrecy, without authenticated encryption, or without any. */
const weak = [
  ...['ECDHE-%-AES128-SHA', 'ECDHE-%-AES256-SHA', 'ECDHE-%-AES128-SHA256', 'ECDHE-%-AES256-SHA384'],
  ...[
    'ECDHE-%-NULL-SHA',
    'AES128-GCM-SHA256',
    'AES256-GCM-SHA384',
    'AES128-SHA',
    'AES256-SHA',
    'AES128-SHA256',
  ],
  ...[
    'AES256-SHA256',
    'NULL-SHA256',
    'DHE-RSA-AES128-SHA',
    'DHE-RSA-AES256-SHA',
    'ADH-AES128-SHA',
    'AECDH-AES128-SHA',
  ],
];
const curves = ['X25519', 'prime256v1', 'secp384r1'];

/** Protocols, ciphers and groups, each offered alone: what is taken and what is refused. */
export async function tlsPart(target: Target): Promise<Part> {
  const faults: string[] = [];
  const rows: string[][] = [];
  const row = (what: string, found: string, isGood: boolean) => {
    rows.push([what, found]);
    if (!isGood) faults.push(`${what}: ${found}`);
  };
  for (const [name, version, isWanted] of versions) {
    const agreed = await handshake(target, { version });
    row(name, agreed === undefined ? 'refused' : 'offered', (agreed !== undefined) === isWanted);
  }
  const taken13 = await taken(target, good13, 'TLSv1.3');
  row('ciphers of TLS 1.3', named(taken13), taken13.length > 0);
  const taken12 = await taken(target, bothKeys(good12), 'TLSv1.2');
  row('ciphers of TLS 1.2', named(taken12), taken12.length > 0);
  const tried = bothKeys(weak).filter((cipher) => getCiphers().includes(cipher.toLowerCase()));
  const takenWeak = await taken(target, tried, 'TLSv1.2');
  row(
    'weak ciphers',
    takenWeak.length === 0 ? 'refused' : `offered: ${named(takenWeak)}`,
    takenWeak.length === 0,
  );
  const groups: string[] = [];
  for (const curve of curves) if ((await handshake(target, { curve })) !== undefined) groups.push(curve);
  row('key exchange', named(groups), groups.length > 0);
  const agreed = await handshake(target, { protocols: ['h2', 'http/1.1'] });
  row('HTTP version', agreed?.alpn === 'h2' ? 'HTTP/2' : 'HTTP/1.1', true);
  row(
    'certificate',
    agreed?.isTrusted === true ? 'trusted, for this name' : 'not trusted',
    agreed?.isTrusted === true,
  );
  return { title: 'TLS', columns: ['What', 'Found'], rows, faults };
}

async function taken(target: Target, ciphers: readonly string[], version: SecureVersion): Promise<string[]> {
  const found: string[] = [];
  for (const cipher of ciphers) {
    const agreed = await handshake(target, { version, ciphers: cipher });
    if (agreed?.protocol === version) found.push(cipher);
  }
  return found;
}

function bothKeys(ciphers: readonly string[]): string[] {
  return [...new Set(ciphers.flatMap((one) => [one.replace('%', 'ECDSA'), one.replace('%', 'RSA')]))];
}

function named(found: readonly string[]): string {
  return found.length === 0 ? 'none' : found.map(code).join(', ');
}

/** What plain HTTP gets, on the port for it and on that of TLS. */
export async function plainPart(target: Target): Promise<Part> {
  const places = [
    ['the port of plain HTTP', target.plainPort],
    ['the port of TLS', target.port],
  ] as const;
  const faults: string[] = [];
  const rows: string[][] = [];
  for (const [what, port] of places) {
    const said = await plainAnswer(target, port);
    rows.push([what, said]);
    if (said !== refusedWords) faults.push(`plain HTTP on ${what}: ${said}`);
  }
  return { title: 'Plain HTTP', columns: ['On', 'Found'], rows, faults };
}

const refusedWords = 'closed without an answer';

function plainAnswer({ host, origin }: Target, port: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connectPlain({ host, port });
    const end = (words: string) => {
      socket.destroy();
      resolve(words);
    };
    socket.setTimeout(patienceMs, () => end(heard === '' ? 'no answer' : words(heard)));
    socket.on('error', () => end(refusedWords));
    socket.on('close', () => end(words(heard)));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.write(`GET /login/ HTTP/1.1\r\nHost: ${origin.hostname}\r\nConnection: close\r\n\r\n`);
  });
}

function words(heard: string): string {
  if (heard === '') return refusedWords;
  const [, status = '?'] = /^HTTP\/[\d.]+ (\d{3})/.exec(heard) ?? [];
  const location = /^location: *(\S+)/im.exec(heard)?.[1];
  return location === undefined ? `answered with ${status}` : `led to ${location}`;
}
