import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  /** PEM of the authority. */
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** What a certificate says, beside its name. */
export interface Subject {
  readonly commonName: string;
  /** As openssl writes it: `DNS:localhost,IP:127.0.0.1`, `email:alice@example.com`. */
  readonly subjectAltName?: string;
  /** How long it is good; below 0: not any more. */
  readonly days?: number;
}

/** An authority of our own. */
export interface Authority {
  /** PEM. */
  readonly ca: string;
  issue(subject: Subject): { readonly key: string; readonly cert: string };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Made by openssl, as is what it issues; good for a day. */
export function makeAuthority(name = 'own ca'): Authority {
  const authority = inFolder({}, (openssl, read) => {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '1',
      '-subj',
      `/CN=${name}`,
    );
    return { 'ca.pem': read('ca.pem'), 'ca.key': read('ca.key') };
  });
  return {
    ca: authority['ca.pem'],
    issue: ({ commonName, subjectAltName, days = 1 }) =>
      inFolder(
        { ...authority, ext: subjectAltName === undefined ? '' : `subjectAltName=${subjectAltName}\n` },
        (openssl, read) => {
          openssl('req', ...newKey, '-keyout', 'own.key', '-out', 'own.csr', '-subj', `/CN=${commonName}`);
          openssl(
            ...['x509', '-req', '-in', 'own.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
            ...['-out', 'own.pem', '-days', String(days), '-extfile', 'ext'],
          );
          return { key: read('own.key'), cert: read('own.pem') };
        },
      ),
  };
}

/** An authority of our own and a server certificate for the names. */
export function makeCertificates(subjectAltName = 'IP:127.0.0.1,DNS:localhost'): Certificates {
  const authority = makeAuthority();
  return { ca: authority.ca, ...authority.issue({ commonName: 'st2', subjectAltName }) };
}

function inFolder<T>(
  files: Readonly<Record<string, string>>,
  work: (openssl: (...args: string[]) => void, read: (name: string) => string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'bolt-stackstorm-certs-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return work(
      (...args) => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' }),
      (name) => readFileSync(join(folder, name), 'utf8'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
