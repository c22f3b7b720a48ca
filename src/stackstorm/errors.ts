/** What went wrong between us and StackStorm. `code` decides what happens next; words are made at the edge. */
export type StackStormErrorCode =
  /** 401: the credential is not (or no longer) good. */
  | 'unauthorized'
  /** 403: RBAC says no. */
  | 'forbidden'
  | 'not-found'
  /** StackStorm understood and refused: any other 4xx, or a 2xx that carries a `faultstring`. */
  | 'rejected'
  /** 5xx of StackStorm itself: it may or may not have done what was asked. */
  | 'server-error'
  /** No answer that is StackStorm's: refused, reset, DNS, TLS, a proxy's HTML or "backend down". */
  | 'unreachable'
  | 'timed-out'
  /** StackStorm answered 2xx with something that is not in its contract. */
  | 'unexpected-answer';

/**
 * A call to StackStorm failed. `faultstring` is StackStorm's own first line (it may name internals: show it to the
 * person who asked, never log it). `requestId` is the X-Request-ID under which StackStorm's logs have the call.
 * `mayHaveHappened` is true where StackStorm may have done it all the same: never repeat blindly (R6).
 */
export class StackStormError extends Error {
  readonly code: StackStormErrorCode;
  readonly call: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly mayHaveHappened: boolean;
  // Private, so that no log serializer that walks an error's properties prints them.
  readonly #faultstring: string | undefined;
  readonly #instance: string | undefined;

  constructor(
    code: StackStormErrorCode,
    call: string,
    details: {
      status?: number | undefined;
      faultstring?: string | undefined;
      instance?: string | undefined;
      requestId?: string | undefined;
      mayHaveHappened?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(`StackStorm ${call}: ${code}${details.status === undefined ? '' : ` (${details.status})`}`, {
      cause: details.cause,
    });
    this.name = 'StackStormError';
    this.code = code;
    this.call = call;
    this.status = details.status;
    this.#faultstring = details.faultstring;
    this.#instance = details.instance;
    this.requestId = details.requestId;
    this.mayHaveHappened = details.mayHaveHappened ?? false;
  }

  get faultstring(): string | undefined {
    return this.#faultstring;
  }

  /** The property of what was sent that does not fit a schema, where StackStorm names one. */
  get instance(): string | undefined {
    return this.#instance;
  }
}
