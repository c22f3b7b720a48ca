import type { Asker, ChannelKind, ChatUser, UserKind } from '../chat/chat.ts';
import { ChatError } from '../chat/chat.ts';
import type { SlackInspection } from '../chat/slack/inspection.ts';
import type { Person } from '../chat/slack/people.ts';
import type { Config } from '../config/schema.ts';
import { CliError, exitCodes } from './exit-codes.ts';

/** What `check --access` is asked. What is stated is taken as it is; Slack is asked for the rest. */
export interface AccessQuestion {
  /** `<user> <channel> <command>`: a user's id or chat user key, a channel's id, and what would be typed. */
  readonly asked: string;
  readonly userKind?: UserKind;
  readonly groups?: readonly string[];
  readonly channelKind?: ChannelKind;
}

/** Who would ask, where, and what. */
export interface Asked {
  readonly asker: Required<Asker>;
  readonly text: string;
  /** Throws ChatError where Slack does not tell them. */
  readonly groupsOf: () => Promise<readonly string[]>;
  /** What is known of the groups by now, in words; empty where nobody looked at them. */
  readonly groupWords: () => string;
  /** The person's account is closed: the bot does not answer them. */
  readonly isClosed: boolean;
}

const idPattern = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Reads the question. Without `slack`, what is not stated is a member in no group, in a public channel.
 * @throws CliError `invalid` where it cannot be understood, `failed` where Slack does not tell what is not stated.
 */
export async function readQuestion(
  config: Config,
  question: AccessQuestion,
  slack: SlackInspection | undefined,
): Promise<Asked> {
  const [, typed = '', channel = '', text = ''] = /^\s*(\S+)\s+(\S+)\s+(\S.*)$/su.exec(question.asked) ?? [];
  if (text === '') {
    throw invalid(
      `--access "${question.asked}" is not <user> <channel> <command>. For example: --access "U0G9QF9C6 C024BE7LR deploy api to prod"`,
    );
  }
  if (!idPattern.test(channel)) throw invalid(`"${channel}" is no channel’s id; one is "C024BE7LR".`);
  const named = readUser(typed);
  const asks = named.platform === 'slack' ? slack : undefined;
  const person = asks === undefined ? undefined : await personOf(asks, named, question);
  const user = person?.user ?? offlineUser(config, named);
  const channelKind = question.channelKind ?? (await channelKindOf(asks, channel));
  const kind = channelKind === 'direct' ? 'direct' : 'channel';
  return {
    asker: {
      user,
      userKind: question.userKind ?? person?.kind ?? 'member',
      place: { platform: user.platform, workspace: user.workspace, channel, kind },
      channelKind,
    },
    text: text.trim(),
    isClosed: person?.isDeleted === true,
    ...groupsFrom(question.groups, asks, person),
  };
}

function readUser(typed: string): ChatUser {
  const parts = typed.split(':');
  const [platform = '', workspace = '', id = ''] = parts;
  if (parts.length === 3 && parts.every((part) => idPattern.test(part))) return { platform, workspace, id };
  if (idPattern.test(typed)) return { platform: 'slack', workspace: '', id: typed };
  throw invalid(
    `"${typed}" is no user’s id or chat user key; "U0G9QF9C6" and "slack:T024BE7LD:U0G9QF9C6" are.`,
  );
}

/** An id alone is nobody's of whom the config speaks by key: guessing whose it is would be guessing what they may. */
function offlineUser({ access }: Config, user: ChatUser): ChatUser {
  if (user.workspace !== '') return user;
  const named = [
    ...access.admins,
    ...access.globalAdmins,
    ...access.rules.flatMap(({ users = [] }) => users),
  ];
  const key = named.find((name) => name.endsWith(`:${user.id}`));
  if (key === undefined) return user;
  throw invalid(
    `Somebody with the id ${user.id} stands in "access" as ${key}. Say who is meant by such a key.`,
  );
}

/** Undefined: Slack does not say, and all that it could say is stated. */
async function personOf(
  slack: SlackInspection,
  { id, workspace }: ChatUser,
  { userKind, groups }: AccessQuestion,
): Promise<Person | undefined> {
  try {
    return await slack.person(id, workspace === '' ? undefined : workspace);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    if (userKind !== undefined && groups !== undefined) return undefined;
    throw unsaid(
      `Slack does not say who ${id} is (${error.reason}). Say it with --user-kind and --groups, or`,
      error,
    );
  }
}

async function channelKindOf(slack: SlackInspection | undefined, channel: string): Promise<ChannelKind> {
  if (slack === undefined) return channel.startsWith('D') ? 'direct' : 'public';
  let kind: ChannelKind | undefined;
  try {
    kind = await slack.channelKind(channel);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw unsaid(
      `Slack does not say what ${channel} is (${error.reason}). Say it with --channel-kind, or`,
      error,
    );
  }
  if (kind !== undefined) return kind;
  throw unsaid(
    `Slack shows the bot no channel ${channel}: there is none, or it is private and the bot is not in it. Say what it is with --channel-kind, or`,
  );
}

function groupsFrom(
  stated: readonly string[] | undefined,
  slack: SlackInspection | undefined,
  person: Person | undefined,
): Pick<Asked, 'groupsOf' | 'groupWords'> {
  if (stated !== undefined || slack === undefined || person === undefined) {
    const groups = stated ?? [];
    return { groupsOf: async () => groups, groupWords: () => memberWords(groups) };
  }
  let words = '';
  return {
    async groupsOf() {
      try {
        const groups = await slack.groupsOf(person);
        words = memberWords(groups);
        return groups;
      } catch (error) {
        if (error instanceof ChatError) words = `, user groups unknown: Slack says ${error.reason}`;
        throw error;
      }
    },
    groupWords: () => words,
  };
}

function memberWords(groups: readonly string[]): string {
  return groups.length === 0 ? ', in no user group' : `, in the groups ${groups.join(', ')}`;
}

function invalid(words: string): CliError {
  return new CliError(words, exitCodes.invalid);
}

function unsaid(words: string, cause?: ChatError): CliError {
  return new CliError(
    `${words} see what "bolt-stackstorm check" says of Slack.`,
    exitCodes.failed,
    cause === undefined ? {} : { cause },
  );
}
