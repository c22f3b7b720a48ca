import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClientsideAuth } from '../../src/auth/clientside.ts';
import { createStandaloneAuth } from '../../src/auth/standalone.ts';
import { createBotCredential } from '../../src/stackstorm/bot-credential.ts';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { json, startScripted } from '../support/scripted-server.ts';
import { alice, aliceAtStackStorm, bob, hour, loggedIn, sessionRig } from '../support/sessions.ts';

describe('clientside', () => {
  it('grants each chat user their own credential, and no other', async () => {
    await using rig = await sessionRig();
    const auth = createClientsideAuth(rig.sessions);
    const session = await loggedIn(rig.sessions);
    assert.deepEqual(await auth.credentialFor(alice), {
      kind: 'granted',
      ...aliceAtStackStorm,
      session,
      startedAt: rig.clock.now(),
      expiresAt: rig.clock.now() + 12 * hour,
    });
    assert.deepEqual(await auth.credentialFor(bob), { kind: 'refused', reason: 'no-session' });
  });

  it('tells a session that ran out from none', async () => {
    await using rig = await sessionRig();
    const auth = createClientsideAuth(rig.sessions);
    await loggedIn(rig.sessions);
    rig.clock.pass(12 * hour);
    assert.deepEqual(await auth.credentialFor(alice), { kind: 'refused', reason: 'session-expired' });
    rig.clock.pass(24 * hour);
    assert.deepEqual(await auth.credentialFor(alice), { kind: 'refused', reason: 'no-session' });
  });

  it('ends a session whose credential StackStorm refused, not the one after it', async () => {
    await using rig = await sessionRig();
    const auth = createClientsideAuth(rig.sessions);
    await loggedIn(rig.sessions);
    const old = await auth.credentialFor(alice);
    assert.ok(old.kind === 'granted');
    const session = await loggedIn(rig.sessions);
    await auth.rejected(alice, old);
    const grant = await auth.credentialFor(alice);
    assert.ok(grant.kind === 'granted' && grant.session === session);
    await auth.rejected(alice, grant);
    assert.deepEqual(await auth.credentialFor(alice), { kind: 'refused', reason: 'session-expired' });
  });

  it('never takes a store that fails for "no session"', async () => {
    await using rig = await sessionRig();
    const auth = createClientsideAuth(rig.sessions);
    await rig.store.close();
    await assert.rejects(auth.credentialFor(alice), { name: 'StoreError' });
  });
});

describe('standalone', () => {
  it('grants everyone the bot credential, as who StackStorm says it is, renewed when it is refused', async () => {
    let made = 0;
    await using server = await startScripted((request, response) => {
      if (request.path.endsWith('/tokens')) {
        json(response, 201, { user: 'bot', token: `token-${++made}`, expiry: '2036-11-22T20:00:00Z' });
      } else if (request.headers['x-auth-token'] === `token-${made}` && made !== 1) {
        json(response, 200, { username: 'chatops_bot', authentication: {} });
      } else {
        json(response, 401, { faultstring: 'Unauthorized' });
      }
    });
    const stackstorm = createStackStorm({ url: server.url });
    const botCredential = createBotCredential({
      stackstorm,
      source: { kind: 'password', username: 'bot', password: 'bot-password' },
      ttlSeconds: 3_600,
      now: Date.now,
    });
    const auth = createStandaloneAuth(botCredential, stackstorm);
    const expected = {
      kind: 'granted',
      credential: { kind: 'token', token: 'token-2' },
      stackstormUser: 'chatops_bot',
    } as const;
    assert.deepEqual(await auth.credentialFor(alice), expected);
    assert.deepEqual(await auth.credentialFor(bob), expected);
    assert.equal(
      server.heard.filter(({ path }) => path.endsWith('/user')).length,
      2,
      'asked once for each credential',
    );
    await auth.rejected(alice, expected);
    assert.equal((await auth.credentialFor(alice)).kind, 'granted');
    await stackstorm.close();
  });
});
