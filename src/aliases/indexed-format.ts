import type { Candidate } from './candidates.ts';
import { type CompiledFormat, compileFormat } from './format.ts';
import { PatternError, UnsupportedPatternError } from './regex/errors.ts';
import type { Passes, Representation } from './representation.ts';
import { noRequirement, type Requirement, requirementOf } from './requirement.ts';
import { sketchFormat } from './sketch.ts';

/** A pattern of an enabled alias, as the index holds it. */
export interface IndexedFormat extends Representation, Candidate {
  readonly passes: Passes;
}

/** Why a pattern cannot be used. */
export interface FormatFault {
  /** `re.error` and `KeyError`: StackStorm itself fails on it; `unsupported`: this matcher does not have the construct. */
  readonly code: 're.error' | 'KeyError' | 'unsupported';
  readonly reason: string;
}

export interface AliasFault extends FormatFault {
  readonly ref: string;
  readonly representation: string;
}

/** Makes formats ready when they are needed, and keeps the ones that were needed last. */
export class FormatCache {
  readonly #most: number;
  readonly #formats = new Map<string, CompiledFormat>();

  constructor(most: number) {
    this.#most = most;
  }

  /** What a text must hold to match, or why nothing can be said of the format. */
  requirementOf(format: string): Requirement | FormatFault {
    const sketch = sketchFormat(format);
    if (sketch !== undefined) return requirementOf(sketch);
    try {
      const { syntax, missing } = compileFormat(format);
      if (missing !== undefined) {
        return { code: 'KeyError', reason: `the default of ${missing} stands over a newline` };
      }
      return syntax.ignoreCase ? noRequirement : requirementOf(syntax.body);
    } catch (error) {
      if (error instanceof PatternError || error instanceof UnsupportedPatternError) {
        return { code: error.code, reason: error.message };
      }
      throw error;
    }
  }

  /** Throws PatternError, UnsupportedPatternError, but for no format of which `requirementOf` answered a requirement. */
  get(format: string): CompiledFormat {
    const kept = this.#formats.get(format);
    const compiled = kept ?? compileFormat(format);
    this.#formats.delete(format);
    this.#formats.set(format, compiled);
    if (this.#formats.size > this.#most) {
      const [oldest] = this.#formats.keys();
      if (oldest !== undefined) this.#formats.delete(oldest);
    }
    return compiled;
  }
}
