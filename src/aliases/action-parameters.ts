import { z } from 'zod';
import type { Logger } from '../ops/logger.ts';
import type { Credential } from '../stackstorm/credential.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { BotCredential, StackStorm } from '../stackstorm/stackstorm.ts';

/** What StackStorm says of one parameter of an action. */
export interface ActionParameter {
  /** JSON Schema's; of several the first that is not `null`. */
  readonly type?: string;
  readonly enum?: readonly unknown[];
  /** What StackStorm takes where none is given; may be a Jinja expression. */
  readonly default?: unknown;
  readonly required: boolean;
  /** StackStorm masks it; nobody else is to see it either. */
  readonly secret: boolean;
  /** Fixed by the action: giving it is refused. */
  readonly immutable: boolean;
  readonly description?: string;
  readonly position?: number;
  /** The whole of it, as StackStorm has it. */
  readonly schema: unknown;
}

export interface KnownParameters {
  /** The action's and its runner's. */
  readonly all: ReadonlyMap<string, ActionParameter>;
  /** Names of those that the action itself declares. */
  readonly own: ReadonlySet<string>;
}

/** Each key on its own: one that is not as JSON Schema has it is passed over. */
const parameter = z.object({
  type: z
    .union([z.string(), z.array(z.string()).transform((types) => types.find((type) => type !== 'null'))])
    .optional()
    .catch(undefined),
  enum: z.array(z.unknown()).min(1).optional().catch(undefined),
  default: z.unknown().optional(),
  description: z.string().optional().catch(undefined),
  required: z.boolean().catch(false),
  secret: z.boolean().catch(false),
  immutable: z.boolean().catch(false),
  position: z.number().optional().catch(undefined),
});

const keptMs = 60_000;
/** People wait, and a chat platform opens no dialog after three seconds. */
const patienceMs = 1_500;
const maxKept = 500;

/**
 * What actions take. For whoever has a credential it is read with theirs (S7); for others with the bot's, as the catalog of
 * the aliases is, and that is kept for a minute.
 */
export class ActionParameters {
  readonly #stackstorm: Pick<StackStorm, 'action' | 'actionParameters'>;
  readonly #botCredential: Pick<BotCredential, 'use'>;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #kept = new Map<string, { readonly at: number; readonly known: Promise<KnownParameters> }>();

  constructor(deps: {
    readonly stackstorm: Pick<StackStorm, 'action' | 'actionParameters'>;
    readonly botCredential: Pick<BotCredential, 'use'>;
    readonly logger: Logger;
    /** Ms since the epoch. */
    readonly now: () => number;
  }) {
    this.#stackstorm = deps.stackstorm;
    this.#botCredential = deps.botCredential;
    this.#logger = deps.logger;
    this.#now = deps.now;
  }

  /**
   * As the owner of the credential may see it; without one, the bot. Undefined where StackStorm does not say, or not in
   * time.
   */
  async of(actionRef: string, credential?: Credential): Promise<KnownParameters | undefined> {
    try {
      return await (credential === undefined
        ? this.#known(actionRef)
        : readParameters(this.#stackstorm, credential, actionRef));
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      this.#logger.warn({ err: error, action: actionRef }, 'StackStorm did not say what an action takes');
      return undefined;
    }
  }

  #known(actionRef: string): Promise<KnownParameters> {
    const kept = this.#kept.get(actionRef);
    if (kept !== undefined && this.#now() - kept.at < keptMs) return kept.known;
    const known = this.#read(actionRef);
    const made = { at: this.#now(), known };
    this.#kept.delete(actionRef);
    this.#kept.set(actionRef, made);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > maxKept) this.#kept.delete(oldest);
    known.catch(() => {
      if (this.#kept.get(actionRef) === made) this.#kept.delete(actionRef);
    });
    return known;
  }

  async #read(actionRef: string): Promise<KnownParameters> {
    const signal = AbortSignal.timeout(patienceMs);
    return await this.#botCredential.use((credential) =>
      readParameters(this.#stackstorm, credential, actionRef, signal),
    );
  }
}

/** What an action takes, as the owner of the credential may see it. Throws StackStormError. */
export async function readParameters(
  stackstorm: Pick<StackStorm, 'action' | 'actionParameters'>,
  credential: Credential,
  actionRef: string,
  signal: AbortSignal = AbortSignal.timeout(patienceMs),
): Promise<KnownParameters> {
  const [action, merged] = await Promise.all([
    stackstorm.action(credential, actionRef, { signal }),
    stackstorm.actionParameters(credential, actionRef, { signal }),
  ]);
  return {
    all: new Map(Object.entries(merged).map(([name, schema]) => [name, parameterOf(schema)])),
    own: new Set(Object.keys(action.parameters ?? {})),
  };
}

function parameterOf(schema: unknown): ActionParameter {
  const read = parameter.safeParse(schema ?? {}).data;
  const { type, description, position, enum: choices, default: initial } = read ?? {};
  return {
    required: read?.required ?? false,
    // What cannot be read may be anything.
    secret: read?.secret ?? true,
    immutable: read?.immutable ?? false,
    schema,
    ...(type === undefined ? {} : { type }),
    ...(choices === undefined ? {} : { enum: choices }),
    ...(initial === undefined || initial === null ? {} : { default: initial }),
    ...(description === undefined ? {} : { description }),
    ...(position === undefined ? {} : { position }),
  };
}
