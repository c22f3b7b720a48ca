/**
 * Slack's Web API over a {@link SlackWorld}: tokens, scopes, arguments, limits and errors as strict as Slack's.
 * @module
 */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { Storm } from '../weather.ts';
import type { SlackWorld } from '../world.ts';
import type { Json, SlackApp, Token } from '../world-types.ts';
import { readArguments } from './arguments.ts';
import { type Answer, Call, type Method, SlackFault } from './call.ts';
import { authMethods } from './methods/auth.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationLists } from './methods/conversation-lists.ts';
import { conversationMethods } from './methods/conversations.ts';
import { fileMethods, Uploads } from './methods/files.ts';
import { peopleMethods } from './methods/people.ts';
import { viewMethods } from './methods/views.ts';

export interface WebApiHooks {
  /** Answers a fresh WebSocket URL for apps.connections.open. */
  readonly openConnection: (app: SlackApp) => string;
}

interface Outcome {
  readonly answer: Answer;
  readonly status: number;
  readonly retryAfter?: number;
}

type ApiContext = Context<{ Bindings: HttpBindings }>;

/** The app that serves `/api/<method>` and `/upload/v1/<id>`. */
export function webApi(world: SlackWorld, hooks: WebApiHooks): Hono<{ Bindings: HttpBindings }> {
  const uploads = new Uploads(world);
  const methods: Readonly<Record<string, Method>> = {
    ...authMethods(hooks.openConnection),
    ...chatMethods(),
    ...conversationMethods(),
    ...conversationLists(),
    ...peopleMethods(),
    ...viewMethods(),
    ...fileMethods(uploads),
  };
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.on(['GET', 'POST'], '/api/:method', (c) => serve(world, methods, c));
  app.post('/upload/v1/:id', async (c) => {
    const stored = await uploads.receive(c.req.param('id'), c.req.raw);
    return stored === undefined ? c.text('Not Found', 404) : c.text(`OK - ${stored}`);
  });
  return app;
}

async function serve(
  world: SlackWorld,
  methods: Readonly<Record<string, Method>>,
  c: ApiContext,
): Promise<Response> {
  const name = c.req.param('method') ?? '';
  const raw = await readArguments(c.req.raw);
  const { token: given, ...args } = raw ?? {};
  const bearer = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '')?.[1];
  const value = bearer ?? (typeof given === 'string' ? given : undefined);
  const token = value === undefined ? undefined : world.apps.tokens.get(value);
  const method = methods[name];

  const note = (outcome: Outcome, cut: boolean) => {
    world.calls.push({
      method: name,
      at: world.now(),
      token: value,
      app: token?.app,
      installation: token?.installation,
      args,
      httpStatus: outcome.status,
      answer: outcome.answer,
      cut,
    });
    world.core.touch();
  };

  const storm = world.weather.strike(name, args);
  const before = await strike(storm, 'before');
  if (before === 'cut') {
    note({ answer: {}, status: 0 }, true);
    return cut(c);
  }
  const work = (): Outcome | Promise<Outcome> => {
    if (raw === undefined) return fault(new SlackFault('invalid_form_data'));
    return perform(world, name, method, { value, token, args, origin: new URL(c.req.url).origin });
  };
  const outcome = before ?? (await work());
  if ((await strike(storm, 'after')) === 'cut') {
    note(outcome, true);
    return cut(c);
  }
  note(outcome, false);
  return respond(world, outcome, token, method);
}

interface Request {
  readonly value: string | undefined;
  readonly token: Token | undefined;
  readonly args: Json;
  readonly origin: string;
}

async function perform(
  world: SlackWorld,
  name: string,
  method: Method | undefined,
  request: Request,
): Promise<Outcome> {
  try {
    if (method === undefined) throw new SlackFault('unknown_method', { req_method: name });
    const token = authorized(world, request);
    if (!method.tokens.includes(token.kind)) throw new SlackFault('not_allowed_token_type');
    if (method.scopes.length > 0 && !method.scopes.some((scope) => token.scopes.has(scope)))
      throw new SlackFault('missing_scope', {
        needed: method.scopes.join(','),
        provided: [...token.scopes].join(','),
      });
    const [only, ...alternatives] = method.scopes;
    if (only !== undefined && alternatives.length === 0) world.useScope(token, only);
    for (const key of Object.keys(request.args))
      if (!method.known.has(key)) world.violate(name, 'unknown-argument', key);
    const answer = await method.run(new Call(world, name, token, request.args, request.origin));
    return { answer: { ok: true, ...answer }, status: 200 };
  } catch (error) {
    if (error instanceof SlackFault) return fault(error);
    throw error;
  }
}

function fault(error: SlackFault): Outcome {
  return {
    answer: { ok: false, error: error.code, ...error.extra },
    status: error.status,
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
  };
}

/** @throws SlackFault for a token that is missing, unknown, revoked, expired, or of an app that is gone. */
function authorized(world: SlackWorld, { value, token }: Request): Token {
  if (value === undefined || value === '') throw new SlackFault('not_authed');
  if (token === undefined || token.kind === 'refresh') throw new SlackFault('invalid_auth');
  if (token.state === 'inactive') throw new SlackFault('account_inactive');
  if (token.state === 'revoked') throw new SlackFault('token_revoked');
  if (token.expiresAt !== undefined && world.now() >= token.expiresAt) throw new SlackFault('token_expired');
  return token;
}

/** What a rule does at one side of the work: an outcome instead of it, a cut, or nothing once it is released. */
async function strike(
  storm: Storm | undefined,
  side: 'before' | 'after',
): Promise<Outcome | 'cut' | undefined> {
  if (storm === undefined) return undefined;
  const { blow } = storm;
  if ('hold' in blow && blow.hold === side) await storm.held;
  if ('cut' in blow && blow.cut === side) return 'cut';
  if (side === 'after') return undefined;
  if ('error' in blow) return fault(new SlackFault(blow.error, blow.extra));
  if (!('status' in blow)) return undefined;
  const { status, retryAfter } = blow;
  const answer: Json =
    status === 429 ? { ok: false, error: 'ratelimited' } : { body: blow.body ?? 'Server Error' };
  return { answer, status, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function cut(c: ApiContext): Response {
  c.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function respond(
  world: SlackWorld,
  outcome: Outcome,
  token: Token | undefined,
  method: Method | undefined,
): Response {
  const { answer, status, retryAfter } = outcome;
  const isJson = typeof answer['ok'] === 'boolean';
  return new Response(isJson ? JSON.stringify(answer) : String(answer['body']), {
    status,
    headers: {
      'content-type': isJson ? 'application/json; charset=utf-8' : 'text/html',
      'x-slack-req-id': world.core.word(),
      ...(token === undefined ? {} : { 'x-oauth-scopes': [...token.scopes].join(',') }),
      ...(method === undefined ? {} : { 'x-accepted-oauth-scopes': method.scopes.join(',') }),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
  });
}
