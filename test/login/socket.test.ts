import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { type Listener, listen } from '../../src/ops/listen.ts';
import { LoginRig } from '../support/login-rig.ts';
import { issueLink } from '../support/sessions.ts';

/** Sends bytes and reads until the server closes, or until what was read satisfies `until`. */
async function talk(listener: Listener, bytes: string, until: RegExp): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1');
  let answer = '';
  const done = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (until.test(answer)) resolve();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  await once(socket, 'connect');
  socket.write(bytes);
  await done;
  socket.destroy();
  return answer;
}

function head(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({
    host: '127.0.0.1',
    origin: 'http://127.0.0.1:3141',
    'content-type': 'application/json',
    ...headers,
  });
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

describe('the login page on a socket', () => {
  it('stops reading a chunked body that does not end', async () => {
    await using rig = await LoginRig.create();
    const listener = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0 });
    const chunk = `1000\r\n${'x'.repeat(4_096)}\r\n`;
    const bytes = head('/login/api/open', { 'transfer-encoding': 'chunked' }) + chunk.repeat(4);
    assert.match(await talk(listener, bytes, /body-too-large/), /^HTTP\/1\.1 413 /);
    await listener.close(0);
  });

  it('answers at once to a length that is too large, before the body comes', async () => {
    await using rig = await LoginRig.create();
    const listener = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0 });
    const bytes = head('/login/api/authenticate', { 'content-length': '100000000' });
    assert.match(await talk(listener, bytes, /body-too-large/), /^HTTP\/1\.1 413 /);
    await listener.close(0);
  });

  it('believes no forwarded header of a client, nor its Host', async () => {
    await using rig = await LoginRig.create();
    const listener = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0 });
    for (let index = 0; index < 10; index++) {
      const body = '{"link":"nonsense"}';
      const forged = {
        host: 'evil.example',
        'x-forwarded-for': `203.0.113.${index}`,
        forwarded: `for=203.0.113.${index}`,
        'x-forwarded-host': 'evil.example',
        'content-length': String(body.length),
      };
      assert.match(
        await talk(listener, head('/login/api/open', forged) + body, /link-unknown/),
        /^HTTP\/1\.1 404 /,
      );
    }
    const limited = await fetch(`http://127.0.0.1:${listener.port}/login/api/open`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: rig.publicUrl,
        'x-forwarded-for': '203.0.113.99',
      },
      body: '{"link":"nonsense"}',
    });
    assert.equal(limited.status, 429);
    const { url } = await issueLink(rig.rig.sessions);
    assert.ok(url.startsWith('http://127.0.0.1:3141/login/#'), 'the link knows the public URL only');
    await listener.close(0);
  });

  it('serves the page and its files', async () => {
    await using rig = await LoginRig.create();
    const listener = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0 });
    for (const path of ['/login/', '/login/assets/login.js', '/login/assets/login.css']) {
      const response = await fetch(`http://127.0.0.1:${listener.port}${path}`);
      assert.equal(response.status, 200);
      assert.ok((await response.text()).length > 100);
    }
    await listener.close(0);
  });
});
