import type { Socket } from 'node:net';
import { authenticated } from './authenticate.ts';
import type { BusEvent } from './event-bus.ts';
import { isJsonObject } from './json.ts';
import {
  createServiceApp,
  type ServiceApp,
  type ServiceContext,
  type ServiceOptions,
} from './service-app.ts';
import type { StackStormState } from './state.ts';

/** What comes where `events=` names nothing. Source: st2stream/controllers/v1/stream.py. */
const defaultEvents = [
  'st2.announcement__*',
  'st2.execution__create',
  'st2.execution__update',
  'st2.execution__delete',
  'st2.liveaction__create',
  'st2.liveaction__update',
  'st2.liveaction__delete',
];

/** st2stream: server-sent events without ids, without replay, without comments. */
export function createStreamApp(state: StackStormState, options: ServiceOptions): ServiceApp {
  const app = createServiceApp('stream', state, options);

  app.get('/stream', authenticated(state), (c) => {
    state.accounts.assertMay(c.get('identity').user, 'stream_view');
    if (options.prefixes.length > 0) delimitByClose(c);
    c.header('X-Accel-Buffering', 'no');
    c.header('Cache-Control', 'no-cache');
    return c.body(openStream(state, filterOf(c), c.env?.incoming?.socket), 200, {
      'content-type': 'text/event-stream; charset=UTF-8',
    });
  });
  return app;
}

/** nginx passes the stream on in HTTP/1.0's way: no chunks, ended by the close of the connection. */
function delimitByClose(c: ServiceContext): void {
  const outgoing = c.env?.outgoing;
  if (outgoing === undefined || !('removeHeader' in outgoing) || 'stream' in outgoing) return;
  outgoing.removeHeader('Transfer-Encoding');
  outgoing.shouldKeepAlive = false;
  c.header('Connection', 'close');
}

interface StreamFilter {
  passes(event: BusEvent): boolean;
  /** True for the event after which the stream ends. */
  isLast(event: BusEvent): boolean;
}

function filterOf(c: ServiceContext): StreamFilter {
  const { events, action_refs: actionRefs, execution_ids: executionIds } = c.req.query();
  const { end_event: endEvent, end_execution_id: endExecution } = c.req.query();
  const globs = (events ? events.split(',') : defaultEvents).map(globPattern);
  const refs = actionRefs ? new Set(actionRefs.split(',')) : null;
  const ids = executionIds ? new Set(executionIds.split(',')) : null;
  return {
    passes: (event) =>
      globs.some((glob) => glob.test(event.name)) &&
      (refs === null || (event.actionRef !== null && refs.has(event.actionRef))) &&
      (ids === null || (event.executionId !== null && ids.has(event.executionId))),
    isLast: (event) =>
      endEvent === event.name && endExecution === event.executionId && isTerminal(event.data['status']),
  };
}

function isTerminal(status: unknown): boolean {
  return ['succeeded', 'failed', 'timeout', 'canceled', 'abandoned'].some((end) => end === status);
}

/** Python's fnmatch: `*`, `?`, `[seq]`, `[!seq]`. */
function globPattern(glob: string): RegExp {
  const source = glob.replace(/\[!?[^\]]+\]|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
}

/**
 * One connection: an empty line at once, then a frame for each event that passes. A heartbeat comes after silence of the
 * bus, not of the connection: events that the filter drops put it off too.
 */
function openStream(
  state: StackStormState,
  filter: StreamFilter,
  socket: Pick<Socket, 'destroy'> | undefined,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let close = (): void => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => controller.enqueue(encoder.encode(text));
      let callOff = (): void => undefined;
      const beat = (): void => {
        callOff();
        callOff = state.after(state.heartbeatMs, () => {
          write('\n');
          beat();
        });
      };
      const unsubscribe = state.bus.subscribe((event) => {
        beat();
        if (filter.passes(event)) write(frameOf(event));
        if (filter.isLast(event)) end();
      });
      const remove = state.addStream({
        cut: () => {
          close();
          if (socket === undefined) controller.error(new Error('the stream was cut'));
          else socket.destroy();
        },
        end: () => end(),
      });
      close = () => {
        callOff();
        unsubscribe();
        remove();
      };
      const end = (): void => {
        close();
        controller.close();
      };
      write('\n');
      beat();
    },
    cancel: () => close(),
  });
}

function frameOf(event: BusEvent): string {
  const data = isJsonObject(event.data) ? JSON.stringify(event.data) : '{}';
  return `event: ${event.name}\ndata: ${data}\n\n`;
}
