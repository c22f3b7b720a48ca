import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { Hono } from 'hono';
import { createClientAddress, unixPeer } from '../../src/ops/client-address.ts';
import { listen } from '../../src/ops/listen.ts';
import { temporaryFolder } from '../support/folder.ts';

const anywhere = { host: '127.0.0.1', port: 0 };

/** Tells a client how it is seen. */
function mirror(trusted: readonly string[]): Hono {
  const clientOf = createClientAddress(trusted);
  return new Hono().all('*', (c) => c.json(clientOf(c)));
}

async function ask(socketPath: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const asked = request({ socketPath, path: '/', headers }).end();
  const [response] = await once(asked, 'response');
  return JSON.parse(await text(response));
}

describe('listening on a Unix socket', () => {
  it('lets owner and group connect, and nobody else; the socket goes with the listener', async (t) => {
    const socket = join(await temporaryFolder(t), 'bot.sock');
    const before = process.umask();
    const listener = await listen(mirror([unixPeer]).fetch, { ...anywhere, socket });
    assert.equal(statSync(socket).mode & 0o777, 0o660);
    assert.equal(process.umask(), before);
    assert.equal(listener.port, 0);
    await listener.close(0);
    assert.equal(existsSync(socket), false);
  });

  it('believes what the proxy at the other end says of the client', async (t) => {
    const socket = join(await temporaryFolder(t), 'bot.sock');
    const listener = await listen(mirror([unixPeer]).fetch, { ...anywhere, socket });
    t.after(() => listener.close(0));
    const said = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    assert.deepEqual(await ask(socket, said), { address: '203.0.113.9', isHttps: true, isLoopback: false });
    assert.deepEqual(await ask(socket), { address: unixPeer, isHttps: false, isLoopback: false });
  });

  it('believes it only where the config says that the listener is one', async (t) => {
    const socket = join(await temporaryFolder(t), 'bot.sock');
    const listener = await listen(mirror(['127.0.0.1']).fetch, { ...anywhere, socket });
    t.after(() => listener.close(0));
    const said = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };
    assert.deepEqual(await ask(socket, said), { address: 'unknown', isHttps: false, isLoopback: false });
  });

  it('takes the place of a socket that a dead process left, never of a living one or of a file', async (t) => {
    const folder = await temporaryFolder(t);
    const socket = join(folder, 'bot.sock');
    const dead = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', dead]), 'exit');
    assert.equal(existsSync(socket), true);

    const listener = await listen(mirror([unixPeer]).fetch, { ...anywhere, socket });
    t.after(() => listener.close(0));
    await assert.rejects(listen(mirror([]).fetch, { ...anywhere, socket }), { code: 'EADDRINUSE' });
    assert.ok(await ask(socket), 'the first one still answers');

    const file = join(folder, 'notes.txt');
    await writeFile(file, 'mine');
    await assert.rejects(listen(mirror([]).fetch, { ...anywhere, socket: file }), { code: 'EADDRINUSE' });
    assert.equal(existsSync(file), true);
  });
});
