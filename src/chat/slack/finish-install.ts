import type { webApi } from '@slack/bolt';
import type { Audit } from '../../ops/audit.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { Encryption } from '../../storage/encryption.ts';
import type { Store } from '../../storage/store.ts';
import { type InstallRequest, type NamedStep, runPipeline, StepError } from './install-pipeline.ts';
import type { InstallProblem } from './install-problems.ts';
import { homeOf, type InstallationRow, rowKey, rowOf } from './installation-row.ts';
import type { InstallationStore } from './installation-store.ts';
import { type OAuthAnswer, OAuthError, type SlackOAuth } from './slack-oauth.ts';

export interface InstallDeps {
  readonly store: Store;
  readonly encryption: Encryption;
  readonly installations: InstallationStore;
  readonly oauth: SlackOAuth;
  /** A client of the Web API that tries once. */
  readonly newClient: (token: string) => webApi.WebClient;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How an install ended. */
export type Finish =
  | { readonly kind: 'installed'; readonly name: string | undefined; readonly openUrl: string }
  | {
      readonly kind: 'problem';
      readonly code: InstallProblem;
      readonly slackCode?: string | undefined;
      readonly reason?: string;
    };

export interface FinishInstall {
  (code: string, request: InstallRequest): Promise<Finish>;
  /** Slack came back without a code. */
  denied(error: string | undefined, request: InstallRequest): Promise<Finish>;
}

/**
 * What follows once Slack has led the person back: code → token → the pipeline's steps → kept → what the steps wanted
 * done then. Whatever goes wrong on the way undoes it all: what stood before stands again, and where nothing did, the
 * app is removed from the workspace.
 */
export function finishInstall(
  deps: InstallDeps,
  options: { readonly pipeline: readonly NamedStep[]; readonly apiUrl: string },
): FinishInstall {
  const { oauth, installations, audit, logger, clock } = deps;

  const finish = async (code: string, request: InstallRequest): Promise<Finish> => {
    let answer: OAuthAnswer;
    try {
      answer = await oauth.exchange(code);
    } catch (error) {
      return refused(slackProblem(error), request);
    }
    let row: InstallationRow;
    try {
      row = rowOf(answer, await oauth.botIdOf(answer.access_token), clock.now());
    } catch (error) {
      await withdrawn(answer.access_token);
      return refused(slackProblem(error), request);
    }
    return kept(answer, row, request);
  };

  async function kept(answer: OAuthAnswer, row: InstallationRow, request: InstallRequest): Promise<Finish> {
    let undo = () => withdrawnFrom(row);
    try {
      const client = deps.newClient(row.botToken);
      const context = { request, answer, installation: row, client };
      const outcome = await runPipeline(options.pipeline, context, deps);
      if (outcome.kind === 'stopped') {
        logger.warn({ step: outcome.step, workspace: rowKey(row) }, 'a step stopped a Slack install');
        await undo();
        return await refused({ kind: 'problem', code: 'stopped', reason: outcome.reason }, request, row);
      }
      const before = await installations.save(row);
      undo = async () => {
        await installations.restore(row, before);
        await withdrawnFrom(row);
      };
      for (const { run } of outcome.onSaved) await run();
    } catch (error) {
      await undo();
      if (!(error instanceof StepError)) throw error;
      logger.error({ err: error.cause ?? error, step: error.step }, 'a step of a Slack install failed');
      return refused({ kind: 'problem', code: 'internal-error' }, request, row);
    }
    logger.info({ workspace: rowKey(row) }, 'the app was installed');
    const openUrl = new URL('/app_redirect', options.apiUrl);
    openUrl.searchParams.set('app', row.appId);
    if (row.teamId !== undefined) openUrl.searchParams.set('team', row.teamId);
    return { kind: 'installed', name: row.name, openUrl: openUrl.href };
  }

  /**
   * Takes the app away from where it is not installed by anybody else. Where it is, nothing is revoked: Slack gives the
   * same token again.
   */
  async function withdrawnFrom(row: InstallationRow): Promise<void> {
    if (!(await installations.stands(row))) await withdrawn(row.botToken);
  }

  async function withdrawn(botToken: string): Promise<void> {
    try {
      await oauth.uninstall(botToken);
    } catch (err) {
      logger.error({ err }, 'the app could not be removed again from where it was just installed');
    }
  }

  async function refused(
    problem: Finish & { kind: 'problem' },
    request: InstallRequest,
    row?: InstallationRow,
  ): Promise<Finish> {
    await audit.record({
      event: 'slack.install_refused',
      outcome: problem.code,
      address: request.address,
      ...(row === undefined ? {} : { chatUser: `slack:${homeOf(row)}:${row.installerId}` }),
    });
    return problem;
  }

  return Object.assign(finish, {
    denied(error: string | undefined, request: InstallRequest) {
      if (error === 'access_denied') return refused({ kind: 'problem', code: 'denied' }, request);
      const slackCode = /^[a-z_]{1,64}$/.exec(error ?? '')?.[0];
      return refused({ kind: 'problem', code: 'slack-refused', slackCode }, request);
    },
  });
}

function slackProblem(error: unknown): Finish & { kind: 'problem' } {
  if (!(error instanceof OAuthError)) throw error;
  const { code, slackCode } = error;
  return { kind: 'problem', code: code === 'unreachable' ? 'slack-unreachable' : 'slack-refused', slackCode };
}
