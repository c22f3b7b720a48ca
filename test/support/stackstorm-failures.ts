import assert from 'node:assert/strict';
import { createStackStorm, type StackStormOptions } from '../../src/stackstorm/client.ts';
import type { Credential } from '../../src/stackstorm/credential.ts';
import type { StackStormError } from '../../src/stackstorm/errors.ts';
import type { AliasExecutionRequest } from '../../src/stackstorm/stackstorm.ts';
import { type Script, startRaw, startScripted } from './scripted-server.ts';
import { everythingOf, stackStormError } from './stackstorm-error.ts';

/** What no error may hold. */
export const secretToken = 'f00dfeedf00dfeedf00dfeedf00dfeed';
export const credential: Credential = { kind: 'token', token: secretToken };
export const request: AliasExecutionRequest = {
  name: 'run',
  format: 'run {{cmd}}',
  command: 'run secret-parameter',
  user: 'U1',
  source_channel: 'C1',
  source_context: {},
  notification_route: 'errbot',
};

/** What a GET and a POST to that address are rejected with; neither holds a secret. */
export async function failures(url: string, options: Partial<StackStormOptions> = {}) {
  const stackstorm = createStackStorm({ url, ...options });
  const get = await stackStormError(stackstorm.user(credential));
  const post = await stackStormError(stackstorm.runAlias(credential, request));
  await stackstorm.close();
  for (const error of [get, post]) holdsNoSecret(error);
  return { get, post };
}

export function holdsNoSecret(error: StackStormError): void {
  const all = everythingOf(error);
  for (const secret of [
    secretToken,
    'secret-parameter',
    'hunter2',
    Buffer.from('alice:hunter2').toString('base64'),
  ]) {
    assert.ok(!all.includes(secret), `${secret} in ${all}`);
  }
}

/** The same, against a script. */
export async function answering(script: Script, options: Partial<StackStormOptions> = {}) {
  await using server = await startScripted(script);
  return await failures(server.url, options);
}

/** Exact bytes for every request; then the connection is ended, or cut. */
export async function bytes(text: string, how: 'end' | 'cut' = 'end') {
  await using server = await startRaw((socket) => {
    socket.write(text, 'latin1', () => (how === 'end' ? socket.end() : socket.resetAndDestroy()));
  });
  return await failures(server.url);
}
