import type { AliasIndex, AliasMatch, FoundAlias } from '../aliases/alias-index.ts';
import type { Catalog } from '../aliases/catalog.ts';
import type { Auth, Grant } from '../auth/auth.ts';
import { chatUserKey } from '../chat/chat.ts';
import { newCorrelationId } from '../executions/correlation.ts';
import type { Executions } from '../executions/executions.ts';
import type { Intent } from '../executions/intent.ts';
import type { OpenRun } from '../executions/open-runs.ts';
import type { Audit } from '../ops/audit.ts';
import type { Clock } from '../ops/clock.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Access, AccessView, Decision } from './access.ts';
import type { AliasRequest, RequestEnd } from './alias-request.ts';
import { type Answers, answerPlace } from './command.ts';
import { refusedByRules } from './gate.ts';
import type { Hints } from './hints.ts';
import type { KeptCommands } from './kept-commands.ts';
import type { CommandSyntax } from './parse.ts';
import type { SecondSteps } from './second-step/second-steps.ts';
import { isFor, missingStep } from './second-step/steps-of.ts';
import { freshLoginPost, stepWords } from './second-step/words.ts';
import { refusalWords } from './words.ts';

export interface RunAliasDeps {
  readonly catalog: Catalog;
  readonly auth: Auth;
  readonly access: Access;
  readonly executions: Executions;
  readonly hints: Hints;
  /** Absent where nobody logs in. */
  readonly kept: KeptCommands | undefined;
  readonly secondSteps: Pick<SecondSteps, 'begin'>;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly syntax: CommandSyntax;
  /** Hints name aliases to people without a session too. */
  readonly publicHelp: boolean;
  /** At most so many runs of one command with several matches. */
  readonly maxMatches: number;
}

type Granted = Grant & { readonly kind: 'granted' };

/**
 * `st2 <alias text>`: match, then in one tick the claim of the event, the session's read and the durable intents, then
 * the run. Nothing is sent before all of them are good (R2, S7).
 */
export class RunAlias {
  readonly #deps: RunAliasDeps;

  constructor(deps: RunAliasDeps) {
    this.#deps = deps;
  }

  async run(request: AliasRequest): Promise<RequestEnd> {
    const viewing = this.#deps.access.viewFor(request.message);
    // Without a rule about groups, which is the usual, the whole way to the Store is one tick (P1).
    const view = viewing instanceof Promise ? (await Promise.all([viewing, request.claim]))[0] : viewing;
    if (!view.isServed) {
      if (!(await request.claim)) return 'not-claimed';
      await this.#refusedByRules(request, view);
      return 'not-run';
    }
    const match = this.#index.match(request.text);
    if (match.kind === 'match' && this.#mayRun(view, match)) {
      return await this.#withSteps(request, view, match);
    }
    if (!(await request.claim)) return 'not-claimed';
    if (!this.#deps.publicHelp && !(await this.#grantOf(request))) return 'not-run';
    if (match.kind !== 'none') {
      await this.#explain(request, view, match);
      return 'not-run';
    }
    // Asked once more even where nothing was loaded now: another load may have ended since the first look.
    await this.#deps.catalog.refreshAfterMiss();
    const again = this.#index.match(request.text);
    if (again.kind === 'match' && this.#mayRun(view, again)) {
      return await this.#withSteps(request, view, again);
    }
    await this.#explain(request, view, again);
    return 'not-run';
  }

  get #index(): AliasIndex {
    return this.#deps.catalog.index;
  }

