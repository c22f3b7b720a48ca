import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { probeAuth } from '../../src/stackstorm/probe.ts';
import type { StackStorm } from '../../src/stackstorm/stackstorm.ts';
import {
  actionAlias,
  aliasExecutionAnswer,
  announcement,
  execution,
  inquiry,
  stackstormUser,
  token,
} from '../../src/stackstorm/wire.ts';
import { openapiCheck } from '../support/openapi.ts';
import { json, type Script, startScripted } from '../support/scripted-server.ts';
import { needsShared, readSharedJson, readSharedText, sharedUrl } from '../support/shared.ts';

const credential = { kind: 'token', token: 'f00dfeedf00dfeedf00dfeedf00dfeed' } as const;
const apiKey = { kind: 'apiKey', apiKey: 'key' } as const;
const capture = z.object({
  request: z.object({ method: z.string(), path: z.string() }),
  response: z.object({ status: z.number(), rawBody: z.string().optional(), body: z.unknown() }),
});
const run = {
  name: 'run_local',
  format: 'run {{cmd}}',
  command: 'run uptime',
  user: 'U024BE7LH',
  source_channel: 'C2147483705',
  source_context: { correlation: 'abc' },
  notification_route: 'errbot',
};

/** Answers that let every method of the client go through to its end. */
const answers: Script = ({ path, method }, response) => {
  const alias = { id: 'i', name: 'n', ref: 'p.n', pack: 'p', enabled: true, action_ref: 'a.b', formats: [] };
  const one = { id: 'e1', status: 'succeeded' };
  if (path.endsWith('/tokens')) json(response, 201, { user: 'a', token: 't', expiry: 'x' });
  else if (path.endsWith('/validate')) json(response, 200, { valid: true });
  else if (path.endsWith('/user')) json(response, 200, { username: 'a', authentication: {} });
  else if (path.endsWith('/actionalias')) json(response, 200, [alias], { 'x-total-count': '1' });
  else if (path.endsWith('/aliasexecution')) json(response, 201, { execution: one, actionalias: alias });
  else if (path.endsWith('/executions')) json(response, 200, [one], { 'x-total-count': '1' });
  else if (path.endsWith('/output')) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=UTF-8' });
    response.end(' 16:10:51 up 46 min\n');
  } else if (path.includes('/executions/')) json(response, 200, method === 'DELETE' ? { ...one, x: 1 } : one);
  else if (path.includes('/actions/')) json(response, 200, { ref: 'core.local', parameters: {} });
  else if (path.includes('/inquiries/')) json(response, 200, { id: 'e1', schema: {} });
  else if (path.endsWith('/rules')) json(response, 200, [], { 'x-total-count': '500' });
  else if (path.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('\n');
  } else json(response, 200, []);
};

describe('what we ask', () => {
  it("is valid by StackStorm's openapi.yaml, every call of the client", needsShared, async () => {
    const check = openapiCheck();
    await using server = await startScripted(answers);
    const stackstorm = createStackStorm({ url: server.url });
    const service = { username: 'svc', password: 'p' };
    const calls: Record<Exclude<keyof StackStorm, 'close' | 'stream'>, () => Promise<unknown>> = {
      createToken: () => stackstorm.createToken('a', 'b', 60).then(() => stackstorm.createToken('a', 'b')),
      createTokenFor: async () => {
        await stackstorm.createTokenFor(service, { user: 'alice' }, 60);
        await stackstorm.createTokenFor(service, { impersonate_user: 'nick', nickname_origin: 'slack' });
      },
      validateToken: () => stackstorm.validateToken(credential, 'other'),
      user: () => stackstorm.user(apiKey),
      aliases: () => stackstorm.aliases(credential),
      action: () => stackstorm.action(credential, 'core.local'),
      actionParameters: () => stackstorm.actionParameters(credential, 'core.local'),
      runAlias: () => stackstorm.runAlias(credential, run),
      execution: () => stackstorm.execution(credential, '6b03140a1a5d216f5746d3c1'),
      executionsOf: () => stackstorm.executionsOf(credential, 'core.local', Date.now()),
      tasksOf: () => stackstorm.tasksOf(credential, '6b03140a1a5d216f5746d3c1'),
      cancelExecution: () => stackstorm.cancelExecution(credential, '6b03140a1a5d216f5746d3c1'),
      rerun: () => stackstorm.rerun(credential, '6b03140a1a5d216f5746d3c1'),
      output: () => stackstorm.output(credential, '6b03140a1a5d216f5746d3c1'),
      inquiries: () => stackstorm.inquiries(credential),
      inquiry: () => stackstorm.inquiry(credential, '6b03140b1a5d216f5746d43d'),
      respond: () => stackstorm.respond(credential, '6b03140b1a5d216f5746d43d', { approve: true }),
      rules: () => stackstorm.rules(credential),
    };
    for (const call of Object.values(calls)) await call();
    await stackstorm.latestExecution(credential);
    await probeAuth(stackstorm);
    const signal = new AbortController().signal;
    for await (const event of stackstorm.stream(apiKey, { events: ['st2.x__y'], signal, idleMs: 5_000 })) {
      assert.fail(event.name);
    }
    await stackstorm.close();
    assert.equal(server.heard.length, 25);
    for (const request of server.heard) {
      assert.deepEqual(check(request), [], `${request.method} ${request.target}`);
    }
    // FACTS.md, Alias execution: these keys, and any other is a 400.
    const posted = server.heard.find(({ path }) => path.endsWith('/aliasexecution'));
    assert.deepEqual(Object.keys(JSON.parse(posted?.body ?? '')).sort(), Object.keys(run).sort());
  });

  it('the check sees what is wrong', needsShared, () => {
    const check = openapiCheck();
    const good = {
      method: 'GET',
      target: '',
      path: '/api/v1/executions',
      body: '',
      headers: { 'x-auth-token': 't' },
    };
    const asked = (over: Partial<Parameters<typeof check>[0]>) =>
      check({ ...good, query: new URLSearchParams(), ...over });
    assert.deepEqual(asked({}), []);
    for (const wrong of [
      { path: '/v1/executions' },
      { method: 'PATCH' },
      { query: new URLSearchParams('limit=all') },
      { query: new URLSearchParams('timestamp_gt=yesterday') },
      { query: new URLSearchParams('color=red') },
      { headers: {} },
      { headers: { 'x-auth-token': 't', 'st2-api-key': 'k' } },
      { body: '{}' },
      {
        method: 'POST',
        path: '/auth/v1/tokens',
        headers: { 'content-type': 'application/json' },
        body: '{"ttl":"60"}',
      },
      {
        method: 'POST',
        path: '/auth/v1/tokens',
        headers: { 'content-type': 'application/json' },
        body: '{"ttl":0}',
      },
      { method: 'POST', path: '/auth/v1/tokens', headers: { 'content-type': 'text/plain' }, body: '{}' },
    ]) {
      assert.equal(asked(wrong).length > 0, true, JSON.stringify(wrong));
    }
  });
});

