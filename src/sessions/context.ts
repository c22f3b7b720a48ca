import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { type Audit, AuditError, type AuditRecord } from '../ops/audit.ts';
import type { Logger } from '../ops/logger.ts';
import { Collection } from '../storage/collection.ts';
import type { Encryption } from '../storage/encryption.ts';
import { type Limit, Limiter } from '../storage/limiter.ts';
import type { Store } from '../storage/store.ts';
import type { SessionEvents } from './events.ts';
import { type LinkRow, linkRow } from './link.ts';
import { type EndNote, endNote } from './notes.ts';
import { SessionRows } from './rows.ts';

export interface SessionOptions {
  /** Where people reach the login page from outside; links begin with it. No slash at its end. */
  readonly publicUrl: string;
  /** Ms that a link, and the login that it opens, live. At most ten minutes (ASVS v5.0.0-6.5.5). */
  readonly linkTtl: number;
  /** Wrong tries of one login. */
  readonly maxAttempts: number;
  /** Ms that a session lives at most. */
  readonly sessionTtl: number;
  /** scrypt's N for the secrets' hashes, a power of two; absent: 2^14. */
  readonly secretCost?: number;
  /** S6. `openFailures` by address, the others by chat user. */
  readonly limits: {
    readonly openFailures: Limit;
    readonly loginFailures: Limit;
    readonly links: Limit;
  };
}

export interface SessionDeps {
  readonly store: Store;
  readonly encryption: Encryption;
  readonly audit: Audit;
  readonly logger: Logger;
  /** Ms since the epoch. */
  readonly now: () => number;
  readonly events: SessionEvents;
}

/** What every step of a session's life works with. */
export interface SessionContext {
  readonly options: SessionOptions;
  readonly now: () => number;
  readonly rows: SessionRows;
  readonly links: Collection<LinkRow>;
  readonly notes: Collection<EndNote>;
  readonly limits: Readonly<Record<keyof SessionOptions['limits'], Limiter>>;
  /** Writes the record before the act is answered (S8). Throws AuditError where the act must not go on without it. */
  audit(record: AuditRecord): Promise<void>;
  /** The same for an act that takes power away: it is done with or without a record. */
  auditAnyway(record: AuditRecord): Promise<void>;
  tell<E>(event: E, listener: ((event: E) => Promise<void>) | undefined): void;
  readonly events: SessionEvents;
}

export function createContext(deps: SessionDeps, options: SessionOptions): SessionContext {
  const { store, encryption, now, logger } = deps;
  const limiter = (name: keyof SessionOptions['limits']) =>
    new Limiter(store, name, options.limits[name], now);
  return {
    options,
    now,
    rows: new SessionRows(store, encryption, now),
    links: new Collection(store, encryption, 'link', linkRow),
    notes: new Collection(store, encryption, 'session-note', endNote),
    limits: {
      openFailures: limiter('openFailures'),
      loginFailures: limiter('loginFailures'),
      links: limiter('links'),
    },
    audit: (record) => deps.audit.record(record),
    async auditAnyway(record) {
      try {
        await deps.audit.record(record);
      } catch (error) {
        if (!(error instanceof AuditError)) throw error;
        logger.error(
          { err: error, event: record.event, session: record.session },
          'done, but not in the audit log',
        );
      }
    },
    tell(event, listener) {
      if (listener === undefined) return;
      listener(event).catch((error: unknown) => {
        logger.error({ err: error }, 'a person could not be told of their session');
      });
    },
    events: deps.events,
  };
}

/** The part of an audit record that names a login. */
export function about(user: ChatUser, session: string, address?: string) {
  return { chatUser: chatUserKey(user), session, ...(address === undefined ? {} : { address }) };
}
