import { z } from 'zod';
import { ChatError } from '../chat.ts';
import type { Clients } from './clients.ts';
import { Recent } from './recent.ts';

const groups = z.array(
  z.object({ id: z.string(), handle: z.string().default(''), users: z.array(z.string()).default([]) }),
);
type Groups = z.infer<typeof groups>;

const groupsTtlMs = 5 * 60_000;

/** Slack's user groups (usergroups.list), a few minutes old at most. Throws ChatError. */
export class UserGroups {
  readonly #clients: Clients;
  readonly #known: Recent<Groups>;

  constructor(clients: Clients, now: () => number) {
    this.#clients = clients;
    this.#known = new Recent({ ttlMs: groupsTtlMs, most: 100, now });
  }

  /** The ids of those that somebody is in. `teams`: of an org's installation, the workspaces to ask about. */
  async of(workspace: string, teams: readonly string[], user: string): Promise<readonly string[]> {
    const lists = await this.#lists(workspace, teams);
    return lists.flatMap((list) => list.filter(({ users }) => users.includes(user)).map(({ id }) => id));
  }

  /** The handle that a mention stands for. */
  async handleOf(workspace: string, teams: readonly string[], id: string): Promise<string | undefined> {
    const lists = await this.#lists(workspace, teams);
    return lists.flat().find((group) => group.id === id)?.handle;
  }

  #lists(workspace: string, teams: readonly string[]): Promise<Groups[]> {
    const asked = teams.length === 0 ? [undefined] : teams;
    return Promise.all(
      asked.map((team) => this.#known.get(`${workspace}:${team ?? ''}`, () => this.#ask(workspace, team))),
    );
  }

  #ask(workspace: string, team: string | undefined): Promise<Groups> {
    return this.#clients.call(workspace, async (client) => {
      const answer = await client.usergroups.list({
        include_users: true,
        ...(team === undefined ? {} : { team_id: team }),
      });
      const parsed = groups.safeParse(answer.usergroups ?? []);
      if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
      return parsed.data;
    });
  }
}
