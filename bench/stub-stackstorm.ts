/**
 * A StackStorm that only takes requests as fast as Node's own server can, in a process of its own: it notes when each
 * POST arrived and answers at once. It is asked over IPC; `announce` writes a frame to every open stream.
 */
import { createServer, type ServerResponse } from 'node:http';
import { microseconds } from './measure.ts';
import type { Ask, Told } from './stub.ts';

const arrivals = new Map<string, number>();
const streams = new Set<ServerResponse>();
let aliases: unknown[] = [];
let executions = 0;
let inFlight = 0;
let mostInFlight = 0;
let holdNext = false;
let answerAfter = 0;
const running: Running[] = [];
const ended: Running[] = [];

/** An execution of ours, and the context that its announcement brings back. */
interface Running {
  readonly id: string;
  readonly context: unknown;
}

const server = createServer((request, response) => {
  const at = microseconds();
  const path = (request.url ?? '').replace(/\?.*$/u, '');
  if (path.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=UTF-8' }).write('\n');
    streams.add(response);
    request.on('close', () => streams.delete(response));
    return;
  }
  inFlight += 1;
  mostInFlight = Math.max(mostInFlight, inFlight);
  response.on('close', () => {
    inFlight -= 1;
  });
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    if (path.endsWith('/aliasexecution')) {
      const { command, name }: { command: string; name: string } = JSON.parse(body);
      if (!arrivals.has(command)) arrivals.set(command, at);
      if (holdNext) {
        tell({ kind: 'arrived', command });
        return;
      }
      executions += 1;
      const id = executions.toString(16).padStart(24, '0');
      const alias = {
        id: 'a',
        name,
        ref: `bench.${name}`,
        pack: 'bench',
        enabled: true,
        action_ref: 'bench.run',
        formats: [],
        ack: {},
        result: {},
      };
      const { source_context: context }: { source_context: unknown } = JSON.parse(body);
      const liveaction = { notify: { 'on-complete': { data: { source_context: context } } } };
      running.push({ id, context });
      const accepted = {
        execution: { id, status: 'requested', liveaction, web_url: '' },
        actionalias: alias,
      };
      if (answerAfter === 0) json(response, 201, accepted);
      else setTimeout(() => json(response, 201, accepted), answerAfter);
    } else if (path.endsWith('/tokens'))
      json(response, 401, { faultstring: 'Invalid or missing credentials' });
    else if (path.endsWith('/user')) json(response, 200, { username: 'bench', authentication: {} });
    else if (path.endsWith('/actionalias')) page(request.url ?? '', response);
    else if (path.includes('/executions/')) {
      json(response, 200, { id: path.slice(path.lastIndexOf('/') + 1), status: 'running' });
    } else if (path.endsWith('/rules')) json(response, 200, [notifyRule]);
    else json(response, 200, []);
  });
});

/** As the chatops pack's: without it the bot awaits no announcement. */
const notifyRule = {
  ref: 'chatops.notify-errbot',
  enabled: true,
  trigger: { type: 'core.st2.generic.notifytrigger' },
  criteria: { 'trigger.route': { type: 'equals', pattern: 'errbot' } },
};

function page(url: string, response: ServerResponse): void {
  const query = new URL(url, 'http://stub').searchParams;
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? 100);
  response.setHeader('x-total-count', String(aliases.length));
  json(response, 200, aliases.slice(offset, offset + limit));
}

function announce(event: string, payload: Readonly<Record<string, unknown>>): void {
  frame(event, { payload: { ...payload, message: String(microseconds()) }, trace_context: null });
}

function frame(event: string, data: unknown): void {
  const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  for (const stream of streams) stream.write(text);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function tell(told: Told): void {
  process.send?.(told);
}

process.on('message', (ask: Ask) => {
  switch (ask.kind) {
    case 'aliases':
      aliases = [...ask.aliases];
      return tell({ kind: 'done' });
    case 'forget':
      arrivals.clear();
      mostInFlight = 0;
      return tell({ kind: 'done' });
    case 'arrivals':
      return tell({ kind: 'arrivals', arrivals: [...arrivals], mostInFlight });
    case 'hold':
      holdNext = true;
      return tell({ kind: 'done' });
    case 'announce': {
      announce(ask.event, ask.payload);
      return tell({ kind: 'done' });
    }
    case 'answer-after':
      answerAfter = ask.ms;
      return tell({ kind: 'done' });
    case 'end-executions':
      for (const execution of running.splice(0)) {
        frame('st2.execution__update', { id: execution.id, status: 'succeeded', result: 'done' });
        ended.push(execution);
      }
      return tell({ kind: 'done' });
    case 'announce-result': {
      const context = ended.shift()?.context;
      announce('st2.announcement__errbot', {
        user: 'alice',
        channel: 'C1',
        whisper: false,
        context,
        extra: {},
      });
      return tell({ kind: 'done' });
    }
    case 'streams':
      return tell({ kind: 'streams', count: streams.size });
  }
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  tell({ kind: 'listening', url: `http://127.0.0.1:${address.port}` });
});
