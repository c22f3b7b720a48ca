import { AliasIndex, type AliasMatch } from '../aliases/alias-index.ts';
import { type Asker, chatUserKey } from '../chat/chat.ts';
import type { SlackInspection } from '../chat/slack/inspection.ts';
import { Access, type AccessView, type Decision } from '../commands/access.ts';
import { ruleWords } from '../commands/access-words.ts';
import { commandNamed, isForAdmins, typedNames } from '../commands/names.ts';
import { parseCommand } from '../commands/parse.ts';
import { approversOf, stepsBefore } from '../commands/second-step/rule-words.ts';
import type { Config } from '../config/schema.ts';
import { connectionOf, type Environment, proxiesOf } from '../parts.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import { type AccessQuestion, type Asked, readQuestion } from './access-asker.ts';
import { openInspection } from './check-slack.ts';
import { readAliases } from './check-stackstorm.ts';
import { CliError, exitCodes } from './exit-codes.ts';

/** What would become of it: labels and words, in the order in which people read them. */
export interface AccessAnswer {
  readonly allowed: boolean;
  readonly rows: readonly (readonly [label: string, words: string])[];
}

/** What the question's command is, what the rules say to it, and what else stands in its way. */
interface Found {
  readonly what: string;
  readonly decision?: Decision;
  /** What holds where no rule fits a member. */
  readonly otherwise?: string;
  readonly hindrance?: string;
  /** Second steps are for aliases alone. */
  readonly isAlias?: true;
}

/** Tries the access rules, on StackStorm's aliases and with what Slack says, as they are now; as {@link tryAccess}. */
export async function checkAccess(
  config: Config,
  environment: Environment,
  question: AccessQuestion,
): Promise<AccessAnswer> {
  const slack = openInspection(config, proxiesOf(environment));
  try {
    const aliases = async () => readAliases(config, await connectionOf(config, environment));
    return await tryAccess(config, question, aliases, slack);
  } finally {
    await slack?.close();
  }
}

/**
 * Tries the access rules on a command without running it. `aliases` answers StackStorm's; `slack` is asked for what the
 * question does not state, as the bot would ask.
 * @throws CliError `invalid` where the question cannot be understood, `failed` where StackStorm or Slack does not answer.
 */
export async function tryAccess(
  config: Config,
  question: AccessQuestion,
  aliases: () => Promise<readonly ActionAlias[]>,
  slack?: SlackInspection,
): Promise<AccessAnswer> {
  const asked = await readQuestion(config, question, slack);
  const { asker, text } = asked;
  const access = new Access(config.access, asked.groupsOf);
  const view = await access.viewFor(asker);
  const found = await find(config, { access, view, asker, text }, aliases);
  const hindrance = asked.isClosed
    ? 'this account is closed'
    : (found.hindrance ?? (view.isServed ? undefined : 'nothing here is for this kind of people'));
  const allowed = found.decision?.allowed === true && hindrance === undefined;
  return {
    allowed,
    rows: [
      ['command', text],
      ['is', found.what],
      ['from', fromWords(asked)],
      ...(found.decision === undefined ? [] : [ruleRow(found.decision, found.otherwise ?? '')]),
      ...(allowed ? stepRows(found) : []),
      ...assumedRows(config, question, slack),
      ['outcome', allowed ? 'allowed' : `refused${hindrance === undefined ? '' : `: ${hindrance}`}`],
    ],
  };
}

/** An allowed alias may still wait for somebody. */
function stepRows({ isAlias, decision }: Found): readonly (readonly [string, string])[] {
  const rule = isAlias === true ? decision?.rule?.rule : undefined;
  const steps = rule === undefined ? [] : stepsBefore(rule);
  const approvers = rule && approversOf(rule);
  return [
    ...(steps.length === 0 ? [] : [['before', steps.join('; ')] as const]),
    ...(approvers === undefined ? [] : [['approvers', approvers] as const]),
  ];
}

/** Each workspace of an installed app has its own token, in the storage, which only the bot renews. */
function assumedRows({ chat }: Config, question: AccessQuestion, slack: SlackInspection | undefined) {
  const { userKind, groups, channelKind } = question;
  const isStated = userKind !== undefined && groups !== undefined && channelKind !== undefined;
  if (chat.slack === undefined || slack !== undefined || isStated) return [];
  return [['note', 'with chat.slack.install Slack is not asked: what no option states is assumed'] as const];
}

