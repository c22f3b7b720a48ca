/** What the command line answers to scripts: 0 is good. */
export const exitCodes = {
  /** It was tried and did not work: StackStorm, storage, a port. */
  failed: 1,
  /** What was asked is not right: the config (a key that is not the storage's, too), or the command line. */
  invalid: 2,
} as const;

/** Ends a command with words for the person and a code for the script. */
export class CliError extends Error {
  readonly code: number;

  constructor(message: string, code: number, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CliError';
    this.code = code;
  }
}