describe('what StackStorm answers', () => {
  const shapes: readonly (readonly [string, RegExp, z.ZodType])[] = [
    ['POST', /^(\/auth)?(\/v1)?\/tokens\/?$/, token],
    ['POST', /^\/v1\/tokens\/validate/, z.object({ valid: z.boolean() })],
    ['GET', /^(\/api)?(\/v1)?\/user(\?|$)/, stackstormUser],
    ['GET', /^\/v1\/actionalias(\?(?!.*clude_attributes).*)?$/, z.array(actionAlias)],
    ['GET', /^\/v1\/actionalias\/(?!help)/, actionAlias],
    ['POST', /^\/v1\/aliasexecution$/, aliasExecutionAnswer],
    [
      'POST',
      /^\/v1\/aliasexecution\/match_and_execute$/,
      z.object({ results: z.array(aliasExecutionAnswer) }),
    ],
    ['GET', /^\/v1\/executions\/[0-9a-f]{24}(\?|$)/, execution],
    ['DELETE', /^\/v1\/executions\/[0-9a-f]{24}$/, execution],
    ['GET', /^\/v1\/executions(\?|$)/, z.array(execution)],
    ['GET', /^\/v1\/inquiries(\?|$)/, z.array(inquiry)],
    ['GET', /^\/v1\/inquiries\/[0-9a-f]{24}$/, inquiry],
  ];

  it('parses: every 2xx capture of the endpoints that we call', needsShared, (t) => {
    const read = new Map<string, number>();
    for (const file of readdirSync(sharedUrl('stackstorm/wire/'))) {
      const parsed = file.endsWith('.json')
        ? capture.safeParse(readSharedJson(`stackstorm/wire/${file}`))
        : undefined;
      if (parsed?.success !== true) continue;
      const { request, response } = parsed.data;
      if (response.status >= 300) continue;
      if (typeof response.body === 'object' && response.body !== null && 'faultstring' in response.body)
        continue;
      const shape = shapes.find(([method, path]) => method === request.method && path.test(request.path));
      if (shape === undefined) continue;
      const result = shape[2].safeParse(response.body);
      assert.ok(result.success, `${file}: ${result.error?.message}`);
      const key = `${shape[0]} ${shape[1].source}`;
      read.set(key, (read.get(key) ?? 0) + 1);
    }
    for (const [method, path] of shapes)
      assert.ok(read.has(`${method} ${path.source}`), `${method} ${path.source}`);
    t.diagnostic(`${[...read.values()].reduce((sum, n) => sum + n, 0)} captures parsed`);
  });

  it('parses: the executions of each runner, and every announcement of the streams', needsShared, () => {
    for (const file of readdirSync(sharedUrl('stackstorm/executions/'))) {
      assert.ok(execution.safeParse(readSharedJson(`stackstorm/executions/${file}`)).success, file);
    }
    let announcements = 0;
    for (const file of readdirSync(sharedUrl('stackstorm/wire/')).filter((name) =>
      /^stream.*raw\.txt$/.test(name),
    )) {
      const text = readSharedText(`stackstorm/wire/${file}`);
      for (const [, event, data] of text.matchAll(/^event: (st2\.\S+)\r?\ndata: (.*)$/gm)) {
        // A frame that the server's chunking cut has a chunk's size in its middle.
        if (data === undefined || !data.endsWith('}')) continue;
        const schema = event?.startsWith('st2.announcement__')
          ? announcement
          : event?.includes('execution__')
            ? execution
            : undefined;
        if (schema === undefined) continue;
        const result = schema.safeParse(JSON.parse(data));
        assert.ok(result.success, `${file} ${event}: ${result.error?.message}`);
        announcements += 1;
      }
    }
    assert.ok(announcements > 50, `${announcements}`);
  });
});
