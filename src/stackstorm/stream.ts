import { randomUUID } from 'node:crypto';
import { type Asked, faultstringOf, noAnswer, parse, refusal } from './answers.ts';
import type { Credential } from './credential.ts';
import { credentialHeaders } from './credential-headers.ts';
import type { StackStormError, StackStormErrorCode } from './errors.ts';
import { createFrameReader } from './frames.ts';
import type { StackStorm, StreamEvent } from './stackstorm.ts';
import { type AnswerHead, answerHead, NoAnswer, type Transport } from './transport.ts';
import { deadlinePassed, givenUp, TransportFault, transportFault } from './transport-fault.ts';

type StreamOptions = Parameters<StackStorm['stream']>[1] & {
  readonly maxFrameLength: number;
  readonly observe: (outcome: 'ok' | StackStormErrorCode, seconds: number) => void;
};

/**
 * Bytes that may wait for a slow reader; more is a fault, since a stream that is connected again costs less than the
 * memory. StackStorm is not made to wait: a connection that is reset while undici 7.30's parser is paused ends the process.
 */
const unreadLimit = 64 * 1024 * 1024;
/** An error's body is read to here. */
const errorBodyLimit = 64 * 1024;
/** StackStorm subscribes us, then writes its first byte at once; where something holds that byte back, ms until we go on. */
const firstByteMs = 2_000;

/** One connection to the stream; {@link StackStorm.stream} says what it promises. */
export async function* openStream(
  transport: Transport,
  credential: Credential,
  options: StreamOptions,
): AsyncGenerator<StreamEvent, void, undefined> {
  if (options.signal.aborted) return;
  const connection = connect(transport, credential, options);
  try {
    for (;;) {
      const batch = await connection.next();
      if (batch === undefined) return;
      for (const event of batch) {
        if (options.signal.aborted) return;
        yield event;
      }
    }
  } finally {
    connection.close();
  }
}

interface Connection {
  /** The events that came since the last call, waiting for one; undefined at a normal end. Throws StackStormError. */
  next(): Promise<readonly StreamEvent[] | undefined>;
  close(): void;
}

function connect(transport: Transport, credential: Credential, options: StreamOptions): Connection {
  const asked: Asked = { call: 'stream', requestId: randomUUID(), changes: false };
  const presented = credentialHeaders(asked.call, credential);
  const start = performance.now();
  let abort: ((reason: Error) => void) | undefined;
  let head: AnswerHead | undefined;
  let errorBody: Buffer[] | undefined;
  let opened = false;
  let end: 'normal' | StackStormError | undefined;
  let events: StreamEvent[] = [];
  let unread = 0;
  let wake: (() => void) | undefined;

  const finish = (how: 'normal' | StackStormError) => {
    if (end !== undefined) return;
    end = how;
    clearTimeout(timer);
    clearTimeout(firstByteTimer);
    options.signal.removeEventListener('abort', onAbort);
    if (!opened && how !== 'normal') options.observe(how.code, (performance.now() - start) / 1000);
    wake?.();
    abort?.(givenUp);
  };
  const fail = (fault: TransportFault) => finish(noAnswer(asked, new NoAnswer(fault, true, head)));
  const onAbort = () => finish('normal');
  const open = () => {
    if (opened || end !== undefined) return;
    opened = true;
    options.observe('ok', (performance.now() - start) / 1000);
    options.onOpen?.();
  };
  const refuse = (status: AnswerHead, body: string) => {
    const json = parse(body);
    finish(refusal(asked, status, json.kind === 'json' ? faultstringOf(json.value) : undefined));
  };
  const onTime = () => {
    fail(head === undefined || errorBody !== undefined ? deadlinePassed : silence(options.idleMs));
  };

  let timer = setTimeout(onTime, transport.timeoutMs);
  let firstByteTimer: NodeJS.Timeout | undefined;
  options.signal.addEventListener('abort', onAbort);
  const frames = createFrameReader({
    maxLength: options.maxFrameLength,
    onEvent: (event) => events.push(event),
    onMalformed: (reason) => options.onMalformed?.(reason),
  });

  transport.openStream(
    {
      service: 'stream',
      method: 'GET',
      path: `/stream?${new URLSearchParams({ events: options.events.join(',') })}`,
      headers: {
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
        'user-agent': 'bolt-stackstorm',
        'x-request-id': asked.requestId,
        ...presented,
      },
    },
    {
      onRequestStart(controller) {
        abort = (reason) => controller.abort(reason);
        if (end !== undefined) abort(givenUp);
      },
      onResponseStart(_controller, status, headers) {
        if (status < 200 || end !== undefined) return;
        head = answerHead(status, headers);
        if (!isEventStream(head)) {
          errorBody = [];
          return;
        }
        clearTimeout(timer);
        timer = setTimeout(onTime, options.idleMs);
        firstByteTimer = setTimeout(open, firstByteMs);
      },
      onResponseData(_controller, chunk) {
        if (end !== undefined) return;
        unread += chunk.length;
        if (errorBody !== undefined) {
          errorBody.push(chunk);
          if (unread > errorBodyLimit && head !== undefined) refuse(head, '');
          return;
        }
        timer.refresh();
        open();
        frames.feed(chunk);
        if (events.length === 0) return;
        if (unread > unreadLimit)
          fail(new TransportFault('SLOW_READER', `${unreadLimit} bytes were not read`));
        else wake?.();
      },
      onResponseEnd() {
        if (head !== undefined && errorBody !== undefined)
          refuse(head, Buffer.concat(errorBody).toString('utf8'));
        else finish('normal');
      },
      onResponseError(_controller, error) {
        fail(transportFault(error));
      },
    },
  );

  return {
    async next() {
      unread = 0;
      while (events.length === 0) {
        if (end === 'normal') return undefined;
        if (end !== undefined) throw end;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const batch = events;
      events = [];
      return batch;
    },
    close: () => finish('normal'),
  };
}

/**
 * A stream has one Content-Type and no length. nginx whose backend is down answers 200 with 13 bytes and two types,
 * `application/octet-stream` first (FACTS.md, Paths); a proxy's page is HTML.
 */
function isEventStream(head: AnswerHead): boolean {
  return (
    head.status === 200 &&
    head.contentLength === undefined &&
    head.contentTypes.length > 0 &&
    head.contentTypes.every((type) => /^text\/event-stream\s*(;|$)/i.test(type))
  );
}

function silence(idleMs: number): TransportFault {
  return new TransportFault('UND_ERR_BODY_TIMEOUT', `nothing came for ${idleMs} ms`);
}
