import { randomUUID } from 'node:crypto';
import type { FoundAlias } from '../../aliases/alias-index.ts';
import type { Auth, Grant } from '../../auth/auth.ts';
import { type ChatAction, type ChatUser, chatUserKey } from '../../chat/chat.ts';
import { shownName } from '../../chat/shown-name.ts';
import type { Claims } from '../../executions/claims.ts';
import { newCorrelationId } from '../../executions/correlation.ts';
import type { Audit, AuditEvent } from '../../ops/audit.ts';
import type { Clock } from '../../ops/clock.ts';
import type { ApproveRule } from '../access-rules.ts';
import type { AliasRequest, RequestEnd } from '../alias-request.ts';
import { askedMessageOf } from '../asked-message.ts';
import { type Answers, answerPlace, answersTo } from '../command.ts';
import type { CommandSyntax } from '../parse.ts';
import { refusalWords } from '../words.ts';
import { type QuestionDeps, StepQuestions } from './questions.ts';
import { abandonedMs, eventIdOf, isAbandoned, isRequester, type Waiting } from './row.ts';
import { stepWords } from './words.ts';

export interface SecondStepDeps extends QuestionDeps {
  readonly auth: Auth;
  readonly claims: Claims;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly syntax: CommandSyntax;
  readonly groupsOf: (user: ChatUser) => Promise<readonly string[]>;
  /** The whole way of a command, all checks again. */
  readonly run: (request: AliasRequest) => Promise<RequestEnd>;
}

/** What a rule asks for that a request has not behind it yet. */
export type Step = { readonly step: 'confirm' } | { readonly step: 'approve'; readonly approve: ApproveRule };

const confirmWithinMs = 10 * 60_000;

/**
 * Commands that an access rule lets run only after a second step: their own person confirms, or others approve. What
 * waits stands in the Store. When the step is taken the command goes the whole way again, so access, session and
 * freshness are those of that moment, and it runs with the requester's credential or not at all (S7).
 */
export class SecondSteps {
  readonly #deps: SecondStepDeps;
  readonly #questions: StepQuestions;

  constructor(deps: SecondStepDeps) {
    this.#deps = deps;
    this.#questions = new StepQuestions(deps);
  }

