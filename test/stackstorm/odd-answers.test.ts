import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { json, startRaw, startScripted } from '../support/scripted-server.ts';
import { everythingOf, stackStormError } from '../support/stackstorm-error.ts';
import { answering, bytes, credential, holdsNoSecret, secretToken } from '../support/stackstorm-failures.ts';

const html = '<html><head><title>502 Bad Gateway</title></head></html>';

describe('what StackStorm refuses', () => {
  for (const [status, code] of [
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [409, 'rejected'],
    [500, 'server-error'],
  ] as const) {
    it(`${status} is ${code}, with the first line of its faultstring`, async () => {
      const faultstring = `No, because.\n\nFailed validating 'type' in schema:\n {${'x'.repeat(5000)}}`;
      const { get, post } = await answering((_request, response) => json(response, status, { faultstring }));
      for (const error of [get, post]) {
        assert.equal(error.code, code);
        assert.equal(error.status, status);
        assert.equal(error.faultstring, 'No, because.');
        assert.ok(
          !everythingOf(error).includes('No, because'),
          'a faultstring is for the person, not for logs',
        );
      }
      assert.equal(get.mayHaveHappened, false);
      assert.equal(post.mayHaveHappened, status === 500, 'R6: a 500 may come after the execution started');
    });
  }

  it('a 200 with a faultstring is rejected', async () => {
    const faultstring = 'Action cannot be canceled. State = succeeded.';
    await using server = await startScripted((_request, response) => json(response, 200, { faultstring }));
    const stackstorm = createStackStorm({ url: server.url });
    const error = await stackStormError(stackstorm.cancelExecution(credential, '6b03140a1a5d216f5746d3c1'));
    await stackstorm.close();
    assert.equal(error.code, 'rejected');
    assert.equal(error.faultstring, faultstring);
    assert.equal(error.mayHaveHappened, false);
    assert.equal(server.heard[0]?.method, 'DELETE');
  });

  it('an execution id never leaves its place in the path', async () => {
    await using server = await startScripted((_request, response) => json(response, 200, {}));
    const stackstorm = createStackStorm({ url: server.url });
    await stackstorm.cancelExecution(credential, '../rules/x?y#z');
    await stackstorm.close();
    assert.equal(server.heard[0]?.target, '/api/v1/executions/..%2Frules%2Fx%3Fy%23z');
  });
});

describe('what is no answer of StackStorm', () => {
  it('nginx without its backend: 503, two content types, a faultstring of nginx', async () => {
    const body = '{ "faultstring": "Nginx is unable to reach st2api. Make sure service is running." }';
    const { get, post } = await bytes(
      'HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: nginx\r\nContent-Type: application/octet-stream\r\n' +
        `Content-Length: ${body.length}\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n${body}`,
    );
    assert.equal(get.code, 'unreachable');
    assert.equal(get.status, 503);
    assert.equal(post.code, 'unreachable');
    assert.equal(post.mayHaveHappened, true, 'the backend may have gone down in the middle');
  });

  for (const [status, uncertain] of [
    [200, true],
    [302, false],
    [401, false],
    [404, false],
    [413, false],
    [502, true],
    [504, true],
  ] as const) {
    it(`HTML with ${status} is unreachable${uncertain ? ', and a POST may have happened' : ''}`, async () => {
      const { get, post } = await answering((_request, response) => {
        response
          .writeHead(status, { 'content-type': 'text/html', location: 'https://sso.example/' })
          .end(html);
      });
      assert.equal(get.code, 'unreachable');
      assert.equal(get.status, status);
      assert.equal(post.code, 'unreachable');
      assert.equal(post.mayHaveHappened, uncertain);
    });
  }

  it("a gateway's own JSON 401 is no word of StackStorm: no session ends by it", async () => {
    const { get } = await answering((_request, response) => json(response, 401, { message: 'Unauthorized' }));
    assert.equal(get.code, 'unreachable');
  });

  it('JSON outside of the contract is unexpected-answer, and names places, not values', async () => {
    const { get, post } = await answering((_request, response) =>
      json(response, 201, { username: 5, execution: { id: secretToken }, actionalias: secretToken }),
    );
    assert.equal(get.code, 'unexpected-answer');
    assert.equal(post.code, 'unexpected-answer');
    assert.equal(post.mayHaveHappened, true);
    assert.match(String(post.cause), /execution\.status: invalid_type/);
  });

  it('an empty 200 is unexpected-answer', async () => {
    const { get } = await answering((_request, response) => response.writeHead(200).end());
    assert.equal(get.code, 'unexpected-answer');
  });

  it('JSON cut in the middle, under each kind of framing', async () => {
    const head = 'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n';
    const cookie = `Set-Cookie: auth-token=${secretToken}; secure\r\n`;
    for (const framing of [
      `Content-Length: 999\r\n\r\n{"execution":{"id":"${secretToken}`,
      `Transfer-Encoding: chunked\r\n\r\n1f4\r\n{"execution":{"id":"${secretToken}`,
      `\r\n{"execution":{"id":"${secretToken}`,
    ]) {
      for (const how of ['end', 'cut'] as const) {
        const { get, post } = await bytes(head + cookie + framing, how);
        assert.equal(get.code, 'unreachable');
        assert.equal(post.code, 'unreachable');
        assert.equal(post.mayHaveHappened, true);
      }
    }
  });

  it('no HTTP at all, and headers that go wrong after the token was echoed', async () => {
    for (const text of [
      `SSH-2.0-OpenSSH ${secretToken}\r\n`,
      `HTTP/1.1 200 OK\r\nSet-Cookie: auth-token=${secretToken}\r\nContent-Length: x${secretToken}\r\n\r\n`,
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${secretToken}\r\n${secretToken}`,
    ]) {
      const { get, post } = await bytes(text);
      assert.equal(get.code, 'unreachable');
      assert.equal(post.mayHaveHappened, true);
    }
  });

  it('an answer over the limit is given up, and its connection with it', async () => {
    const { get, post } = await answering(
      (_request, response) => json(response, 200, { padding: 'x'.repeat(200_000) }),
      { maxAnswerBytes: 100_000 },
    );
    assert.equal(get.code, 'unexpected-answer');
    assert.equal(post.mayHaveHappened, true);
    assert.match(String(get.cause), /longer than 100000 bytes/);
  });
});

describe('the token in answers', () => {
  it('is in no error and reaches nobody: Set-Cookie echoes it on every answer', async () => {
    const { get, post } = await answering((_request, response) =>
      json(
        response,
        400,
        { faultstring: 'no' },
        { 'set-cookie': `auth-token=${secretToken}; secure; HttpOnly` },
      ),
    );
    assert.equal(get.code, 'rejected');
    assert.equal(post.code, 'rejected');
  });

  it('nor is the password of a login, whatever becomes of it', async () => {
    for (const text of [
      '',
      'HTTP/1.1 500 X\r\n\r\nBasic YWxpY2U6aHVudGVyMg==',
      'HTTP/1.1 201 X\r\nContent-Length: 9\r\n\r\n{',
    ]) {
      await using server = await startRaw((socket) => socket.end(text));
      const stackstorm = createStackStorm({ url: server.url });
      holdsNoSecret(await stackStormError(stackstorm.createToken('alice', 'hunter2')));
      await stackstorm.close();
    }
  });
});
