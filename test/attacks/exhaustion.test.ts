import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type Listener, listen } from '../../src/ops/listen.ts';
import { alicePassword, LoginRig } from '../support/login-rig.ts';
import { needsNginx, startNginx } from '../support/nginx.ts';
import { requestBytes, talk } from '../support/raw-http.ts';
import { issueLink } from '../support/sessions.ts';

const open = 'POST /login/api/open HTTP/1.1';
const ours = ['Host: 127.0.0.1', 'Origin: http://127.0.0.1:3141', 'Content-Type: application/json'];
const head = (...more: string[]) => [open, ...ours, ...more, '', ''].join('\r\n');

/** The login page on a port. `requestMs` is the time that a request has to come. */
async function onPort(t: TestContext, requestMs?: number) {
  const rig = await LoginRig.create();
  t.after(() => rig[Symbol.asyncDispose]());
  const listener = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0 }, requestMs);
  t.after(() => listener.close(0));
  return { rig, listener, to: () => connect(listener.port, '127.0.0.1') };
}

async function pageIsServed({ port }: Listener): Promise<void> {
  const page = await fetch(`http://127.0.0.1:${port}/login/`);
  assert.equal(page.status, 200);
  assert.ok((await page.text()).length > 100);
}

/** Sends a byte now and then, until the other end has had enough. */
function drip(socket: Socket): void {
  const drops = setInterval(() => socket.write('a'), 25);
  socket.on('error', () => clearInterval(drops));
  socket.on('close', () => clearInterval(drops));
}

describe('to hold connections', () => {
  for (const [what, begun] of [
    ['a request line without end', 'POST /login/'],
    ['headers without end', `${open}\r\nHost: 127.0.0.1\r\nX-`],
    ['a body byte by byte', head('Content-Length: 8000')],
    ['chunks byte by byte', `${head('Transfer-Encoding: chunked')}1000\r\n`],
  ] as const) {
    it(`somebody sends ${what}, fifty times, and nobody else notices`, async (t) => {
      const { listener, to } = await onPort(t, 600);
      const talks = Array.from({ length: 50 }, () => {
        const socket = to();
        const answer = talk(socket, begun);
        socket.on('connect', () => drip(socket));
        return answer;
      });
      await pageIsServed(listener);
      for (const answer of await Promise.all(talks)) assert.match(answer, /^(?:HTTP\/1\.1 408 |$)/u);
    });
  }

  it('somebody sends a body without end: it is not read to the end', async (t) => {
    const { to } = await onPort(t);
    const chunk = `1000\r\n${'x'.repeat(4_096)}\r\n`;
    const bytes = head('Transfer-Encoding: chunked') + chunk.repeat(4);
    assert.match(await talk(to(), bytes, /body-too-large/u), /^HTTP\/1\.1 413 /u);
  });

  it('somebody announces a large body: it is not waited for', async (t) => {
    const { to } = await onPort(t);
    const bytes = head('Content-Length: 100000000', 'Expect: 100-continue');
    assert.match(
      await talk(to(), bytes, /body-too-large/u),
      /^(?:HTTP\/1\.1 100 Continue\s+)?HTTP\/1\.1 413 /u,
    );
  });

  it('somebody sends more cookies than can be, and nobody else notices', async (t) => {
    const { listener, to } = await onPort(t);
    for (const [count, status] of [
      [1, /^HTTP\/1\.1 404 [\s\S]*no-login/u],
      [3_000, /^HTTP\/1\.1 404 [\s\S]*no-login/u],
      [8_000, /^HTTP\/1\.1 431 /u],
      [100_000, /^(?:HTTP\/1\.1 431 |$)/u],
    ] as const) {
      const lines = ['Host: 127.0.0.1', `Cookie: ${'a=b;'.repeat(count)}`, 'Connection: close'];
      assert.match(
        await talk(to(), requestBytes('GET /login/api/login HTTP/1.1', lines)),
        status,
        `${count}`,
      );
    }
    await pageIsServed(listener);
  });
});

describe('to fill the logs and raise alarms', () => {
  it('somebody hangs up in the middle of bodies: it is no trouble of ours', async (t) => {
    const errors: unknown[] = [];
    await using rig = await LoginRig.create();
    const listener = await listen(rig.app.fetch, { host: '127.0.0.1', port: 0 });
    t.mock.method(rig.rig.logger, 'error', (fault: unknown) => void errors.push(fault));
    for (const begun of [head('Content-Length: 100'), `${head('Transfer-Encoding: chunked')}5\r\nab`]) {
      for (let i = 0; i < 20; i++) {
        const socket = connect(listener.port, '127.0.0.1');
        await new Promise<void>((resolve) => socket.write(begun, () => resolve()));
        socket.destroy();
      }
    }
    // All that came before it has been read when this has been answered, and its closing too.
    await listener.close(1_000);
    assert.deepEqual(errors, []);
    const counted = (await rig.logins.get()).values.map(({ labels }) => labels.outcome);
    assert.ok(!counted.includes('internal-error'), `${counted}`);
    assert.deepEqual(rig.rig.audit.records, []);
  });
});

describe('to ask more often than one may', () => {
  it('somebody forges where they come from, and the Host, in every request', async (t) => {
    const { rig, to } = await onPort(t);
    const statuses = [];
    for (let index = 0; index < 12; index++) {
      const lies = [
        'Host: evil.example',
        ...ours.slice(1),
        `X-Forwarded-For: 203.0.113.${index}`,
        `Forwarded: for=203.0.113.${index}`,
        'X-Forwarded-Host: evil.example',
        'Connection: close',
      ];
      statuses.push((await talk(to(), requestBytes(open, lies, '{"link":"nonsense"}'))).slice(9, 12));
    }
    assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => '404'), '429', '429']);
    const { url, link } = await issueLink(rig.rig.sessions);
    assert.ok(url.startsWith('http://127.0.0.1:3141/login/#'), 'the link knows the public URL only');
    const victim = rig.browser();
    assert.equal((await victim.open(link)).status, 200, 'from the same address');
    assert.equal((await victim.authenticate(alicePassword)).status, 200);
  });

  for (const [what, address] of [
    ['an address', () => '203.0.113.7'],
    ['an IPv6 network', (index: number) => `2001:db8:1:2:${(index + 1).toString(16)}::7`],
    [
      'an IPv6 network with a zero in its number',
      (index: number) => `2001:db8:1::${(index + 1).toString(16)}:7:7`,
    ],
    ['an IPv6 network with two', (index: number) => `2001:db8::${(index + 1).toString(16)}:7`],
    [
      'an IPv6 network, all of its addresses long',
      (index: number) => `2001:db8::5:${(index + 1).toString(16)}:7:7:7`,
    ],
  ] as const) {
    it(`somebody asks the front from ${what}: it counts as one client`, needsNginx, async (t) => {
      const change = (config: string) =>
        config.replace(
          /^server \{\n(?<listen>\s+listen [^\n]* ssl[^\n]*)/mu,
          'server {\n    set_real_ip_from 127.0.0.1;\n    real_ip_header X-Test-Address;\n$<listen>',
        );
      const front = await startNginx(t, { upstream: 'unix:/nowhere', change });
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          front.ask('/login/api/login', { headers: { 'x-test-address': address(index) } }),
        ),
      );
      const limited = answers.filter(({ status }) => status === 429).length;
      assert.ok(limited >= 10 && limited < 40, `${limited} of 40 were refused`);
    });
  }
});