  async begin(
    request: AliasRequest,
    match: FoundAlias,
    step: Step,
    grant: Grant & { readonly kind: 'granted' },
  ): Promise<RequestEnd> {
    const { clock, rows } = this.#deps;
    const { message, answers } = request;
    if (step.step === 'approve' && message.place.kind === 'direct') {
      await answers.whisper({ text: stepWords.noOthers });
      return 'not-run';
    }
    const now = clock.now();
    const approve = step.step === 'approve' ? step.approve : undefined;
    const row: Waiting = {
      id: randomUUID(),
      step: step.step,
      state: 'waiting',
      command: request.text,
      message: askedMessageOf(message),
      aliasRef: match.alias.ref,
      format: match.representation,
      isConfirmed: request.passed?.isConfirmed ?? false,
      stackstormUser: grant.stackstormUser,
      askedAt: now,
      until: now + (approve?.within ?? confirmWithinMs),
      needed: {
        count: approve?.count ?? 0,
        ...(approve?.users === undefined ? {} : { users: [...approve.users] }),
        ...(approve?.groups === undefined ? {} : { groups: [...approve.groups] }),
      },
      approvals: [],
      correlationId: newCorrelationId(),
    };
    await this.#record('step.asked', row.step, row, message.user);
    await rows.add(row);
    if (row.step === 'confirm') await answers.whisper(this.#questions.toConfirm(row));
    else await this.#questions.ask(row);
    return 'waiting';
  }

  /** The requester confirms. */
  async confirm(action: ChatAction, { whisper }: Answers): Promise<void> {
    const row = await this.#open(action.value, 'confirm');
    if (row === undefined) return whisper({ text: stepWords.over });
    if (!isRequester(row, action.user)) return whisper({ text: stepWords.notYours });
    await this.#record('step.confirmed', 'ok', row, action.user);
    const passed = await this.#pass(row.id, (current) => ({ ...current, isConfirmed: true }));
    if (passed === undefined) return whisper({ text: stepWords.over });
    await this.#run(passed, action.userKind);
  }

  /** The requester takes it back. */
  async cancel(action: ChatAction, { whisper }: Answers): Promise<void> {
    const row = await this.#open(action.value);
    if (row === undefined) return whisper({ text: stepWords.over });
    if (!isRequester(row, action.user)) return whisper({ text: stepWords.notYours });
    await this.#end(row, 'step.cancelled', action.user, stepWords.cancelledBy);
    return whisper({ text: stepWords.cancelled });
  }

  /** Somebody else says yes; the last one that is needed makes it run. */
  async approve(action: ChatAction, { whisper }: Answers): Promise<void> {
    const { auth, syntax } = this.#deps;
    const { user } = action;
    const row = await this.#open(action.value, 'approve');
    if (row === undefined) return whisper({ text: stepWords.over });
    const refused = await this.#whyNotApprover(row, user);
    if (refused !== undefined) return whisper({ text: refused });
    const grant = await auth.credentialFor(user);
    if (grant.kind === 'refused') {
      await this.#record('step.not_approver', grant.reason, row, user);
      return whisper(refusalWords(grant.reason, syntax));
    }
    const { stackstormUser } = grant;
    if (auth.mode !== 'standalone' && stackstormUser === row.stackstormUser) {
      await this.#record('step.not_approver', 'same-account', row, user);
      return whisper({ text: stepWords.sameAccount });
    }
    const chatUser = chatUserKey(user);
    await this.#record('step.approved', 'ok', row, user, stackstormUser);
    const name = shownName((await this.#deps.profile(user)).userName);
    const now = this.#deps.clock.now();
    let isRepeated = false;
    const changed = await this.#deps.rows.change(row.id, (current) => {
      isRepeated = current.approvals.some((approval) => approval.chatUser === chatUser);
      if (current.state !== 'waiting' || current.until <= now || isRepeated) return undefined;
      const approvals = [...current.approvals, { chatUser, name, stackstormUser }];
      return approvals.length < current.needed.count
        ? { ...current, approvals }
        : { ...current, approvals, state: 'passed', passedAt: now };
    });
    if (changed === undefined) return whisper({ text: isRepeated ? stepWords.already : stepWords.over });
    if (changed.state === 'passed') await this.#run(changed);
    else await this.#questions.ask(changed);
  }

  /** One of those who may approve says no, or the requester takes it back. */
  async deny(action: ChatAction, answers: Answers): Promise<void> {
    const row = await this.#open(action.value, 'approve');
    if (row === undefined) return answers.whisper({ text: stepWords.over });
    if (isRequester(row, action.user)) return await this.cancel(action, answers);
    const refused = await this.#whyNotApprover(row, action.user);
    if (refused !== undefined) return answers.whisper({ text: refused });
    const name = shownName((await this.#deps.profile(action.user)).userName);
    await this.#end(row, 'step.denied', action.user, stepWords.denied(name));
  }

  /** Says of what has run out of time that it is over, and goes on where an instance died. */
  async settle(): Promise<void> {
    for (const row of await this.#deps.rows.all()) {
      try {
        await this.#settleOne(row);
      } catch (error) {
        // The others are not to wait for it; it is looked at again with the next look.
        this.#deps.logger.warn({ err: error }, 'a command that waits for a second step could not be settled');
      }
    }
  }

  async #settleOne(row: Waiting): Promise<void> {
    const now = this.#deps.clock.now();
    if (row.state !== 'waiting') {
      if (isAbandoned(row, now)) await this.#takeOver(row.id);
    } else if (row.until <= now) {
      await this.#end(row, 'step.expired', row.message.user, stepWords.expired);
    } else if (row.step === 'approve' && row.post === undefined && row.askedAt + abandonedMs <= now) {
      await this.#questions.ask(row);
    }
  }

  /**
   * Goes on where a dead instance stopped: runs what it had not taken up. Where that instance had claimed it, it may run already, or have
   * been refused: it is not run again, and its person is told where to look.
   */
  async #takeOver(id: string): Promise<void> {
    const { claims, clock, delivery, rows } = this.#deps;
    const row = await rows.change(id, (current) =>
      isAbandoned(current, clock.now()) ? { ...current, passedAt: clock.now() } : undefined,
    );
    if (row === undefined) return;
    if (row.state === 'ended') {
      await this.#questions.say(row, stepWords.ended);
      await rows.delete(row.id);
      return;
    }
    if ((await claims.holder(eventIdOf(row))) === undefined) return await this.#run(row);
    await this.#record('step.not_run', 'interrupted', row, row.message.user);
    await this.#questions.say(row, stepWords.interrupted);
    const { user, place } = row.message;
    const text = `${row.aliasRef}: ${stepWords.interrupted}`;
    await delivery.whisper(user, { text }, { key: `second-step-end:${row.id}`, near: place });
    await rows.delete(row.id);
  }

  async #open(id: string, step?: Waiting['step']): Promise<Waiting | undefined> {
    const row = await this.#deps.rows.get(id);
    if (row === undefined || row.state !== 'waiting' || (step !== undefined && row.step !== step))
      return undefined;
    if (row.until > this.#deps.clock.now()) return row;
    await this.#end(row, 'step.expired', row.message.user, stepWords.expired);
    return undefined;
  }

  #pass(id: string, change: (row: Waiting) => Waiting): Promise<Waiting | undefined> {
    const passedAt = this.#deps.clock.now();
    return this.#deps.rows.change(id, (row) =>
      row.state === 'waiting' ? { ...change(row), state: 'passed', passedAt } : undefined,
    );
  }

  async #whyNotApprover(row: Waiting, user: ChatUser): Promise<string | undefined> {
    if (isRequester(row, user)) {
      await this.#record('step.not_approver', 'own', row, user);
      return stepWords.own;
    }
    const { users, groups } = row.needed;
    if (users === undefined && groups === undefined) return undefined;
    if (users?.some((one) => one === user.id || one === chatUserKey(user)) === true) return undefined;
    const own = groups === undefined ? [] : await this.#deps.groupsOf(user);
    if (groups?.some((group) => own.includes(group)) === true) return undefined;
    await this.#record('step.not_approver', 'not-named', row, user);
    return stepWords.notApprover;
  }

  /** The command goes its whole way again. The row goes last: whoever dies before that leaves it to be settled. */
  async #run(row: Waiting, userKind?: ChatAction['userKind']): Promise<void> {
    const { claims, delivery, rows, profile } = this.#deps;
    const eventId = eventIdOf(row);
    const kind = userKind ?? (await profile(row.message.user)).userKind;
    const message = { ...row.message, eventId, ...(kind === undefined ? {} : { userKind: kind }) };
    const { correlationId, aliasRef, format, isConfirmed, approvals } = row;
    const end = await this.#deps.run({
      message,
      text: row.command,
      correlationId,
      claim: claims.claim(eventId, correlationId),
      answers: answersTo(delivery, message.user, answerPlace(message), correlationId),
      passed: { aliasRef, format, isConfirmed, approvals: approvals.length },
    });
    if (end === 'not-run') await this.#record('step.not_run', 'refused', row, row.message.user);
    await rows.delete(row.id);
    await this.#questions.say(row, end === 'not-run' ? stepWords.notRun : stepWords.approved);
  }

  /** For the one who ends it: nothing is run. */
  async #end(row: Waiting, event: AuditEvent, by: ChatUser, words: string): Promise<void> {
    const passedAt = this.#deps.clock.now();
    const taken = await this.#deps.rows.change(row.id, (current) =>
      current.state === 'waiting' ? { ...current, state: 'ended', passedAt } : undefined,
    );
    if (taken === undefined) return;
    await this.#record(event, 'not-run', taken, by);
    await this.#questions.say(taken, words);
    await this.#deps.rows.delete(taken.id);
    if (taken.step === 'confirm' || event === 'step.cancelled') return;
    const { user, place } = taken.message;
    const text = `${taken.aliasRef}: ${words}`;
    await this.#deps.delivery.whisper(user, { text }, { key: `second-step-end:${taken.id}`, near: place });
  }

  async #record(
    event: AuditEvent,
    outcome: string,
    row: Waiting,
    by: ChatUser,
    stackstormUser?: string,
  ): Promise<void> {
    await this.#deps.audit.record({
      event,
      outcome,
      chatUser: chatUserKey(by),
      channel: row.message.place.channel,
      aliasRef: row.aliasRef,
      correlationId: row.correlationId,
      ...(stackstormUser === undefined ? {} : { stackstormUser }),
    });
  }
}
