import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Doors, openDoors } from '../support/doors.ts';
import { needsNginx, serverName } from '../support/nginx.ts';
import { requestBytes, statuses, talk } from '../support/raw-http.ts';
import { bob, issueLink } from '../support/sessions.ts';

const ways = [
  ['the bot', () => doors.bot()],
  ['the front', () => doors.front()],
] as const;
const wrong = '{"link":"nonsense"}';
/** What a page of another origin has its visitor's browser send, whatever else it thinks of. */
const foreign = [`Host: ${serverName}`, 'Sec-Fetch-Site: cross-site', 'Origin: https://evil.example'];
const viaProxy = ['X-Forwarded-Proto: https', 'X-Forwarded-For: 198.51.100.9'];
const last = 'Connection: close';
const json = 'Content-Type: application/json';

let doors: Doors;
let link = '';

before(async () => {
  if (needsNginx.skip !== undefined) return;
  doors = await openDoors();
  link = (await issueLink(doors.rig.rig.sessions)).link;
});
after(() => doors?.close());

const opens = () => `{"link":"${link}"}`;
const post = (path: string, headers: readonly string[], body = opens()) =>
  requestBytes(`POST ${path} HTTP/1.1`, [...foreign, ...headers, ...viaProxy, last], body);
const wellFormed = () =>
  requestBytes(
    'POST /login/api/open HTTP/1.1',
    [`Host: ${serverName}`, json, `Origin: ${doors.origin}`, ...viaProxy, last],
    opens(),
  );

describe('to have a visitor’s browser open a link from another site', needsNginx, () => {
  const api = '/login/api/open';
  const tries: Readonly<Record<string, () => string>> = {
    'says so plainly': () => post(api, [json]),
    'asks for a form to be taken': () => post(api, ['Content-Type: text/plain']),
    'hides JSON in a second content type': () => post(api, ['Content-Type: text/plain', json]),
    'names our site as well': () => post(api, [json, 'Sec-Fetch-Site: same-origin']),
    'names our Origin as well': () => post(api, [json, `Origin: ${doors.origin}`]),
    'folds our site into the line': () => post(api, [json, 'X: y', ' Sec-Fetch-Site: same-origin']),
    'speaks of a header with a blank behind its name': () =>
      post(api, [json, 'Sec-Fetch-Site : same-origin']),
    'buries where it comes from under 2,100 headers': () =>
      requestBytes(
        `POST ${api} HTTP/1.1`,
        [
          ...[`Host: ${serverName}`, json, `Origin: ${doors.origin}`, ...viaProxy, last],
          ...Array.from({ length: 2_100 }, () => 'a:b'),
          'Sec-Fetch-Site: cross-site',
        ],
        opens(),
      ),
    'overrides the method of a GET': () =>
      requestBytes(
        `GET ${api}?_method=POST HTTP/1.1`,
        [...foreign, json, 'X-HTTP-Method-Override: POST', last],
        opens(),
      ),
    'puts the link into the query': () =>
      requestBytes(`GET ${api}?link=${link} HTTP/1.1`, [...foreign, last]),
    'asks by HEAD': () => requestBytes(`HEAD ${api}?link=${link} HTTP/1.1`, [...foreign, last]),
    'asks by OPTIONS': () => requestBytes(`OPTIONS ${api} HTTP/1.1`, [...foreign, json, last], opens()),
    'asks by TRACE': () => requestBytes(`TRACE ${api} HTTP/1.1`, [...foreign, json, last]),
    'asks by CONNECT': () => requestBytes(`CONNECT ${serverName}:443 HTTP/1.1`, [...foreign, last]),
    'asks by a method in lower case': () => post(api, [json]).replace('POST', 'post'),
    'asks for another protocol': () => post(api, [json, 'Upgrade: websocket', 'Connection: upgrade']),
    'speaks HTTP/1.0': () => post(api, [json]).replace('HTTP/1.1', 'HTTP/1.0'),
    'speaks HTTP/0.9': () => 'POST /login/api/open\r\n\r\n',
    'names our address in the first line': () => post(`${doors.origin}${api}`, [json]),
    'names another address in the first line': () => post(`https://evil.example${api}`, [json]),
    'writes the path into the Host': () =>
      post('/', [json]).replace(`Host: ${serverName}`, `Host: ${serverName}${api}?`),
    'sends two Hosts': () => post(api, [json, 'Host: evil.example']),
    'ends the path with a slash': () => post(`${api}/`, [json]),
    'begins the path with two': () => post(`/${api}`, [json]),
    'encodes the slash': () => post('/login/api%2fopen', [json]),
    'encodes it twice': () => post('/login/api%252fopen', [json]),
    'goes up and down again': () => post('/login/assets/../api/open', [json]),
    'goes up in disguise': () => post('/login/assets/%2e%2e/api/open', [json]),
    'turns the slashes': () => post('\\login\\api\\open', [json]),
    'ends the path with a NUL': () => post(`${api}%00`, [json]),
    'ends the path with a fragment': () => post(`${api}#`, [json]),
    'adds a parameter to the path': () => post(`${api};x=y`, [json]),
  };
  for (const [door, open] of ways) {
    for (const [what, bytes] of Object.entries(tries)) {
      it(`a page ${what}: ${door} does nothing`, async () => {
        const answer = await talk(open(), bytes());
        assert.match(answer, /^(?:HTTP\/1\.[01] 4\d\d |<html>|$)/u);
        assert.ok(!doors.rig.rig.audit.codes.includes('link.opened ok'), answer);
      });
    }
  }
});

