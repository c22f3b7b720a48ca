import { z } from 'zod';
import { ChatError, type ChatUser, type UserKind } from '../chat.ts';
import type { Clients } from './clients.ts';
import { type Installation, installationKey, keyOf } from './installations.ts';
import { Recent } from './recent.ts';

export const platformName = 'slack';

/** Somebody as Slack shows them to an installation. */
export interface Person {
  readonly user: ChatUser;
  readonly kind: UserKind;
  /** Where Slack says it and has seen it confirmed; needs the scope users:read.email. */
  readonly email?: string;
  /** What they are called, without `@`. */
  readonly name: string;
  /** The Grid org's name, where they are of one. */
  readonly orgName?: string;
  /** The workspaces of the org that they are in; one outside of Grid. */
  readonly teams: readonly string[];
  readonly isDeleted: boolean;
}

/** `user` of users.info (https://docs.slack.dev/reference/objects/user-object). */
const slackUser = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  name: z.string().default(''),
  deleted: z.boolean().default(false),
  is_restricted: z.boolean().default(false),
  is_ultra_restricted: z.boolean().default(false),
  is_bot: z.boolean().default(false),
  is_email_confirmed: z.boolean().default(false),
  profile: z
    .object({
      display_name: z.string().default(''),
      real_name: z.string().default(''),
      email: z.string().optional(),
    })
    .default({ display_name: '', real_name: '' }),
  enterprise_user: z
    .object({
      enterprise_id: z.string(),
      enterprise_name: z.string().optional(),
      teams: z.array(z.string()).default([]),
    })
    .optional(),
});

type SlackUser = z.infer<typeof slackUser>;

const personTtlMs = 5 * 60_000;

/**
 * Who an id is (design: words, "chat user"): their home is the org on Grid, else their own workspace, whoever's channel
 * they write in. Answers are a few minutes old at most; `user_change` makes them new.
 */
export class People {
  readonly #clients: Clients;
  readonly #known: Recent<SlackUser>;

  constructor(clients: Clients, now: () => number) {
    this.#clients = clients;
    this.#known = new Recent({ ttlMs: personTtlMs, most: 20_000, now });
  }

  /**
   * `said` is the workspace or org that the event names as the person's own. It decides: the same id may be somebody
   * else's in another workspace. Throws ChatError; `user_not_found` where nobody can say who it is.
   */
  async find(installation: Installation, id: string, said?: string): Promise<Person> {
    const user = await this.#known.get(`${keyOf(installation)}:${id}`, () => this.#ask(installation, id));
    const org = user.enterprise_user;
    const known = org?.enterprise_id ?? user.team_id;
    const teams = org === undefined ? [user.team_id ?? ''] : org.teams;
    const isSame = said === undefined || said === known || said === user.team_id || teams.includes(said);
    const home = isSame ? known : said;
    if (home === undefined) throw new ChatError('gone', 'user_not_found');
    const { display_name: displayName, real_name: realName, email } = user.profile;
    return {
      user: { platform: platformName, workspace: home, id },
      kind: kindOf(user, home === (installation.enterpriseId ?? installation.teamId)),
      name: isSame ? displayName || realName || user.name || id : id,
      ...(isSame && user.is_email_confirmed && email !== undefined ? { email } : {}),
      ...(org?.enterprise_name === undefined || !isSame ? {} : { orgName: org.enterprise_name }),
      teams: isSame ? teams : [home],
      isDeleted: user.deleted,
    };
  }

  /** The handle that a mention stands for; undefined where Slack does not say. */
  async handleOf(installation: Installation, id: string): Promise<string | undefined> {
    const user = await this.#known.get(`${keyOf(installation)}:${id}`, () => this.#ask(installation, id));
    return user.name === '' ? undefined : user.name;
  }

  forget(installation: Installation, id: string): void {
    this.#known.forget(`${installationKey(installation)}:${id}`);
  }

  #ask(installation: Installation, id: string): Promise<SlackUser> {
    return this.#clients.call(keyOf(installation), async (client) => {
      const answer = await client.users.info({ user: id });
      const parsed = slackUser.safeParse(answer.user);
      if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
      return parsed.data;
    });
  }
}

function kindOf(user: SlackUser, isOurs: boolean): UserKind {
  // Slack's own bot says that it is none.
  if (user.is_bot || user.id === 'USLACKBOT') return 'bot';
  if (!isOurs) return 'stranger';
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : 'member';
}
