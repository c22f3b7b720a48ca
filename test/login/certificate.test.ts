import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emailsOf, readCertificate } from '../../src/login/certificate.ts';
import type { CertificateOptions } from '../../src/login/certificate-check.ts';
import { makeAuthority, type Subject } from '../support/certificates.ts';
import { alicePassword, LoginRig } from '../support/login-rig.ts';
import { alice, issueLink } from '../support/sessions.ts';

const authority = makeAuthority();
const secret = 'x'.repeat(32);
const proxy = '10.0.0.5';
const overTls = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.9' };

function headersOf(subject: Subject) {
  return {
    'x-ssl-client-verify': 'SUCCESS',
    'x-ssl-client-cert': encodeURIComponent(authority.issue(subject).cert),
  };
}
const ofAlice = headersOf({ commonName: 'alice', subjectAltName: 'email:Alice@Example.COM,DNS:a.example' });
const ofBob = headersOf({ commonName: 'bob', subjectAltName: 'email:bob@example.com' });

function read(headers: Readonly<Record<string, string>>, now = Date.now()) {
  const { 'x-ssl-client-verify': verify, 'x-ssl-client-cert': certificate } = headers;
  return readCertificate({ verify, certificate }, now);
}

describe('what a certificate says', () => {
  it('is its addresses and its one common name', () => {
    assert.deepEqual(read(ofAlice), { emails: ['Alice@Example.COM'], commonName: 'alice' });
    assert.deepEqual(read(headersOf({ commonName: 'carol' })), { emails: [], commonName: 'carol' });
    const two = headersOf({
      commonName: 'alice/CN=bob',
      subjectAltName: 'email:a@b.example,email:c@d.example',
    });
    assert.deepEqual(read(two), { emails: ['a@b.example', 'c@d.example'] });
    const legacy = headersOf({ commonName: 'x/emailAddress=victim@example.com' });
    assert.deepEqual(read(legacy), { emails: [], commonName: 'x' });
  });

  it('is never what a value only looks like', () => {
    const odd = [
      'email.1="a@example.com, email:victim@example.com"',
      'email.2="a@example.com\\", email:victim@example.com"',
      'email.3=good@example.com',
      'URI.1="https://x.example/?a, email:victim@example.com"',
      'DNS.1="x, email:victim@example.com"',
      'otherName.1=1.3.6.1.5.5.7.8.9;UTF8:x, email:victim@example.com',
      'dirName.1=folder',
      '[folder]',
      'CN="x, email:victim@example.com"',
    ].join('\n');
    const person = read(headersOf({ commonName: 'alice, CN: bob', subjectAltName: `@alt\n[alt]\n${odd}` }));
    assert.deepEqual(person, { emails: ['good@example.com'], commonName: 'alice, CN: bob' });
    assert.deepEqual(emailsOf('email:a@b.example, nonsense'), undefined);
    assert.deepEqual(emailsOf('email:"a@b.example'), undefined);
    assert.deepEqual(emailsOf('email:a@b@c.example, email:@x, email:a b@c.example'), []);
  });

  it('counts only where the proxy has verified it, it is in time, and it is one certificate', () => {
    const { 'x-ssl-client-cert': certificate } = ofAlice;
    for (const verify of ['NONE', 'FAILED:certificate has expired', 'success', 'SUCCESS, SUCCESS', '']) {
      assert.equal(read({ ...ofAlice, 'x-ssl-client-verify': verify }), undefined, verify);
    }
    const day = 86_400_000;
    assert.equal(read(ofAlice, Date.now() + 2 * day), undefined);
    assert.equal(read(ofAlice, Date.now() - 2 * day), undefined);
    const pem = decodeURIComponent(certificate);
    for (const text of ['', '%', 'garbage', '%E0%A4%A', encodeURIComponent(pem + pem), pem.slice(0, 200)]) {
      assert.equal(read({ ...ofAlice, 'x-ssl-client-cert': text }), undefined, text.slice(0, 20));
    }
    const begun = encodeURIComponent(pem.replace(/[A-Za-z]{40}/, 'A'.repeat(40)));
    assert.equal(read({ ...ofAlice, 'x-ssl-client-cert': begun }), undefined);
    assert.equal(read({ ...ofAlice, 'x-ssl-client-cert': certificate + '%20'.repeat(4_000) }), undefined);
  });
});

