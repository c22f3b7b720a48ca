import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unixPeer } from '../../src/ops/client-address.ts';
import { listen } from '../../src/ops/listen.ts';
import { makeAuthority } from '../support/certificates.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { LoginRig } from '../support/login-rig.ts';
import { needsNginx, serverName, socketPath, startNginx } from '../support/nginx.ts';
import { issueLink } from '../support/sessions.ts';
import { sourceArguments } from '../support/source-arguments.ts';

const page = new URL('../../docs/security.md', import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where the page holds what the script printed. */
const printed = /(<!-- npm run scan -->\n)[\s\S]*?(\n<!-- end -->)/;

/** `npm run scan`, of a front on loopback whose certificate is for {@link serverName}. */
async function scan(
  t: TestContext,
  front: { port: number; plainPort: number; ca: string },
  more: string[] = [],
) {
  const ca = join(await temporaryFolder(t), 'ca.pem');
  await writeFile(ca, front.ca);
  const child = spawn(
    process.execPath,
    [
      ...[...sourceArguments, 'scripts/scan.ts', `https://${serverName}:${front.port}`, '--ca', ca],
      ...['--connect', `127.0.0.1:${front.port}`, '--plain-port', String(front.plainPort), ...more],
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, out: out.trimEnd(), err };
}

test(
  'npm run scan finds the front as docs/security.md shows it, and nothing wrong with it',
  needsNginx,
  async (t) => {
    const socket = await socketPath(t);
    const front = await startNginx(t, { upstream: `unix:${socket}` });
    const rig = await LoginRig.create({ publicUrl: front.origin, trustedProxies: [unixPeer] });
    t.after(() => rig[Symbol.asyncDispose]());
    const listener = await listen(rig.app.fetch, { host: '', port: 0, socket });
    t.after(() => listener.close(0));
    const { url } = await issueLink(rig.rig.sessions);
    const { port, plainPort, authority } = front;
    const { out, err, code } = await scan(t, { port, plainPort, ca: authority.ca }, ['--link', url]);
    assert.deepEqual([err, code], ['', 0], out);
    const found = out.replaceAll(front.origin, 'https://chatops.example.com');
    const shown = await readFile(page, 'utf8');
    assert.match(shown, printed);
    const now = shown.replace(printed, (_, start: string, end: string) => `${start}\n${found}\n${end}`);
    if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(page, now);
    else assert.equal(shown, now, 'docs/security.md: UPDATE_GOLDEN=1 puts in what is found now');
  },
);

test('npm run scan finds what is wrong with a front that was made by hand', async (t) => {
  const authority = makeAuthority();
  const { key, cert } = authority.issue({ commonName: serverName, subjectAltName: `DNS:${serverName}` });
  const weak = {
    key,
    cert,
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
    honorCipherOrder: true,
  } as const;
  const server = createServer(weak, (request, response) => {
    request.resume();
    response.setHeader('Server', 'Old/1.2');
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('X-Frame-Options', '<b>SAME|ORIGIN</b>');
    response.setHeader('Set-Cookie', 'session=1; Path=/login; Domain=example.com; SameSite=None');
    response.end('<title>hello</title>');
  });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  // Its plain port answers, too.
  const plain = await listen(
    () => new Response(null, { status: 301, headers: { location: 'https://x.example/' } }),
    {
      host: '127.0.0.1',
      port: await freePort(),
    },
  );
  t.after(() => plain.close(0));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;
  const { out, code } = await scan(t, { port, plainPort: plain.port, ca: authority.ca });
  assert.equal(code, 1);
  const faults = out.slice(out.indexOf('not as it should be'));
  for (const fault of [
    /the page \(GET \/login\/\): no Content-Security-Policy/,
    /the page \(GET \/login\/\): no Strict-Transport-Security/,
    /the page \(GET \/login\/\): Cache-Control is not no-store/,
    /Server tells a version/,
    /other origins may read it/,
    /metrics \(GET \/metrics\): 200, where nothing should be/,
    /the cookie `session`: its name does not begin with __Host-/,
    /the cookie `session`: not secure/,
    /the cookie `session`: not httponly/,
    /the cookie `session`: SameSite is None/,
    /the cookie `session`: its path is not \//,
    /the cookie `session`: it has a domain/,
    /TLS 1\.0: offered/,
    /TLS 1\.1: offered/,
    /weak ciphers: offered: .*ECDHE-ECDSA-AES128-SHA/,
    /plain HTTP on the port of plain HTTP: led to https:\/\/x\.example\//,
  ]) {
    assert.match(faults, fault);
  }
  const rows = out.split('\n').filter((line) => line.startsWith('| the page |'));
  assert.match(
    rows[0] ?? '',
    /&lt;b>SAME\\\|ORIGIN&lt;\/b>/,
    'what a server says makes no cell and no markup',
  );
});

test('npm run scan says what is wrong with its command line, and when nothing answers', async (t) => {
  const authority = makeAuthority();
  const nothing = await scan(t, { port: await freePort(), plainPort: 1, ca: authority.ca });
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /^The front could not be looked at: .*ECONNREFUSED/);
  const wrong = await scan(t, { port: 1, plainPort: 1, ca: authority.ca }, ['--no-such-option']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /--no-such-option[\s\S]*npm run scan -- https:/);
});
