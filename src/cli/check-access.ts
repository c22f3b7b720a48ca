import { AliasIndex, type AliasMatch } from '../aliases/alias-index.ts';
import type { Asker, ChannelKind, ChatUser, UserKind } from '../chat/chat.ts';
import { Access, type AccessView, type Decision } from '../commands/access.ts';
import { ruleWords } from '../commands/access-words.ts';
import { commandNamed, isForAdmins, typedNames } from '../commands/names.ts';
import { parseCommand } from '../commands/parse.ts';
import type { Config } from '../config/schema.ts';
import { connectionOf, type Environment } from '../parts.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import { readAliases } from './check-stackstorm.ts';
import { CliError, exitCodes } from './exit-codes.ts';

/** What `check --access` is asked. */
export interface AccessQuestion {
  /** `<user> <channel> <command>`: a user's id or chat user key, a channel's id, and what would be typed. */
  readonly asked: string;
  readonly userKind: UserKind;
  readonly groups: readonly string[];
  readonly channelKind: ChannelKind;
}

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
}

const idPattern = /^[A-Za-z0-9._-]{1,64}$/;

/** Tries the access rules, on StackStorm's aliases as they are now; as {@link tryAccess}. */
export function checkAccess(
  config: Config,
  environment: Environment,
  question: AccessQuestion,
): Promise<AccessAnswer> {
  return tryAccess(config, question, async () =>
    readAliases(config, await connectionOf(config, environment)),
  );
}

/**
 * Tries the access rules on a command without running it; nobody in chat is asked, so what would be looked up there is
 * in the question. `aliases` answers StackStorm's.
 * @throws CliError `invalid` where the question cannot be understood, `failed` where StackStorm does not answer.
 */
export async function tryAccess(
  config: Config,
  question: AccessQuestion,
  aliases: () => Promise<readonly ActionAlias[]>,
): Promise<AccessAnswer> {
  const { asker, text } = readQuestion(config, question);
  const access = new Access(config.access, async () => question.groups);
  const view = await access.viewFor(asker);
  const found = await find(config, { access, view, asker, text }, aliases);
  const hindrance =
    found.hindrance ?? (view.isServed ? undefined : 'nothing here is for this kind of people');
  const allowed = found.decision?.allowed === true && hindrance === undefined;
  return {
    allowed,
    rows: [
      ['command', text],
      ['is', found.what],
      ['from', fromWords(asker, question)],
      ...(found.decision === undefined ? [] : [ruleRow(found.decision, found.otherwise ?? '')]),
      ['outcome', allowed ? 'allowed' : `refused${hindrance === undefined ? '' : `: ${hindrance}`}`],
    ],
  };
}

function readQuestion(config: Config, { asked, channelKind, userKind }: AccessQuestion) {
  const [, typedUser = '', channel = '', text = ''] = /^\s*(\S+)\s+(\S+)\s+(\S.*)$/su.exec(asked) ?? [];
  if (text === '') {
    throw invalid(
      `--access "${asked}" is not <user> <channel> <command>. For example: --access "U0G9QF9C6 C024BE7LR deploy api to prod"`,
    );
  }
  if (!idPattern.test(channel)) throw invalid(`"${channel}" is no channel’s id; one is "C024BE7LR".`);
  const user = readUser(config, typedUser);
  const kind = channelKind === 'direct' ? 'direct' : 'channel';
  const place = { platform: user.platform, workspace: user.workspace, channel, kind } as const;
  return { asker: { user, userKind, place, channelKind } satisfies Asker, text: text.trim() };
}

function readUser({ access }: Config, typed: string): ChatUser {
  const parts = typed.split(':');
  const [platform = '', workspace = '', id = ''] = parts;
  if (parts.length === 3 && parts.every((part) => idPattern.test(part))) return { platform, workspace, id };
  if (!idPattern.test(typed)) {
    throw invalid(
      `"${typed}" is no user’s id or chat user key; "U0G9QF9C6" and "slack:T024BE7LD:U0G9QF9C6" are.`,
    );
  }
  const named = [
    ...access.admins,
    ...access.globalAdmins,
    ...access.rules.flatMap(({ users = [] }) => users),
  ];
  const key = named.find((name) => name.endsWith(`:${typed}`));
  if (key !== undefined) {
    throw invalid(
      `Somebody with the id ${typed} stands in "access" as ${key}. Say who is meant by such a key.`,
    );
  }
  return { platform: 'slack', workspace: '', id: typed };
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
  return { ...found, otherwise: `access.default is "${config.access.default}"` };
}

function matched(index: AliasIndex, view: AccessView, match: AliasMatch): Found {
  switch (match.kind) {
    case 'match': {
      const { alias, display, representation } = match;
      const others = index.shadowedBy(alias).map(({ ref }) => ref);
      return {
        what: `the alias ${alias.ref} (${display ?? representation})`,
        decision: view.alias(alias.ref),
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

function fromWords({ user, place }: Asker, { userKind, groups, channelKind }: AccessQuestion): string {
  const key = user.workspace === '' ? user.id : `${user.platform}:${user.workspace}:${user.id}`;
  const inGroups = groups.length === 0 ? 'in no user group' : `in the groups ${groups.join(', ')}`;
  return `${key} (${userKind}, ${inGroups}), in ${place.channel} (${channelKind})`;
}

function ruleRow({ rule, userKind }: Decision, otherwise: string): readonly [string, string] {
  if (rule === undefined) {
    return ['rule', `none fits; ${userKind === 'member' ? otherwise : 'then only members are served'}`];
  }
  const { allow, deny } = rule.rule;
  const effect = allow === undefined ? `deny ${(deny ?? []).join(', ')}` : `allow ${allow.join(', ')}`;
  return ['rule', `${ruleWords(rule)}: ${effect}`];
}

function invalid(words: string): CliError {
  return new CliError(words, exitCodes.invalid);
}
