import type { ActionParameters } from '../aliases/action-parameters.ts';
import type { Catalog } from '../aliases/catalog.ts';
import type { Auth } from '../auth/auth.ts';
import type { ChatProfile, ChatUser } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { Claims } from '../executions/claims.ts';
import { Follows } from '../executions/controls/follows.ts';
import type { Executions } from '../executions/executions.ts';
import type { Audit } from '../ops/audit.ts';
import type { Clock } from '../ops/clock.ts';
import type { Logger } from '../ops/logger.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { SessionService } from '../sessions/service.ts';
import type { StackStorm } from '../stackstorm/stackstorm.ts';
import type { Encryption } from '../storage/encryption.ts';
import type { Store } from '../storage/store.ts';
import { Access, type AccessOptions } from './access.ts';
import { aliasForm, aliasFormButton, aliasRunButton } from './alias-form.ts';
import type { Command } from './command.ts';
import { execution, executionButton } from './execution.ts';
import { outputPost } from './execution-words.ts';
import { help, helpButton } from './help.ts';
import { Hints } from './hints.ts';
import { HomePage } from './home.ts';
import { inquiry } from './inquiry.ts';
import { respondButtonHandler, respondForm } from './inquiry-dialog.ts';
import { Interactions } from './interactions.ts';
import { keptButton } from './kept-button.ts';
import type { KeptCommands } from './kept-commands.ts';
import { Leaving } from './leaving.ts';
import type { CommandSyntax } from './parse.ts';
import { Router } from './router.ts';
import { RunAlias } from './run-alias.ts';
import { stepButtons } from './second-step/buttons.ts';
import { SecondSteps } from './second-step/second-steps.ts';
import { WaitingRows } from './second-step/waiting-rows.ts';
import { StepWatch } from './second-step/watch.ts';
import { sessionCancel, sessionList } from './session-admin.ts';
import { endButton, startButton, startForm } from './session-buttons.ts';
import { confirmButton, confirmForm, sessionConfirm } from './session-confirm.ts';
import { sessionEnd } from './session-end.ts';
import { sessionStart } from './session-start.ts';
import { unknownCommand } from './unknown.ts';
import { whoami } from './whoami.ts';

export interface CommandParts {
  readonly auth: Auth;
  /** Absent where nobody logs in (standalone). */
  readonly sessions: SessionService | undefined;
  /** Commands that wait for their person's login; absent where nobody logs in. */
  readonly kept: KeptCommands | undefined;
  readonly stackstorm: StackStorm;
  readonly catalog: Catalog;
  readonly parameters: ActionParameters;
  readonly executions: Executions;
  readonly claims: Claims;
  readonly delivery: Delivery;
  /** The user groups that a person is in, for access rules. */
  readonly groupsOf: (user: ChatUser) => Promise<readonly string[]>;
  readonly profile: (user: ChatUser) => Promise<ChatProfile>;
  readonly store: Store;
  readonly encryption: Encryption;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Sections `commands` and `access` of the config. */
export interface CommandOptions {
  readonly syntax: CommandSyntax;
  readonly maxLength: number;
  readonly publicHelp: boolean;
  readonly maxMatches: number;
  readonly access: AccessOptions;
  /** How much of a result is shown, and where the whole of it is (`stackstorm.webUrl`). */
  readonly results: { readonly maxLength: number; readonly webUrl: string | undefined };
  /** A platform's own command by the platform's name, for those that have one. */
  readonly slashCommands: ReadonlyMap<string, string>;
}

/** Every command that people can type, and the router that finds it. */
export function createCommands(parts: CommandParts, options: CommandOptions): Router {
  const { syntax } = options;
  const access = new Access(options.access, parts.groupsOf);
  const hints = new Hints({ index: parts.catalog.index, syntax });
  const { slashCommands } = options;
  const secondSteps = new SecondSteps({
    ...parts,
    syntax,
    rows: new WaitingRows({ ...parts, now: () => parts.clock.now() }),
    index: () => parts.catalog.index,
    run: (request) => runAlias.run(request),
  });
  const runAlias: RunAlias = new RunAlias({
    ...parts,
    access,
    hints,
    syntax,
    secondSteps,
    publicHelp: options.publicHelp,
    maxMatches: options.maxMatches,
  });
  const { controls } = parts.executions;
  const follows = new Follows({
    ...parts,
    controls,
    postOf: (output, end) => outputPost(output, end, syntax),
  });
  const deps = {
    ...parts,
    mode: parts.auth.mode,
    access,
    hints,
    syntax,
    slashCommands,
    runAlias,
    secondSteps,
    now: parts.clock.now,
    answering: parts.executions.answering,
    controls,
    follows,
    shown: { ...options.results, syntax },
  };
  const { maxLength, publicHelp } = options;
  const forms = { ...deps, maxLength, publicHelp, webUrl: options.results.webUrl };
  const commands: Command[] = [
    sessionStart(deps),
    sessionConfirm(deps),
    sessionEnd(deps),
    whoami(deps),
    sessionList(deps),
    sessionCancel(deps),
    inquiry(deps),
    execution(deps),
  ];
  const helping = { ...deps, publicHelp, maxLength, commands };
  commands.push(help(helping));
  return new Router({
    syntax,
    maxLength: options.maxLength,
    commands,
    access,
    runAlias,
    unknown: unknownCommand({ ...deps, publicHelp: options.publicHelp, commands }),
    interactions: new Interactions({
      ...deps,
      buttons: [
        startButton(deps),
        confirmButton(deps),
        endButton(deps),
        keptButton(deps),
        ...stepButtons(deps),
        respondButtonHandler(deps),
        executionButton(deps),
        helpButton(helping),
        aliasFormButton(forms),
        aliasRunButton(forms),
      ],
      forms: [startForm(deps), confirmForm(deps), respondForm(deps), aliasForm(forms)],
    }),
    home: new HomePage({ ...deps, publicHelp: options.publicHelp }),
    leaving: new Leaving(deps),
    watch: new StepWatch(deps),
    follows,
    claims: parts.claims,
    delivery: parts.delivery,
    audit: parts.audit,
    logger: parts.logger,
    metrics: parts.metrics,
  });
}