  #mayRun(view: AccessView, { alias }: FoundAlias): boolean {
    return view.alias(alias.ref).allowed && this.#index.shadowedBy(alias).length === 0;
  }

  /** Runs it, unless the rule that allows it wants a second step that has not been taken for exactly this. */
  async #withSteps(request: AliasRequest, view: AccessView, match: FoundAlias): Promise<RequestEnd> {
    const rule = view.alias(match.alias.ref).rule?.rule;
    const { passed, answers } = request;
    if (passed !== undefined && !isFor(passed, match)) {
      if (!(await request.claim)) return 'not-claimed';
      await answers.whisper({ text: stepWords.changed });
      return 'not-run';
    }
    const step = rule && missingStep(rule, passed);
    if (step === undefined) return await this.#intendAndRun(request, match, rule?.freshLogin);
    if (!(await request.claim)) return 'not-claimed';
    const grant = await this.#grantOf(request, rule?.freshLogin);
    return grant === undefined ? 'not-run' : await this.#deps.secondSteps.begin(request, match, step, grant);
  }

  async #intendAndRun(
    request: AliasRequest,
    match: FoundAlias,
    freshLogin: number | undefined,
  ): Promise<RequestEnd> {
    const { executions, auth, hints } = this.#deps;
    const intents = this.#intents(request, match);
    // All three are asked of the Store in one tick, which it turns into one statement (P1).
    const claim = request.claim;
    const intended = intents.map((intent) => executions.intend(intent));
    const granting = auth.credentialFor(request.message.user);
    const [claimed, rows, grant] = await settled(claim, Promise.all(intended), granting).catch(
      async (error: unknown) => {
        await this.#dropMade(intended);
        throw error;
      },
    );
    if (!claimed || grant.kind === 'refused' || !this.#isFresh(grant, freshLogin)) {
      await Promise.all(rows.map((row) => executions.drop(row)));
      if (!claimed) return 'not-claimed';
      await this.#refused(request, grant, freshLogin);
      return 'not-run';
    }
    this.#deps.metrics.commands.inc({ outcome: 'run' });
    const [first] = rows;
    await (first !== undefined && match.matches.length === 1
      ? executions.run(first, grant)
      : executions.runMany(rows, grant));
    const further = match.matches.slice(rows.length).map(({ text }) => text);
    if (further.length + match.notAlone.length > 0) {
      await request.answers.whisper(hints.leftOut(further, match.notAlone));
    }
    return 'run';
  }

  /** Nothing will run. What the Store cannot drop now is found by the look through open runs, and told to be none. */
  async #dropMade(intended: readonly Promise<OpenRun>[]): Promise<void> {
    const made = await Promise.allSettled(intended);
    const drops = made.map((one) =>
      one.status === 'fulfilled' ? this.#deps.executions.drop(one.value) : undefined,
    );
    await Promise.allSettled(drops);
  }

  #intents(request: AliasRequest, match: FoundAlias): Intent[] {
    const { message, correlationId } = request;
    return match.matches.slice(0, this.#deps.maxMatches).map((one, position) => ({
      correlationId: position === 0 ? correlationId : newCorrelationId(),
      claimedAs: correlationId,
      eventId: message.eventId,
      user: message.user,
      place: answerPlace(message),
      ...(message.messageId === undefined ? {} : { messageId: message.messageId }),
      alias: match.alias,
      format: match.representation,
      command: one.text,
    }));
  }

  /** The person's grant; where they have none that serves, they have been told why. */
  async #grantOf(request: AliasRequest, freshLogin?: number): Promise<Granted | undefined> {
    const grant = await this.#deps.auth.credentialFor(request.message.user);
    if (grant.kind === 'granted' && this.#isFresh(grant, freshLogin)) return grant;
    await this.#refused(request, grant, freshLogin);
    return undefined;
  }

  #isFresh({ startedAt }: Granted, freshLogin: number | undefined): boolean {
    if (freshLogin === undefined) return true;
    return startedAt !== undefined && this.#deps.clock.now() - startedAt < freshLogin;
  }

  /** Without a grant, or with one that is too old for the rule. */
  async #refused(request: AliasRequest, grant: Grant, freshLogin = 0): Promise<void> {
    const { auth, kept, syntax } = this.#deps;
    await this.#record(request, grant.kind === 'refused' ? grant.reason : 'login-too-old');
    await kept?.keep(request.message, request.text);
    if (grant.kind === 'refused') await request.answers.whisper(refusalWords(grant.reason, syntax));
    else if (auth.mode !== 'clientside') await request.answers.whisper({ text: stepWords.noLogin });
    else await request.answers.whisper(freshLoginPost(freshLogin));
  }

  /** Says why a text was not run, to somebody who may be told of aliases. */
  async #explain(request: AliasRequest, view: AccessView, match: AliasMatch): Promise<void> {
    const { hints } = this.#deps;
    const whisper = async (outcome: string, post: Parameters<Answers['whisper']>[0], aliasRef?: string) => {
      await this.#record(request, outcome, aliasRef);
      await request.answers.whisper(post);
    };
    switch (match.kind) {
      case 'none':
        return whisper('no-match', hints.noMatch(view, request.text, this.#deps.catalog.state));
      case 'ambiguous':
        return whisper('ambiguous', hints.ambiguous(view, match));
      case 'refused':
        return whisper('not-matched-in-bounds', hints.refused(view, match));
      case 'match': {
        const decision = view.alias(match.alias.ref);
        if (!decision.allowed) return this.#refusedByRules(request, decision, match.alias.ref);
        const shadows = this.#index.shadowedBy(match.alias);
        return whisper('shadowed', hints.shadowed(view, match.alias, shadows), match.alias.ref);
      }
    }
  }

  async #refusedByRules(request: AliasRequest, by: Decision | AccessView, aliasRef?: string): Promise<void> {
    const { audit, metrics } = this.#deps;
    metrics.commands.inc({ outcome: 'access' });
    const text = await refusedByRules(audit, request.message, by, {
      correlationId: request.correlationId,
      ...(aliasRef === undefined ? {} : { aliasRef }),
    });
    await request.answers.whisper({ text });
  }

  async #record(request: AliasRequest, outcome: string, aliasRef?: string): Promise<void> {
    this.#deps.metrics.commands.inc({ outcome });
    await this.#deps.audit.record({
      event: 'command.refused',
      outcome,
      chatUser: chatUserKey(request.message.user),
      channel: request.message.place.channel,
      correlationId: request.correlationId,
      ...(aliasRef === undefined ? {} : { aliasRef }),
    });
  }
}

/** Waits for all three, so that none is left running when one of them fails. */
async function settled<A, B, C>(a: Promise<A>, b: Promise<B>, c: Promise<C>): Promise<[A, B, C]> {
  try {
    return await Promise.all([a, b, c]);
  } catch (error) {
    await Promise.allSettled([a, b, c]);
    throw error;
  }
}
