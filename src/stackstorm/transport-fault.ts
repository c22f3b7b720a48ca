import type { ZodError } from 'zod';

/** Why no answer came, as StackStormError's `cause`: a code, and words that hold nothing of a request or an answer. */
export class TransportFault extends Error {
  /** Of Node, OpenSSL or undici: `ECONNREFUSED`, `SELF_SIGNED_CERT_IN_CHAIN`, `UND_ERR_HEADERS_TIMEOUT`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'TransportFault';
    this.code = code;
  }
}

const undiciWords: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not made in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer came in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped coming',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer is shorter or longer than it says',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too long',
  UND_ERR_PRX_TLS: "the proxy's certificate is not good",
  UND_ERR_ABORTED: 'the request was given up, or the proxy refused to make the tunnel',
  UND_ERR_INVALID_ARG: 'the proxy asks for credentials, or the request cannot be written',
  UND_ERR_DESTROYED: 'the client is closed',
  UND_ERR_CLOSED: 'the client is closed',
};

/** Our own limit on a whole call ran out. */
export const deadlinePassed = new TransportFault('DEADLINE', 'no whole answer came in time');
/** The caller's signal ended the call. */
export const givenUp = new TransportFault('GIVEN_UP', 'the call was given up');
/** Asked after `close`. */
export const clientClosed = new TransportFault('UND_ERR_CLOSED', 'the client is closed');

const timeouts = new Set([
  deadlinePassed.code,
  givenUp.code,
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/**
 * What the HTTP library threw, without what it may carry: its parser's errors hold the answer's bytes, its socket
 * errors the socket, and StackStorm's answers hold tokens (S1). Node's own words are kept for faults of the network
 * and of TLS, which name hosts, ports and certificates only.
 */
export function transportFault(error: unknown): TransportFault {
  if (error instanceof AggregateError && error.errors.length > 0) return transportFault(error.errors[0]);
  const code = codeOf(error);
  const known = undiciWords[code];
  if (known !== undefined) return new TransportFault(code, known);
  if (code.startsWith('HPE_')) return new TransportFault(code, 'the answer is not HTTP');
  if (error instanceof Error && ('syscall' in error || /CERT|SSL|TLS|VERIFY|SIGNATURE|CRL/.test(code))) {
    return new TransportFault(code, error.message);
  }
  return new TransportFault(code, 'the request failed');
}

/** True where time ran out, which is another thing than a connection refused or cut. */
export function isTimeout(fault: TransportFault): boolean {
  return timeouts.has(fault.code);
}

/** Which fields of an answer are not as expected, without their values. */
export function shapeFault(error: ZodError): TransportFault {
  const places = error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || 'body'}: ${issue.code}`);
  return new TransportFault('ANSWER_SHAPE', places.join(', '));
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return error instanceof Error ? error.name : 'UNKNOWN';
}
