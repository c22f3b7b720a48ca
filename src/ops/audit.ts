/** What happened, for the audit log (S8). */
export type AuditEvent =
  | 'link.issued'
  | 'link.refused'
  | 'link.opened'
  | 'login.signed_in'
  | 'login.failed'
  | 'login.provisional'
  | 'login.unconfirmed'
  | 'login.refused'
  | 'login.dead'
  | 'session.started'
  | 'session.shared'
  | 'session.ended'
  | 'session.expired'
  | 'session.cancelled'
  | 'command.refused'
  | 'step.asked'
  | 'step.confirmed'
  | 'step.cancelled'
  | 'step.approved'
  | 'step.not_approver'
  | 'step.denied'
  | 'step.expired'
  | 'step.not_run'
  | 'execution.requested'
  | 'execution.accepted'
  | 'execution.rejected'
  | 'execution.finished'
  | 'execution.cancel_requested'
  | 'execution.cancelled'
  | 'execution.refused'
  | 'inquiry.asked'
  | 'inquiry.requested'
  | 'inquiry.responded'
  | 'inquiry.refused'
  | 'admin.session_list'
  | 'message.undeliverable'
  | 'slack.installed'
  | 'slack.install_refused';

/** One audit record; `time` is added when it is written. Never text, parameters, names typed or faultstrings (S8). */
export interface AuditRecord {
  readonly event: AuditEvent;
  /** A code such as `ok`, `wrong-secret`, `link-used`; never words of a person or of StackStorm. */
  readonly outcome: string;
  readonly chatUser?: string;
  readonly channel?: string;
  readonly stackstormUser?: string;
  readonly aliasRef?: string;
  readonly executionId?: string;
  readonly correlationId?: string;
  readonly session?: string;
  readonly address?: string;
}

/** The audit record could not be written: the act must be refused where `ops.audit.required` is set (S8). */
export class AuditError extends Error {
  constructor(options: { cause?: unknown } = {}) {
    super('the audit record could not be written', options);
    this.name = 'AuditError';
  }
}

export interface Audit {
  /**
   * Resolves when the record is on its way to the disk (written, before the act is answered). Throws
   * {@link AuditError} where it cannot be written and `ops.audit.required` is true.
   */
  record(record: AuditRecord): Promise<void>;
}