describe('to hide a second request in the first', needsNginx, () => {
  const lie = ['X-Forwarded-Proto: https', 'X-Forwarded-For: 203.0.113.66'];
  const hidden = () => {
    const headers = [`Host: ${serverName}`, json, `Origin: ${doors.origin}`, ...lie, last];
    return requestBytes('POST /login/api/open HTTP/1.1', headers, wrong);
  };
  const begin = (headers: readonly string[]) =>
    ['POST /login/api/open HTTP/1.1', ...foreign, json, ...headers, ...viaProxy, '', ''].join('\r\n');
  const tries: Readonly<Record<string, () => string>> = {
    'a length and chunks': () =>
      `${begin(['Content-Length: 5', 'Transfer-Encoding: chunked'])}0\r\n\r\n${hidden()}`,
    'chunks and a length': () =>
      `${begin(['Transfer-Encoding: chunked', 'Content-Length: 5'])}0\r\n\r\n${hidden()}`,
    'two lengths': () => `${begin(['Content-Length: 0', 'Content-Length: 500'])}${hidden()}`,
    'a length that is a list': () => `${begin(['Content-Length: 0, 500'])}${hidden()}`,
    'a length with a sign': () => `${begin(['Content-Length: +0'])}${hidden()}`,
    'chunks of an unknown kind': () => `${begin(['Transfer-Encoding: xchunked'])}0\r\n\r\n${hidden()}`,
    'chunks and something else': () =>
      `${begin(['Transfer-Encoding: chunked, identity'])}0\r\n\r\n${hidden()}`,
    'chunks with a blank in the name': () => `${begin(['Transfer-Encoding : chunked'])}0\r\n\r\n${hidden()}`,
    'chunks that end with a line feed': () => `${begin(['Transfer-Encoding: chunked'])}0\n\n${hidden()}`,
    'a chunk with a line feed in its extension': () =>
      `${begin(['Transfer-Encoding: chunked'])}1;\nx\r\nx\r\n0\r\n\r\n${hidden()}`,
    'a chunk of a length that is too large': () =>
      `${begin(['Transfer-Encoding: chunked'])}fffffffffffffffff\r\n${hidden()}`,
  };
  for (const [what, bytes] of Object.entries(tries)) {
    it(`somebody sends ${what}: the bot refuses it all, the front is not deceived`, async () => {
      const before = doors.rig.rig.audit.records.length;
      assert.deepEqual(statuses(await talk(doors.bot(), bytes())), [400]);
      assert.equal(doors.rig.rig.audit.records.length, before);
      // What the front reads as a second request is one: it says where that comes from.
      await talk(doors.front(), bytes());
      for (const { address } of doors.rig.rig.audit.records.slice(before)) assert.equal(address, '127.0.0.1');
    });
  }

  it('somebody’s page sends one as the body: it is a body', async () => {
    for (const open of [doors.bot, doors.front]) {
      const answer = await talk(open(), post('/login/api/open', ['Content-Type: text/plain'], hidden()));
      assert.deepEqual(statuses(answer), [403]);
    }
  });
});

describe('to appear as somebody else', needsNginx, () => {
  const seenAs = async (door: 'bot' | 'front', headers: readonly string[]) => {
    const from = doors.rig.rig.audit.records.length;
    const lines = [`Host: ${serverName}`, json, `Origin: ${doors.origin}`, ...headers, last];
    const answer = await talk(doors[door](), requestBytes('POST /login/api/open HTTP/1.1', lines, wrong));
    assert.deepEqual(statuses(answer), [404], answer);
    return doors.rig.rig.audit.records.slice(from).map(({ address }) => address);
  };
  const lie = 'X-Forwarded-For: 203.0.113.1';

  it('somebody buries the proxy’s word of their address under 2,100 headers', async () => {
    const flood = Array.from({ length: 2_100 }, () => 'a:b');
    assert.deepEqual(await seenAs('bot', [lie, ...flood, ...viaProxy]), ['198.51.100.9']);
  });

  it('somebody tells the front where they come from, in every header for it', async () => {
    const headers = [
      lie,
      lie,
      'X_Forwarded_For: 203.0.113.1',
      'Forwarded: for=203.0.113.1',
      'X-Real-IP: 203.0.113.1',
    ];
    assert.deepEqual(await seenAs('front', [...headers, 'Client-IP: 203.0.113.1']), ['127.0.0.1']);
  });
});

