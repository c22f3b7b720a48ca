import { ChatError } from '../chat/chat.ts';
import { AuditError } from '../ops/audit.ts';
import { EncryptionError } from '../storage/encryption.ts';
import { StoreError } from '../storage/store.ts';
import type { ProblemCode } from './problems.ts';

/** What is answered to a fault of our own. S8 and checklist 27: without storage or audit log nobody is let in. */
export function problemOf(error: unknown): ProblemCode {
  if (error instanceof StoreError || error instanceof EncryptionError) return 'storage-unavailable';
  // The chat does not say whose a certificate is: nobody is let in unproven.
  return error instanceof AuditError || error instanceof ChatError ? 'login-unavailable' : 'internal-error';
}