describe('a login that is bound to a certificate', () => {
  const byEmail = { required: true, match: 'email', idAlone: true, proxySecret: secret } as const;
  const create = (certificates: Partial<CertificateOptions> = {}) =>
    LoginRig.create({
      publicUrl: 'https://chat.example.com',
      trustedProxies: [proxy],
      certificates: { ...byEmail, ...certificates },
    });
  const trusted = { ...overTls, 'x-proxy-secret': secret };

  it('is its person’s: nobody else opens the link, burns it, or learns whose it is', async () => {
    await using rig = await create();
    const { link, session } = await issueLink(rig.rig.sessions);
    const bob = rig.browserOver({ ...trusted, ...ofBob }, proxy);
    const wrongKey = `${link.slice(0, -2)}AA`;
    assert.equal((await bob.open(wrongKey)).code, 'link-unknown');
    for (let time = 0; time < 3; time++) {
      const refused = await bob.open(link);
      assert.deepEqual([refused.status, refused.code], [403, 'certificate-mismatch']);
      assert.doesNotMatch(JSON.stringify(refused.body), /alice/);
      assert.equal(refused.headers.get('set-cookie'), null);
    }
    assert.equal(
      rig.rig.audit.codes.filter((code) => code === 'login.refused certificate-mismatch').length,
      3,
    );
    assert.deepEqual(
      rig.rig.refused.map(({ user, reason, session: id }) => [user, reason, id]),
      [[alice, 'certificate-mismatch', session]],
    );

    const own = rig.browserOver({ ...trusted, ...ofAlice }, proxy);
    assert.equal((await own.open(link)).code, 'ok');
    assert.equal((await bob.open(link)).code, 'link-used');

    // The login's cookie, with another certificate.
    bob.cookie = own.cookie;
    bob.login = own.login;
    assert.equal((await bob.current()).code, 'certificate-mismatch');
    assert.equal((await bob.authenticate(alicePassword)).code, 'certificate-mismatch');
    assert.deepEqual(rig.server.heard, []);
    assert.equal(rig.rig.refused.length, 1);
    assert.equal((await own.current()).body['attemptsLeft'], 5);
    assert.equal((await own.authenticate(alicePassword)).code, 'ok');
  });

  it('believes nobody but its proxy', async () => {
    await using rig = await create();
    const { link } = await issueLink(rig.rig.sessions);
    for (const [headers, from] of [
      [{ ...overTls, ...ofAlice }, proxy],
      [{ ...overTls, ...ofAlice, 'x-proxy-secret': 'y'.repeat(32) }, proxy],
      [{ ...overTls, ...ofAlice, 'x-proxy-secret': `${secret}, ${secret}` }, proxy],
      [{ ...overTls, ...ofAlice, 'x-proxy-secret': '' }, proxy],
      [trusted, proxy],
      [{ ...trusted, ...ofAlice, 'x-ssl-client-verify': 'FAILED:expired' }, proxy],
      [{ ...trusted, ...ofAlice, 'x-ssl-client-cert': 'garbage' }, proxy],
    ] as const) {
      const answer = await rig.browserOver(headers, from).open(link);
      assert.deepEqual([answer.status, answer.code], [403, 'certificate-required']);
    }
    assert.deepEqual(rig.rig.refused, []);
    // Any process of the machine, with the secret even.
    await using plain = await LoginRig.create({ trustedProxies: [proxy], certificates: byEmail });
    const own = await issueLink(plain.rig.sessions);
    const local = plain.browserOver({ ...ofAlice, 'x-proxy-secret': secret }, '127.0.0.1');
    assert.equal((await local.open(own.link)).code, 'certificate-required');
  });

  it('lets nobody in while the chat does not say whose it is', async () => {
    await using rig = await create();
    const { link } = await issueLink(rig.rig.sessions);
    const own = rig.browserOver({ ...trusted, ...ofAlice }, proxy);
    rig.profiles.isDown = true;
    const answer = await own.open(link);
    assert.deepEqual([answer.status, answer.code], [503, 'login-unavailable']);
    rig.profiles.isDown = false;
    assert.equal((await own.open(link)).code, 'ok');
  });

  it('where none is required, binds those who show one', async () => {
    await using rig = await create({ required: false });
    const { link } = await issueLink(rig.rig.sessions);
    const opening = (headers: Readonly<Record<string, string>>) =>
      rig.browserOver({ ...trusted, ...headers }, proxy).open(link);
    assert.equal((await opening(ofBob)).code, 'certificate-mismatch');
    assert.equal((await opening({ ...ofAlice, 'x-ssl-client-cert': 'x' })).code, 'certificate-required');
    assert.equal((await opening({ 'x-ssl-client-verify': 'NONE' })).code, 'ok');
  });

  it('is not of an address that only looks the same in small letters', async () => {
    await using rig = await create();
    rig.profiles.email = '\u212aelly@example.com';
    const { link } = await issueLink(rig.rig.sessions);
    const kelly = headersOf({ commonName: 'kelly', subjectAltName: 'email:kelly@example.com' });
    const answer = await rig.browserOver({ ...trusted, ...kelly }, proxy).open(link);
    assert.equal(answer.code, 'certificate-mismatch');
  });

  it('by common name is the chat user’s id or key, by map what the map says', async () => {
    const map = {
      'email:KELLY@example.com': 'playground:demo:alice',
      'cn:bob': 'playground:demo:bob',
      'cn:toString': 'playground:demo:alice',
    };
    const kelvin = '\u212aelly@example.com';
    for (const [certificates, subject, code] of [
      [{ match: 'cn' }, { commonName: 'alice' }, 'ok'],
      [{ match: 'cn' }, { commonName: 'Alice' }, 'certificate-mismatch'],
      [{ match: 'cn' }, { commonName: 'alice/CN=alice' }, 'certificate-mismatch'],
      [{ match: 'cn', idAlone: false }, { commonName: 'alice' }, 'certificate-mismatch'],
      [{ match: 'cn', idAlone: false }, { commonName: 'playground:demo:alice' }, 'ok'],
      [
        { match: 'cn' },
        { commonName: 'x', subjectAltName: 'email:alice@example.com' },
        'certificate-mismatch',
      ],
      [{ match: { map } }, { commonName: 'x', subjectAltName: 'email:kelly@Example.com' }, 'ok'],
      [{ match: { map } }, { commonName: kelvin }, 'certificate-mismatch'],
      [
        { match: { map } },
        { commonName: 'bob', subjectAltName: 'email:kelly@example.com' },
        'certificate-mismatch',
      ],
      [{ match: { map } }, { commonName: 'constructor' }, 'certificate-mismatch'],
      [{}, { commonName: 'alice' }, 'certificate-mismatch'],
    ] as const) {
      await using rig = await create(certificates);
      const { link } = await issueLink(rig.rig.sessions);
      const answer = await rig.browserOver({ ...trusted, ...headersOf(subject) }, proxy).open(link);
      assert.equal(answer.code, code, JSON.stringify([certificates, subject]));
    }
  });
});
