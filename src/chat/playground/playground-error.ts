export type PlaygroundErrorCode = 'stopped' | 'no-such-message' | 'no-such-form' | 'id-in-use';

/** Why what a person did in the playground was not taken. */
export class PlaygroundError extends Error {
  readonly code: PlaygroundErrorCode;

  constructor(code: PlaygroundErrorCode) {
    super(`playground: ${code}`);
    this.name = 'PlaygroundError';
    this.code = code;
  }
}
