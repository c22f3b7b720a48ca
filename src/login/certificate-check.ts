import type { Context } from 'hono';
import { type ChatProfile, type ChatUser, chatUserKey } from '../chat/chat.ts';
import { createProxyProof } from '../ops/client-address.ts';
import type { Logger } from '../ops/logger.ts';
import type { LoginRef } from '../sessions/open.ts';
import type { SessionService } from '../sessions/service.ts';
import { type CertificatePerson, readCertificate } from './certificate.ts';

/** How the person of a client's certificate is known in chat (`auth.clientCertificate`). */
export interface CertificateOptions {
  readonly required: boolean;
  readonly match: 'email' | 'cn' | { readonly map: Readonly<Record<string, string>> };
  /** Whether `cn` may be a chat user's id alone; where several workspaces are, it is no name of one person. */
  readonly idAlone: boolean;
  readonly trustedProxies: readonly string[];
  readonly proxySecret?: string | undefined;
}

/** Whether the browser's certificate is a person's. Rejects with ChatError where the chat cannot say. */
type IsTheirs = (user: ChatUser) => Promise<boolean>;

/** Binds logins to the certificates of their people (security.md T1). */
export interface CertificateCheck {
  /** What a request's certificate says, or `missing` where it needs one and has none that counts. */
  shownBy(c: Context): IsTheirs | 'missing';
  /** The same for a login that a browser holds; somebody else's certificate is recorded, and its owner told. */
  refusal(
    c: Context,
    login: LoginRef,
    address: string,
  ): Promise<'certificate-required' | 'certificate-mismatch' | undefined>;
}

/** Throws RangeError where a trusted proxy is no address or range. */
export function createCertificateCheck(
  deps: {
    readonly profile: (user: ChatUser) => Promise<ChatProfile>;
    readonly sessions: Pick<SessionService, 'refuseCertificate'>;
    readonly logger: Logger;
    /** Ms since the epoch. */
    readonly now: () => number;
  },
  options: CertificateOptions,
): CertificateCheck {
  const isFromOurProxy = createProxyProof(options.trustedProxies, options.proxySecret);
  const matches = matcher(deps, options);
  const shownBy = (c: Context): IsTheirs | 'missing' => {
    const isBelieved = isFromOurProxy(c);
    const verify = isBelieved ? c.req.header('x-ssl-client-verify') : undefined;
    const certificate = isBelieved ? c.req.header('x-ssl-client-cert') : undefined;
    const person = readCertificate({ verify, certificate }, deps.now());
    if (person !== undefined) return (user) => matches(person, user);
    const hasNone = verify === undefined || verify === '' || verify === 'NONE';
    return hasNone && !options.required ? async () => true : 'missing';
  };
  return {
    shownBy,
    async refusal(c, login, address) {
      const isTheirs = shownBy(c);
      if (isTheirs === 'missing') return 'certificate-required';
      if (await isTheirs(login.user)) return undefined;
      await deps.sessions.refuseCertificate(login, address);
      return 'certificate-mismatch';
    },
  };
}

function matcher(
  { profile, logger }: Parameters<typeof createCertificateCheck>[0],
  { match, idAlone }: CertificateOptions,
): (person: CertificatePerson, user: ChatUser) => Promise<boolean> {
  if (match === 'cn') {
    return async ({ commonName }, user) =>
      commonName === chatUserKey(user) || (idAlone && commonName === user.id);
  }
  if (match === 'email') {
    return async ({ emails }, user) => {
      const { email } = await profile(user);
      if (email === undefined) {
        logger.warn(
          { chatUser: chatUserKey(user) },
          'the chat platform says no confirmed e-mail address, so no certificate is this person’s',
        );
        return false;
      }
      return emails.some((address) => small(address) === small(email));
    };
  }
  const owners = new Map(Object.entries(match.map).map(([name, user]) => [normal(name), user]));
  return async ({ emails, commonName }, user) => {
    const names = emails.map((address) => normal(`email:${address}`));
    if (commonName !== undefined) names.push(`cn:${commonName}`);
    const found = new Set(names.flatMap((name) => owners.get(name) ?? []));
    return found.size === 1 && found.has(chatUserKey(user));
  };
}

function normal(name: string): string {
  return name.startsWith('email:') ? small(name) : name;
}

/** A to Z alone: Unicode's small letters would make two addresses one (the Kelvin sign is a `k`). */
function small(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
