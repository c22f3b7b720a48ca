import { X509Certificate } from 'node:crypto';

/** Whom a client's certificate names. */
export interface CertificatePerson {
  /** Of its subjectAltName, as they stand there. ASCII. */
  readonly emails: readonly string[];
  /** Absent where it has none, or several. */
  readonly commonName?: string;
}

/** What a proxy says of a client's certificate, in the headers of the template (nginx/bolt-stackstorm.conf). */
export interface CertificateHeaders {
  /** `$ssl_client_verify`. */
  readonly verify: string | undefined;
  /** `$ssl_client_escaped_cert`: PEM, percent-encoded. */
  readonly certificate: string | undefined;
}

/** Characters of the escaped PEM; one of an RSA key of 4,096 bits has about 3,000. */
const maxEscaped = 12_000;
const onePem = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/;
const emailAddress = /^[\x21-\x3f\x41-\x7e]{1,64}@[A-Za-z0-9.-]{1,255}$/;

/**
 * Reads a certificate that the proxy has verified. Undefined where there is none that counts: not `SUCCESS`, over its
 * time by now (a resumed TLS session is not verified again), too large, not one certificate, not readable.
 * @param now ms since the epoch
 */
export function readCertificate(headers: CertificateHeaders, now: number): CertificatePerson | undefined {
  const { verify, certificate: escaped } = headers;
  if (verify !== 'SUCCESS' || escaped === undefined || escaped.length > maxEscaped) return undefined;
  const certificate = parsed(escaped);
  if (certificate === undefined || !isInTime(certificate, now)) return undefined;
  const emails = emailsOf(certificate.subjectAltName ?? '');
  if (emails === undefined) return undefined;
  const commonName = commonNameOf(certificate);
  return { emails, ...(commonName === undefined ? {} : { commonName }) };
}

function parsed(escaped: string): X509Certificate | undefined {
  try {
    const pem = decodeURIComponent(escaped);
    return onePem.test(pem) ? new X509Certificate(pem) : undefined;
  } catch {
    // URIError, or one of OpenSSL's many: whatever it is, it is no certificate.
    return undefined;
  }
}

function isInTime({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now < Date.parse(validTo);
}

/**
 * The addresses in Node's text of a subjectAltName: `email:a@example.com, DNS:example.com`. A value that could be taken
 * for two stands in quotes there (CVE-2021-44532), and is no address of anybody. The e-mail of the *subject* is not
 * looked at: RFC 5280 4.1.2.6 has it for old implementations only, and not every authority checks it. Undefined where
 * the text cannot be told apart into values.
 */
export function emailsOf(subjectAltName: string): readonly string[] | undefined {
  const emails: string[] = [];
  const entry = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;
  while (entry.lastIndex < subjectAltName.length) {
    const found = entry.exec(subjectAltName);
    if (found === null) return undefined;
    const [, kind, value = ''] = found;
    if (kind === 'email' && emailAddress.test(value)) emails.push(value);
  }
  return emails;
}

/** Of several nobody can say which one the authority meant. */
function commonNameOf(certificate: X509Certificate): string | undefined {
  const { CN: name }: { CN?: unknown } = certificate.toLegacyObject().subject;
  return typeof name === 'string' && /^\P{Cc}{1,256}$/u.test(name) ? name : undefined;
}
