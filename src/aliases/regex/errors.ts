/** Python's `re.error`: the pattern is wrong in Python too. StackStorm fails for every command while such an alias is enabled. */
export class PatternError extends Error {
  readonly code = 're.error';

  constructor(reason: string) {
    super(reason);
    this.name = 'PatternError';
  }
}

/** The pattern is good Python, but holds a construct that this matcher does not have; it must never be matched wrongly. */
export class UnsupportedPatternError extends Error {
  readonly code = 'unsupported';
  /** The construct, as a pack author knows it: `atomic group (?>…)`. */
  readonly construct: string;

  constructor(construct: string) {
    super(`not supported: ${construct}`);
    this.name = 'UnsupportedPatternError';
    this.construct = construct;
  }
}

/** Matching took more steps than it was given (design R5). */
export class BudgetExceededError extends Error {
  readonly code = 'too-expensive';

  constructor() {
    super('matching took more steps than it was given');
    this.name = 'BudgetExceededError';
  }
}
