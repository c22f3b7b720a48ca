import { z } from 'zod';
import { type ChannelKind, ChatError } from '../chat.ts';
import type { Clients, WebClient } from './clients.ts';
import { Recent } from './recent.ts';

/** A conversation as Slack shows it to the bot. */
export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly isMember: boolean;
  /** Without `#`. */
  readonly name?: string;
}

/** https://docs.slack.dev/reference/objects/conversation-object */
const conversation = z.object({
  id: z.string(),
  name: z.string().optional(),
  is_im: z.boolean().default(false),
  is_mpim: z.boolean().default(false),
  is_private: z.boolean().default(false),
  is_member: z.boolean().default(false),
});

const listed = z.object({
  channels: z.array(conversation),
  response_metadata: z.object({ next_cursor: z.string().default('') }).default({ next_cursor: '' }),
});

const teamList = z.object({ teams: z.array(z.object({ id: z.string() })) });

const channelTtlMs = 60_000;
const namesTtlMs = 5 * 60_000;
/** Slack's most for conversations.list; 50 pages are 50,000 channels. */
const pageSize = 1_000;
const mostPages = 50;

/** Conversations by id and by name, and everybody's direct one with the bot. */
export class Channels {
  readonly #clients: Clients;
  readonly #channels: Recent<Channel>;
  readonly #directs: Recent<string>;
  readonly #names: Recent<ReadonlyMap<string, string>>;
  readonly #teams: Recent<readonly string[]>;

  constructor(clients: Clients, now: () => number) {
    this.#clients = clients;
    this.#channels = new Recent({ ttlMs: channelTtlMs, most: 5_000, now });
    this.#directs = new Recent({ ttlMs: Number.POSITIVE_INFINITY, most: 50_000, now });
    this.#names = new Recent({ ttlMs: namesTtlMs, most: 100, now });
    this.#teams = new Recent({ ttlMs: namesTtlMs, most: 100, now });
  }

  /**
   * Undefined: the bot may not know of it (a private channel that it is not in, somebody's direct conversation with
   * somebody else). Throws ChatError.
   */
  async find(workspace: string, id: string): Promise<Channel | undefined> {
    try {
      return await this.#channels.get(`${workspace}:${id}`, () => this.#ask(workspace, id));
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      // We hold the scopes to ask about channels: what they do not allow is a DM of several people.
      if (error.reason === 'missing_scope' && !id.startsWith('D'))
        return { id, kind: 'group', isMember: true };
      if (error.code === 'gone' || error.reason === 'missing_scope') return undefined;
      throw error;
    }
  }

  /** The conversation of one person with the bot alone; opened, if need be. Throws ChatError. */
  direct(workspace: string, user: string): Promise<string> {
    return this.#directs.get(`${workspace}:${user}`, () =>
      this.#clients.call(workspace, async (client) => {
        const id = (await client.conversations.open({ users: user })).channel?.id;
        if (id === undefined) throw new ChatError('unavailable', 'unreadable_answer');
        return id;
      }),
    );
  }

  forgetDirect(workspace: string, user: string): void {
    this.#directs.forget(`${workspace}:${user}`);
  }

  /** The id of the channel with that name, public or one that the bot is in. `teams`: of an org, those to look in. */
  async named(workspace: string, name: string, teams: readonly string[]): Promise<string | undefined> {
    for (const team of teams.length === 0 ? [undefined] : teams) {
      const names = await this.#names.get(`${workspace}:${team ?? ''}`, () => this.#list(workspace, team));
      const found = names.get(name.toLowerCase());
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The workspaces of an org where the app is. */
  teams(workspace: string): Promise<readonly string[]> {
    return this.#teams.get(workspace, () =>
      this.#clients.call(workspace, async (client) => {
        const parsed = teamList.safeParse(await client.auth.teams.list({ limit: pageSize }));
        if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
        return parsed.data.teams.map(({ id }) => id);
      }),
    );
  }

  #ask(workspace: string, id: string): Promise<Channel> {
    return this.#clients.call(workspace, async (client) => {
      const parsed = conversation.safeParse((await client.conversations.info({ channel: id })).channel);
      if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
      const { data } = parsed;
      const kind = data.is_im ? 'direct' : data.is_mpim ? 'group' : data.is_private ? 'private' : 'public';
      return {
        id,
        kind,
        isMember: data.is_member || data.is_im || data.is_mpim,
        ...(data.name === undefined ? {} : { name: data.name }),
      };
    });
  }

  async #list(workspace: string, team: string | undefined): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    let cursor = '';
    for (let page = 0; page < mostPages; page++) {
      const at = cursor;
      const answer = await this.#clients.call(workspace, (client) => listPage(client, at, team));
      for (const { name, id } of answer.channels) if (name !== undefined) names.set(name.toLowerCase(), id);
      cursor = answer.response_metadata.next_cursor;
      if (cursor === '') break;
    }
    return names;
  }
}

async function listPage(client: WebClient, cursor: string, team: string | undefined) {
  const answer = await client.conversations.list({
    types: 'public_channel,private_channel',
    exclude_archived: true,
    limit: pageSize,
    ...(cursor === '' ? {} : { cursor }),
    ...(team === undefined ? {} : { team_id: team }),
  });
  const parsed = listed.safeParse(answer);
  if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
  return parsed.data;
}
