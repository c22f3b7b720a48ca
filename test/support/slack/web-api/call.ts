import { z } from 'zod';
import { FAMILY } from '../scopes.ts';
import type { SlackWorld } from '../world.ts';
import { sameOrg } from '../world-people.ts';
import type { Channel, Installation, Json, SlackUser, Token, Workspace } from '../world-types.ts';

/** Slack's error answer. `extra` stands beside `error`. */
export class SlackFault extends Error {
  readonly code: string;
  readonly extra: Json;
  readonly status: number;
  readonly retryAfter: number | undefined;

  constructor(code: string, extra: Json = {}, http: { status?: number; retryAfter?: number } = {}) {
    super(code);
    this.code = code;
    this.extra = extra;
    this.status = http.status ?? 200;
    this.retryAfter = http.retryAfter;
  }
}

/** `response_metadata.messages` as Slack fills it. */
export function explained(messages: readonly string[]): Json {
  return { response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) } };
}

/** One call under way: who calls, from where, and what they may see. */
export class Call {
  readonly world: SlackWorld;
  readonly method: string;
  readonly token: Token;
  readonly args: Json;
  /** `https://…` of this emulator, for upload URLs. */
  readonly origin: string;

  constructor(world: SlackWorld, method: string, token: Token, args: Json, origin: string) {
    this.world = world;
    this.method = method;
    this.token = token;
    this.args = args;
    this.origin = origin;
  }

  get installation(): Installation {
    const { installation } = this.token;
    if (installation === undefined) throw new SlackFault('not_allowed_token_type');
    return installation;
  }

  /** The workspace that the call is about: the token's, or for an org-wide token the `team_id` argument. */
  get team(): Workspace {
    const { team } = this.installation;
    if (team !== undefined) return team;
    const wanted = this.args['team_id'];
    if (typeof wanted !== 'string')
      throw new SlackFault('missing_argument', explained(['missing required field: team_id']));
    const found = this.teams.find((one) => one.id === wanted);
    if (found === undefined) throw new SlackFault('team_access_not_granted');
    return found;
  }

  /** Every workspace that the token reaches. */
  get teams(): Workspace[] {
    const { team, enterprise } = this.installation;
    if (team !== undefined) return [team];
    return [...this.world.people.workspaces.values()].filter((one) => one.enterprise === enterprise);
  }

  /** @throws SlackFault `missing_scope` where the token has none of the scopes; else notes the first that it has. */
  need(...scopes: readonly string[]): void {
    if (scopes.length === 0) return;
    const held = scopes.find((scope) => this.token.scopes.has(scope));
    if (held === undefined)
      throw new SlackFault('missing_scope', {
        needed: scopes.join(','),
        provided: [...this.token.scopes].join(','),
      });
    this.world.useScope(this.token, held);
  }

  /** Notes what Slack lets pass and the bot must not do. */
  violate(rule: string, detail: string): void {
    this.world.violate(this.method, rule, detail);
  }

  /**
   * A conversation that the bot may know of: public ones of its workspaces, others as a member.
   * @throws SlackFault `channel_not_found`
   */
  channel(id: string): Channel {
    const found = this.teams
      .map((team) => this.world.channels.find(team, id))
      .find((one) => one !== undefined);
    if (found === undefined) throw new SlackFault('channel_not_found');
    if (found.kind !== 'public' && !found.members.has(this.installation.bot))
      throw new SlackFault('channel_not_found');
    return found;
  }

  /** The same, for reading its messages: the bot is in it. */
  readable(id: string): Channel {
    const channel = this.channel(id);
    this.need(`${FAMILY[channel.kind]}:history`);
    if (!channel.members.has(this.installation.bot)) throw new SlackFault('not_in_channel');
    return channel;
  }

  /** The same, for asking about it. */
  known(id: string): Channel {
    const channel = this.channel(id);
    this.need(`${FAMILY[channel.kind]}:read`);
    return channel;
  }

  /** A user that the bot may see. */
  person(id: string): SlackUser | undefined {
    for (const team of this.teams) {
      const found = this.world.user(team, id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether the bot may open a DM with this person. */
  reaches(user: SlackUser): boolean {
    return this.world.rules.dmStrangers || this.teams.some((team) => sameOrg(team, user.team));
  }

  /** The workspace of ours in which this person is: their DMs with the bot are there. */
  homeOf(user: SlackUser): Workspace {
    const home =
      this.teams.find((team) => user.teams.has(team.id)) ??
      this.teams.find((team) => sameOrg(team, user.team));
    return home ?? this.teams[0] ?? user.team;
  }
}

export type Answer = Json;

/** One Web API method. `scopes`: the token must have one of them before anything else is looked at. */
export interface Method {
  readonly scopes: readonly string[];
  readonly tokens: readonly Token['kind'][];
  readonly known: ReadonlySet<string>;
  run(call: Call): Answer | Promise<Answer>;
}

const UNIVERSAL: readonly string[] = ['token', 'team_id'];

/** Defines a method with its arguments' schema; what does not parse is `invalid_arguments`. */
export function method<S extends z.ZodRawShape>(
  options: { scopes?: readonly string[]; tokens?: readonly Token['kind'][] },
  shape: S,
  run: (call: Call, args: z.output<z.ZodObject<S>>) => Answer | Promise<Answer>,
): Method {
  const schema = z.object(shape);
  return {
    scopes: options.scopes ?? [],
    tokens: options.tokens ?? ['bot'],
    known: new Set([...Object.keys(shape), ...UNIVERSAL]),
    run: (call) => {
      const parsed = schema.safeParse(call.args);
      if (!parsed.success) {
        const words = parsed.error.issues.map((issue) =>
          issue.code === 'invalid_type' && !(String(issue.path[0]) in call.args)
            ? `missing required field: ${issue.path.join('/')}`
            : `${issue.message} [json-pointer:/${issue.path.join('/')}]`,
        );
        throw new SlackFault('invalid_arguments', explained(words));
      }
      return run(call, parsed.data);
    },
  };
}

/** Pages of a list by Slack's opaque cursors. */
export function page<T>(
  items: readonly T[],
  options: { cursor?: string | undefined; limit?: number | undefined },
  fallback: number,
  most: number,
): { readonly items: T[]; readonly next: string } {
  const limit = options.limit === undefined || options.limit === 0 ? fallback : options.limit;
  if (limit > most) throw new SlackFault('invalid_limit');
  const start = options.cursor === undefined || options.cursor === '' ? 0 : offsetOf(options.cursor);
  if (start === undefined || start > items.length) throw new SlackFault('invalid_cursor');
  const end = start + limit;
  return { items: items.slice(start, end), next: end < items.length ? cursorAt(end) : '' };
}

function cursorAt(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64');
}

function offsetOf(cursor: string): number | undefined {
  const match = /^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString());
  return match === null ? undefined : Number(match[1]);
}
