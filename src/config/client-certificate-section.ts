import { z } from 'zod';
import { chatUserKey, oneOf, yesOrNo } from './fields.ts';
import { group, has } from './group.ts';

const matchError = '"email", "cn", or {"map": {"email:alice@example.com": "slack:T024BE7LD:U0G9QF9C6"}}';

function certificateName() {
  const error =
    '"email:" with an address, or "cn:" with a common name, such as "email:alice@example.com" or "cn:Alice Doe"';
  return z
    .string({ error })
    .regex(/^(?:email:[\x21-\x7e]{1,320}|cn:.{1,256})$/, { error })
    .meta({ title: '"email:…" or "cn:…"' });
}

/** Whose a client's certificate is (docs/nginx.md). */
export const clientCertificateSection = group({
  required: yesOrNo()
    .default(true)
    .describe('Whether nobody logs in without one. `false`: who shows one must be its person.'),
  match: z
    .union(
      [
        oneOf(['email', 'cn']),
        group({
          map: z
            .record(certificateName(), chatUserKey(), { error: matchError })
            .meta({ title: 'chat user keys by certificate' })
            .describe(
              'Each person of a certificate, `email:` with an address of it or `cn:` with its common name, and their chat user key.',
            ),
        }),
      ],
      { error: matchError },
    )
    .meta({ title: '"email", "cn", or {"map": {…}}' })
    .describe(
      'How its person is known. `email`: an e-mail address of it (subjectAltName) is the confirmed one in chat. `cn`: its common name is the chat user’s key or id. `map`: by a table.',
    ),
});

export const secretError =
  '32 to 256 characters of a random secret, visible ASCII without quotes, "$" and "\\\\" ("openssl rand -base64 32" makes one)';

/** What a proxy shows that it is ours. It stands in a header, and in nginx’s config. */
export const proxySecret = z
  .string({ error: secretError })
  .regex(/^[\x21\x23\x25\x26\x28-\x5b\x5d-\x7e]{32,256}$/, { error: secretError })
  .meta({ title: 'a secret, 32 to 256 characters', writeOnly: true })
  .describe(
    'What the trusted proxies send as `X-Proxy-Secret`, so that their word on client certificates counts. Not needed on a Unix socket.',
  )
  .exactOptional();

/** For whoever binds logins to certificates and has nobody who could be believed about them. */
export const certificateWayFault =
  'server.socket (a Unix socket), or server.trustedProxies and server.proxySecret, beside it: without them any process of the machine could name any certificate';

/** Whether a config, as far as it can be read, believes somebody about certificates where it asks for them. */
export function canHearOfCertificates({
  auth,
  server,
}: {
  readonly auth: unknown;
  readonly server: unknown;
}): boolean {
  if (!isObject(auth) || auth['clientCertificate'] === undefined) return true;
  if (!has(auth, 'clientside') && auth['mode'] !== 'clientside') return true;
  if (!isObject(server)) return false;
  const proxies = server['trustedProxies'];
  const hasProxies = Array.isArray(proxies) && proxies.length > 0;
  return server['socket'] !== undefined || (hasProxies && server['proxySecret'] !== undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
