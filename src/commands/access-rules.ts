import { type Asker, type ChannelKind, chatUserKey, type UserKind } from '../chat/chat.ts';

/** One rule of `access.rules`: every condition that it names must hold. */
export interface AccessRule {
  readonly name?: string;
  /** Globs; exactly one of the two. */
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  /** Ids of the platform, or chat user keys. */
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly channels?: readonly string[];
  readonly channelKinds?: readonly ChannelKind[];
  readonly userKinds?: readonly UserKind[];
  /** What has to happen before an alias that an `allow` names is run. */
  readonly confirm?: boolean;
  readonly approve?: ApproveRule;
  /** Ms: the person's session must be younger. */
  readonly freshLogin?: number;
}

/** Who approves what somebody else asked for. */
export interface ApproveRule {
  /** Ids of user groups; with `users` absent too, anyone but the requester. */
  readonly groups?: readonly string[];
  /** Ids of the platform, or chat user keys. */
  readonly users?: readonly string[];
  /** How many different people. */
  readonly count: number;
  /** Ms in which they have to. */
  readonly within: number;
}

/** A rule made ready, with its number in the config's list, from 1. */
export interface ReadyRule {
  readonly number: number;
  readonly rule: AccessRule;
  readonly allows: boolean;
  readonly namesAlias: (ref: string) => boolean;
  readonly namesCommand: (name: string) => boolean;
}

/** What a person is in the workspace, and how others read the place: as the platform said, or the usual. */
export function kindsOf(asker: Asker): { readonly userKind: UserKind; readonly channelKind: ChannelKind } {
  return {
    userKind: asker.userKind ?? 'member',
    channelKind: asker.channelKind ?? (asker.place.kind === 'direct' ? 'direct' : 'public'),
  };
}

export function readyRule(rule: AccessRule, index: number): ReadyRule {
  const allows = rule.allow !== undefined;
  const globs = rule.allow ?? rule.deny ?? [];
  const all = globs.map(globTest);
  // A last `"deny": "*"` is about aliases: it must not lock people out of logging in, and of logging out.
  const commands = allows ? all : globs.filter((glob) => /[^*?]/u.test(glob)).map(globTest);
  return {
    number: index + 1,
    rule,
    allows,
    namesAlias: (ref) => all.some((test) => test(ref)),
    namesCommand: (name) => commands.some((test) => test(name)),
  };
}

/**
 * Whether all that a rule says of people and places, their groups aside, holds. An `allow` that names no kind of people
 * is for members alone; a `deny` is for everyone.
 */
export function fitsAsker({ rule, allows }: ReadyRule, asker: Asker): boolean {
  const { userKind, channelKind } = kindsOf(asker);
  const { users, channels, channelKinds, userKinds = allows ? (['member'] as const) : undefined } = rule;
  return (
    (users === undefined || users.includes(asker.user.id) || users.includes(chatUserKey(asker.user))) &&
    (channels === undefined || channels.includes(asker.place.channel)) &&
    (channelKinds === undefined || channelKinds.includes(channelKind)) &&
    (userKinds === undefined || userKinds.includes(userKind))
  );
}

/**
 * Whether what a rule says of groups holds. Where they cannot be read (`unknown`), it holds for a `deny`, and not for an
 * `allow`: nobody gets more by a failure.
 */
export function fitsGroups({ rule, allows }: ReadyRule, groups: readonly string[] | 'unknown'): boolean {
  if (rule.groups === undefined) return true;
  if (groups === 'unknown') return !allows;
  return rule.groups.some((group) => groups.includes(group));
}

/**
 * `*` is any letters, none too, dots included; `?` is one letter. The rest is itself, in its own case. Takes time in
 * proportion to glob times text at most: it goes back to the last `*` alone.
 */
export function globTest(glob: string): (text: string) => boolean {
  const [start = ''] = glob.split(/[*?]/u, 1);
  if (start === glob) return (text) => text === glob;
  const wanted = [...glob.replace(/\*+/gu, '*')];
  return (text) => {
    // Most aliases are of other packs: help looks at every alias under every rule.
    if (!text.startsWith(start)) return false;
    const given = /[\ud800-\udfff]/.test(text) ? [...text] : text;
    let at = 0;
    let star = -1;
    let resume = 0;
    for (let position = 0; position < given.length; ) {
      const one = wanted[at];
      if (one === '*') {
        star = at++;
        resume = position;
      } else if (one !== undefined && (one === '?' || one === given[position])) {
        at++;
        position++;
      } else if (star >= 0) {
        at = star + 1;
        position = ++resume;
      } else {
        return false;
      }
    }
    return at === wanted.length || (at === wanted.length - 1 && wanted[at] === '*');
  };
}