describe('to read a file that is not the page’s', needsNginx, () => {
  for (const target of [
    '/login/assets/../../package.json',
    '/login/assets/../../../package.json',
    '/login/assets/..%2f..%2fpackage.json',
    '/login/assets/..%252f..%252fpackage.json',
    '/login/assets/%2e%2e/%2e%2e/package.json',
    '/login/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/login/assets/..%5c..%5cpackage.json',
    '/login/assets/..\\..\\package.json',
    '/login/assets/....//....//package.json',
    '/login/assets/..;/..;/package.json',
    '/login/assets/%c0%ae%c0%ae/package.json',
    '/login/assets../playground/index.html',
    '/login/assets..%2fplayground/index.html',
    '/login/assets%2f..%2f..%2fpackage.json',
    '/login/assets//etc/passwd',
    '/login/assets/%2fetc%2fpasswd',
    '/login/assets/file:///etc/passwd',
    '/login/assets/login.js%00.json',
    '/login/assets/login.js/',
    '/login/assets/LOGIN.JS',
    '/login/assets/.login.js.swp',
    '/login/assets/%00',
    '/login/assets/%ff',
    '/login/assets/',
    '/login/assets/__proto__',
    '/login/assets/constructor',
    '/login/../package.json',
    '/login/.git/config',
    '//login/assets/../../package.json',
    '/../../../../etc/passwd',
  ]) {
    it(`somebody asks for ${target}`, async () => {
      for (const [door, open] of ways) {
        const headers = [`Host: ${serverName}`, ...viaProxy, last];
        const answer = await talk(open(), requestBytes(`GET ${target} HTTP/1.1`, headers));
        assert.match(answer, /^HTTP\/1\.1 4\d\d /u, door);
        assert.doesNotMatch(answer, /root:|"dependencies"|\[core\]|<!doctype/iu, door);
      }
    });
  }
});

describe('to break what the bodies are read with', needsNginx, () => {
  const authenticate = (cookie: string, body: string) => {
    const headers = [`Host: ${serverName}`, json, `Origin: ${doors.origin}`, `Cookie: ${cookie}`];
    return talk(
      doors.bot(),
      requestBytes('POST /login/api/authenticate HTTP/1.1', [...headers, ...viaProxy, last], body),
    );
  };

  it('somebody sends the link, and the login, as a prototype', async () => {
    const headers = [`Host: ${serverName}`, json, `Origin: ${doors.origin}`, ...viaProxy, last];
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const body = `{"${key}":{"link":"${link}","prototype":{"link":"${link}"}}}`;
      const answer = await talk(doors.bot(), requestBytes('POST /login/api/open HTTP/1.1', headers, body));
      assert.deepEqual(statuses(answer), [400]);
    }
    assert.equal(Reflect.get({}, 'link'), undefined);
  });

  it('somebody names two logins: theirs, for which they have the cookie, and another', async () => {
    const browser = doors.rig.browserOver({ 'x-forwarded-proto': 'https' }, '127.0.0.1');
    const own = await issueLink(doors.rig.rig.sessions, bob);
    await browser.open(own.link);
    const other = link.slice(0, 36);
    const rest = '"secret":"plum","method":"token","token":"token-of-alice"';
    const answer = await authenticate(
      browser.cookie ?? '',
      `{"login":"${own.session}","login":"${other}",${rest}}`,
    );
    assert.match(answer, /^HTTP\/1\.1 403 [\s\S]*"code":"no-login"/u);
    const inherited = `{"__proto__":{"login":"${own.session}"},"login":"${other}",${rest}}`;
    assert.match(await authenticate(browser.cookie ?? '', inherited), /^HTTP\/1\.1 403 /u);
    assert.equal(doors.rig.server.heard.length, 0);
  });

  it('after all of it the link still opens, once', async () => {
    const answer = await talk(doors.front(), wellFormed());
    assert.match(answer, /^HTTP\/1\.1 200 /u);
    assert.match(await talk(doors.bot(), wellFormed()), /^HTTP\/1\.1 410 /u);
  });
});
