import type { Dispatcher } from 'undici';
import { type ConnectionOptions, createDispatcher } from './dispatcher.ts';
import { clientClosed, deadlinePassed, givenUp, TransportFault, transportFault } from './transport-fault.ts';
import { type Service, type StackStormUrls, serviceAddresses } from './urls.ts';

export interface TransportOptions extends StackStormUrls, ConnectionOptions {
  /** Milliseconds for one call in all, waiting for a connection included; 30,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** The longest answer that is read, in bytes; 10 MiB by default. */
  readonly maxAnswerBytes?: number | undefined;
}

export interface Outgoing {
  readonly service: Service;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After `/v1`, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** The first line and headers of an answer, as far as anyone needs them. */
export interface AnswerHead {
  readonly status: number;
  /** Every Content-Type header: nginx sends two where a backend is down (FACTS.md). */
  readonly contentTypes: readonly string[];
  readonly contentLength: string | undefined;
  readonly requestId: string | undefined;
  /** X-Total-Count: how many there are in all. */
  readonly totalCount: number | undefined;
}

export interface Answer extends AnswerHead {
  readonly text: string;
}

/** No whole answer came. `written` is false only where surely nothing of the request was sent. */
export class NoAnswer extends Error {
  readonly fault: TransportFault;
  readonly written: boolean;
  readonly head: AnswerHead | undefined;

  constructor(fault: TransportFault, written: boolean, head: AnswerHead | undefined) {
    super(fault.message);
    this.name = 'NoAnswer';
    this.fault = fault;
    this.written = written;
    this.head = head;
  }
}

export interface Transport {
  /** Milliseconds for one call in all. */
  readonly timeoutMs: number;
  /** One request and its whole answer, whatever its status; never repeated. Rejects with NoAnswer only. */
  send(outgoing: Outgoing): Promise<Answer>;
  /** A request whose answer does not end; the handler hears it. On connections of its own. */
  openStream(outgoing: Outgoing, handler: Dispatcher.DispatchHandler): void;
  /** Lets calls end, cuts streams. */
  close(): Promise<void>;
}

/** HTTP to StackStorm: pools, proxies, time limits and size limits; knows nothing of what is said. */
export function createTransport(options: TransportOptions): Transport {
  const addresses = serviceAddresses(options);
  const calls = createDispatcher(options);
  const streams = createDispatcher(options);
  const timeoutMs = options.timeoutMs ?? 30_000;
  const maxBytes = options.maxAnswerBytes ?? 10 * 1024 * 1024;
  const dispatchOptions = (outgoing: Outgoing): Dispatcher.DispatchOptions => {
    const { origin, base } = addresses[outgoing.service];
    return {
      origin,
      path: base + outgoing.path,
      method: outgoing.method,
      headers: { ...outgoing.headers },
      body: outgoing.body ?? null,
      headersTimeout: timeoutMs,
    };
  };
  const inFlight = new Set<Promise<Answer>>();
  let closed = false;
  return {
    timeoutMs,
    send(outgoing) {
      if (closed) return Promise.reject(new NoAnswer(clientClosed, false, undefined));
      const sent = new Promise<Answer>((resolve, reject) => {
        const handler = answerHandler(outgoing.signal, timeoutMs, maxBytes, resolve, reject);
        calls.dispatch({ ...dispatchOptions(outgoing), bodyTimeout: timeoutMs }, handler);
      });
      const settled = () => inFlight.delete(sent);
      inFlight.add(sent);
      sent.then(settled, settled);
      return sent;
    },
    openStream(outgoing, handler) {
      streams.dispatch({ ...dispatchOptions(outgoing), bodyTimeout: 0 }, handler);
    },
    async close() {
      closed = true;
      await streams.destroy();
      await Promise.allSettled(inFlight);
      // Not the pool's own close: it waits for connections that nobody waits for any more.
      await calls.destroy();
    },
  };
}

function answerHandler(
  signal: AbortSignal | undefined,
  timeoutMs: number,
  maxBytes: number,
  resolve: (answer: Answer) => void,
  reject: (failure: NoAnswer) => void,
): Dispatcher.DispatchHandler {
  let controller: Dispatcher.DispatchController | undefined;
  let settled = false;
  let head: AnswerHead | undefined;
  let size = 0;
  const chunks: Buffer[] = [];

  const settle = () => {
    settled = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  };
  const fail = (fault: TransportFault) => {
    if (settled) return;
    settle();
    reject(new NoAnswer(fault, controller !== undefined, head));
    controller?.abort(fault);
  };
  const giveUp = () => fail(givenUp);
  const timer = setTimeout(() => fail(deadlinePassed), timeoutMs);
  if (signal?.aborted === true) giveUp();
  else signal?.addEventListener('abort', giveUp);

  return {
    // Called when the request stands at the head of a connected socket, just before its first byte is written.
    onRequestStart(started) {
      if (settled) started.abort(givenUp);
      else controller = started;
    },
    onResponseStart(_controller, status, headers) {
      if (status >= 200) head = answerHead(status, headers);
    },
    onResponseData(_controller, chunk) {
      size += chunk.length;
      if (size > maxBytes) {
        fail(new TransportFault('ANSWER_SIZE', `the answer is longer than ${maxBytes} bytes`));
      } else {
        chunks.push(chunk);
      }
    },
    onResponseEnd() {
      if (settled) return;
      if (head === undefined) {
        fail(new TransportFault('ANSWER_MISSING', 'the connection ended without an answer'));
        return;
      }
      settle();
      resolve({ ...head, text: Buffer.concat(chunks, size).toString('utf8') });
    },
    onResponseError(_controller, error) {
      fail(transportFault(error));
    },
  };
}

/** StackStorm echoes ours, a UUID; what a proxy makes of it may be anything, and it stands in logs and chat. */
const requestIds = /^[A-Za-z0-9._:-]{1,100}$/;

/** Reads the headers that anyone needs; the others (Set-Cookie echoes the token) go no further. */
export function answerHead(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): AnswerHead {
  const all = (name: string): readonly string[] => {
    const value = headers[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  };
  const total = Number(all('x-total-count')[0] ?? Number.NaN);
  return {
    status,
    contentTypes: all('content-type'),
    contentLength: all('content-length')[0],
    requestId: requestIds.exec(all('x-request-id')[0] ?? '')?.[0],
    totalCount: Number.isSafeInteger(total) ? total : undefined,
  };
}
