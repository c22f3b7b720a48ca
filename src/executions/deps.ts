import type { Auth } from '../auth/auth.ts';
import type { ChatPlatform } from '../chat/chat.ts';
import type { DeadLetters } from '../chat/dead-letters.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { Audit } from '../ops/audit.ts';
import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { BotCredential, StackStorm } from '../stackstorm/stackstorm.ts';
import type { Encryption } from '../storage/encryption.ts';
import type { Store } from '../storage/store.ts';
import type { Claims } from './claims.ts';
import type { InstanceIdentity } from './lease.ts';
import type { ReactionNames } from './living/reactions.ts';

/** What running and relaying stands on. */
export interface ExecutionsDeps {
  readonly store: Store;
  readonly encryption: Encryption;
  readonly claims: Claims;
  readonly stackstorm: Pick<
    StackStorm,
    | 'runAlias'
    | 'execution'
    | 'executionsOf'
    | 'tasksOf'
    | 'cancelExecution'
    | 'rerun'
    | 'output'
    | 'rules'
    | 'inquiries'
    | 'inquiry'
    | 'respond'
  >;
  /** Follows executions; never starts or ends one (S7). */
  readonly botCredential: BotCredential;
  readonly auth: Auth;
  readonly platforms: readonly ChatPlatform[];
  readonly delivery: Delivery;
  readonly deadLetters: DeadLetters;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly identity: InstanceIdentity;
}

/** Sections `executions` and `stackstorm` of the config; times in ms. */
export interface ExecutionsOptions {
  /** Sent as `notification_route`. */
  readonly routeKey: string;
  /** Further routes whose announcements are posted where their payload says. */
  readonly announcementRoutes: readonly string[];
  /** How long after the end of an execution its announcement is awaited. */
  readonly announcementWait: number;
  /** How often an open execution is asked for, beside the stream. */
  readonly pollInterval: number;
  /** At most so many POSTs at once. */
  readonly maxInFlight: number;
  /** At most so many characters of a result are shown. */
  readonly resultMaxLength: number;
  /** `live`: the acknowledgement tells how far the run is; `quiet`: its end alone; `off`: it stays as it was posted. */
  readonly progress: 'live' | 'quiet' | 'off';
  /** How an inquiry is answered by hand, as typed: `!inquiry respond`. */
  readonly respondCommand?: string;
  /** What marks a command; absent: nothing does. */
  readonly reactions?: ReactionNames | undefined;
  /** `stackstorm.webUrl`. */
  readonly webUrl?: string;
  /** How a person logs in again, as typed; absent where nobody logs in (standalone). */
  readonly loginCommand?: string;
}
