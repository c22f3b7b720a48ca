import { StackStormError, type StackStormErrorCode } from './errors.ts';
import type { Answer, NoAnswer } from './transport.ts';
import { isTimeout, TransportFault } from './transport-fault.ts';

/** What was asked, as far as its answer's meaning depends on it. */
export interface Asked {
  /** The call's name, for errors and metrics: `aliasexecution`. */
  readonly call: string;
  readonly requestId: string;
  /** True for whatever may change something at StackStorm: it is never repeated blindly (R6). */
  readonly changes: boolean;
}

/**
 * The JSON of a 2xx answer (undefined for an empty body). Throws StackStormError for every other: StackStorm's refusals
 * are JSON with a `faultstring`, some of them under a 200; whatever has none comes from something in front of it
 * (st2common/middleware/error_handling.py, nginx's st2.conf).
 */
export function readAnswer(asked: Asked, answer: Answer): unknown {
  const { status } = answer;
  const ok = status >= 200 && status < 300;
  if (ok && answer.text.trim() === '') return undefined;
  const json = parse(answer.text);
  const faultstring = json.kind === 'json' ? faultstringOf(json.value) : undefined;
  if (ok && json.kind === 'json' && faultstring === undefined) return json.value;
  throw refusal(asked, answer, faultstring);
}

/**
 * The plain text of a 2xx answer, whatever it looks like. Throws StackStormError for every other answer, and for a page of
 * what stands in front of StackStorm.
 */
export function readText(asked: Asked, answer: Answer): string {
  const isPlain = answer.contentTypes.some((type) => type.startsWith('text/plain'));
  if (answer.status >= 200 && answer.status < 300 && (isPlain || answer.text === '')) return answer.text;
  const json = parse(answer.text);
  throw refusal(asked, answer, json.kind === 'json' ? faultstringOf(json.value) : undefined);
}

/** The error that an answer without a usable body stands for; also for a stream that was not opened. */
export function refusal(
  asked: Asked,
  answer: Pick<Answer, 'status' | 'requestId'>,
  faultstring: string | undefined,
): StackStormError {
  const { status } = answer;
  const code = codeOf(status, faultstring);
  // What refuses before it passes a request on (404, 413, 429 of a proxy) has done nothing; a 2xx or 5xx may have.
  const uncertain = code !== 'rejected' && (status < 300 || status >= 500 || status === 408);
  return new StackStormError(code, asked.call, {
    status,
    faultstring: faultstring === undefined ? undefined : firstLine(faultstring),
    instance: faultstring === undefined ? undefined : instanceOf(faultstring),
    requestId: answer.requestId ?? asked.requestId,
    mayHaveHappened: asked.changes && uncertain,
    ...(faultstring === undefined
      ? { cause: new TransportFault('NOT_STACKSTORM', 'the answer is not one of StackStorm') }
      : {}),
  });
}

/** The error of a call that got no whole answer. */
export function noAnswer(asked: Asked, failure: NoAnswer): StackStormError {
  const { fault, head, written } = failure;
  const code = isTimeout(fault)
    ? 'timed-out'
    : fault.code === 'ANSWER_SIZE'
      ? 'unexpected-answer'
      : 'unreachable';
  return new StackStormError(code, asked.call, {
    status: head?.status,
    requestId: head?.requestId ?? asked.requestId,
    mayHaveHappened: asked.changes && written,
    cause: fault,
  });
}

/** The error of a 2xx whose JSON is not what StackStorm's contract says. */
export function unexpected(asked: Asked, answer: Answer, cause: TransportFault): StackStormError {
  return new StackStormError('unexpected-answer', asked.call, {
    status: answer.status,
    requestId: answer.requestId ?? asked.requestId,
    mayHaveHappened: asked.changes,
    cause,
  });
}

/** `faultstring` of an error body, wherever it comes from; undefined where the body is none of StackStorm's errors. */
export function faultstringOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('faultstring' in body)) return undefined;
  return typeof body.faultstring === 'string' ? body.faultstring : undefined;
}

/** JSON, or the fact that it is none: V8's own error quotes the text, which may hold a token. */
export function parse(text: string): { kind: 'json'; value: unknown } | { kind: 'other' } {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: 'other' };
  }
}

function codeOf(status: number, faultstring: string | undefined): StackStormErrorCode {
  if (faultstring === undefined) return 'unreachable';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status >= 500) return /^nginx is unable to reach/i.test(faultstring) ? 'unreachable' : 'server-error';
  return 'rejected';
}

/**
 * The property that does not fit, of a schema error as Python's jsonschema prints it: its last lines name the instance, a
 * property that is missing stands in the first (draft 4 names it there alone).
 */
function instanceOf(faultstring: string): string | undefined {
  const named =
    /^On instance\[(?:'([^'\n]*)'|"([^"\n]*)")\]/m.exec(faultstring) ??
    /(?:^|\. )'([^'\n]*)' is a required property$/m.exec(faultstring);
  return named?.[1] ?? named?.[2];
}

/** A schema error is hundreds of characters with the whole schema after its first line (FACTS.md). */
function firstLine(faultstring: string): string {
  return (faultstring.trim().split(/\r?\n/, 1)[0] ?? '').slice(0, 1_000);
}
