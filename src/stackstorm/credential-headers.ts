import type { Credential } from './credential.ts';
import { StackStormError } from './errors.ts';

/**
 * The one header that presents a credential. A value that no header can carry (blank, not printable ASCII) cannot be
 * good and is `unauthorized` without being sent: StackStorm would pass over an empty one to the next way to present one.
 */
export function credentialHeaders(call: string, credential: Credential): Record<string, string> {
  const value = credential.kind === 'token' ? credential.token : credential.apiKey;
  if (!/^[\x21-\x7e]+$/.test(value)) throw new StackStormError('unauthorized', call);
  return credential.kind === 'token' ? { 'x-auth-token': value } : { 'st2-api-key': value };
}

/**
 * HTTP Basic, UTF-8. A user name with a colon would be read as another user with another password (RFC 7617 section 2),
 * so it is `rejected` without being sent.
 */
export function basicHeaders(call: string, username: string, password: string): Record<string, string> {
  if (username.includes(':')) throw new StackStormError('rejected', call);
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}` };
}