async function find(
  config: Config,
  asked: { readonly access: Access; readonly view: AccessView; readonly asker: Asker; readonly text: string },
  aliases: () => Promise<readonly ActionAlias[]>,
): Promise<Found> {
  const { access, view, asker, text } = asked;
  const { commands } = config;
  const parsed = parseCommand(text, 'bot', commands, typedNames);
  const name = parsed.kind === 'bot-command' ? commandNamed(parsed.name) : undefined;
  if (name !== undefined) {
    const isClosed = isForAdmins(name) && access.adminScope(asker.user) === undefined;
    return {
      what: `the bot’s own command ${name}`,
      decision: view.command(name),
      otherwise: 'members may use the bot’s own commands',
      ...(isClosed ? { hindrance: 'only for those in access.admins and access.globalAdmins' } : {}),
    };
  }
  if (parsed.kind !== 'alias') return { what: 'nothing', hindrance: 'there is no command' };
  if (parsed.text.length > commands.maxLength) {
    return { what: 'too long', hindrance: `more than commands.maxLength (${commands.maxLength}) characters` };
  }
  const index = new AliasIndex();
  index.replaceAll(await read(aliases));
  const found = matched(index, view, index.match(parsed.text));
  const step = stepThatCannotBe(config, asker, found);
  return {
    ...found,
    otherwise: `access.default is "${config.access.default}"`,
    ...(step === undefined || found.hindrance !== undefined ? {} : { hindrance: step }),
  };
}

/** A second step that the rule wants and that nobody can take there. */
function stepThatCannotBe(
  { auth }: Config,
  { place }: Asker,
  { isAlias, decision }: Found,
): string | undefined {
  const rule = isAlias === true && decision?.allowed === true ? decision.rule?.rule : undefined;
  if (rule?.freshLogin !== undefined && auth.mode !== 'clientside')
    return `it wants a login of one’s own, and in ${auth.mode} nobody logs in`;
  if (rule?.approve !== undefined && place.kind === 'direct')
    return 'somebody else has to approve it, and nobody else reads a direct message';
  return undefined;
}

function matched(index: AliasIndex, view: AccessView, match: AliasMatch): Found {
  switch (match.kind) {
    case 'match': {
      const { alias, display, representation } = match;
      const others = index.shadowedBy(alias).map(({ ref }) => ref);
      return {
        what: `the alias ${alias.ref} (${display ?? representation})`,
        decision: view.alias(alias.ref),
        isAlias: true,
        ...(others.length === 0 ? {} : { hindrance: `${others.join(', ')} has the same bare name` }),
      };
    }
    case 'ambiguous': {
      const refs = match.candidates.map(({ alias }) => alias.ref);
      return { what: `${match.count} aliases: ${refs.join(', ')}`, hindrance: 'more than one alias fits' };
    }
    case 'refused':
      return { what: 'not matched', hindrance: `matching it is refused (${match.reason})` };
    case 'none':
      return { what: 'nothing', hindrance: 'no alias of StackStorm’s fits' };
  }
}

async function read(aliases: () => Promise<readonly ActionAlias[]>): Promise<readonly ActionAlias[]> {
  try {
    return await aliases();
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    throw new CliError(
      `StackStorm did not tell its aliases (${error.code}), so nothing can be said. "bolt-stackstorm check" without --access says more.`,
      exitCodes.failed,
      { cause: error },
    );
  }
}

function fromWords({ asker, groupWords }: Asked): string {
  const { user, userKind, place, channelKind } = asker;
  const key = user.workspace === '' ? user.id : chatUserKey(user);
  return `${key} (${userKind}${groupWords()}), in ${place.channel} (${channelKind})`;
}

function ruleRow({ rule, userKind }: Decision, otherwise: string): readonly [string, string] {
  if (rule === undefined) {
    return ['rule', `none fits; ${userKind === 'member' ? otherwise : 'then only members are served'}`];
  }
  const { allow, deny } = rule.rule;
  const effect = allow === undefined ? `deny ${(deny ?? []).join(', ')}` : `allow ${allow.join(', ')}`;
  return ['rule', `${ruleWords(rule)}: ${effect}`];
}
