/** What StackStorm answers instead of the thing asked for: a status and `{"faultstring": ...}`. */
export class StackStormFault extends Error {
  override readonly name = 'StackStormFault';
  readonly code = 'fault';
  readonly status: number;
  readonly faultstring: string;

  constructor(status: number, faultstring: string) {
    super(faultstring);
    this.status = status;
    this.faultstring = faultstring;
  }
}

/** An unknown route, a wrong method, or a resource of which StackStorm says no more. */
export function notFound(): StackStormFault {
  return new StackStormFault(404, 'The resource could not be found.');
}

/** An exception that StackStorm did not foresee; it tells nothing about it. */
export function internalError(): StackStormFault {
  return new StackStormFault(500, 'Internal Server Error');
}
