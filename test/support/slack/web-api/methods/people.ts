import { lean, wireUser } from '../../wire.ts';
import { sameOrg } from '../../world-people.ts';
import type { Json, SlackUser, Workspace } from '../../world-types.ts';
import { flag, text, whole } from '../arguments.ts';
import { type Call, type Method, method, page, SlackFault } from '../call.ts';

/** users.*, team.* and usergroups.* */
export function peopleMethods(): Record<string, Method> {
  return {
    'users.info': method(
      { scopes: ['users:read'] },
      { user: text, include_locale: flag.optional() },
      (call, args) => {
        const user = call.person(args.user);
        if (user === undefined) throw new SlackFault('user_not_found');
        return { user: shown(call, user, call.homeOf(user)) };
      },
    ),

    'users.list': method(
      { scopes: ['users:read'] },
      { cursor: text.optional(), limit: whole.optional(), include_locale: flag.optional() },
      (call, args) => {
        const { team } = call;
        const { items, next } = page(call.world.people.membersOf(team), args, 1000, 1000);
        return {
          members: items.map((user) => shown(call, user, team)),
          cache_ts: Math.floor(call.world.now() / 1000),
          response_metadata: { next_cursor: next },
        };
      },
    ),

    'team.info': method(
      { scopes: ['team:read'] },
      { team: text.optional(), domain: text.optional() },
      (call, args) => {
        const named = args.team === undefined ? call.team : call.world.people.workspaces.get(args.team);
        if (named === undefined || !visible(call, named)) throw new SlackFault('team_not_found');
        return {
          team: lean({
            id: named.id,
            name: named.name,
            domain: named.domain,
            url: `https://${named.domain}.slack.com/`,
            email_domain: '',
            enterprise_id: named.enterprise?.id,
            enterprise_name: named.enterprise?.name,
          }),
        };
      },
    ),

    'usergroups.list': method(
      { scopes: ['usergroups:read'] },
      { include_users: flag.optional(), include_disabled: flag.optional(), include_count: flag.optional() },
      (call, args) => {
        const { team } = call;
        const groups = call.world.people.usergroups.filter(
          (group) => group.team === team && (group.enabled || args.include_disabled === true),
        );
        return {
          usergroups: groups.map((group) =>
            lean({
              id: group.id,
              team_id: group.team.id,
              is_usergroup: true,
              name: group.name,
              description: '',
              handle: group.handle,
              is_external: false,
              date_delete: group.enabled ? 0 : 1,
              users: args.include_users === true ? [...group.users].map((user) => user.id) : undefined,
              user_count: args.include_count === true ? group.users.size : undefined,
            }),
          ),
        };
      },
    ),

    'usergroups.users.list': method(
      { scopes: ['usergroups:read'] },
      { usergroup: text, include_disabled: flag.optional() },
      (call, args) => {
        const teams = call.teams;
        const group = call.world.people.usergroups.find(
          (one) => one.id === args.usergroup && teams.includes(one.team),
        );
        if (group === undefined) throw new SlackFault('no_such_subteam');
        if (!group.enabled && args.include_disabled !== true) throw new SlackFault('subteam_disabled');
        return { users: [...group.users].filter((user) => !user.deleted).map((user) => user.id) };
      },
    ),
  };
}

function shown(call: Call, user: SlackUser, reader: Workspace): Json {
  return wireUser(user, reader, call.world.channels.all, call.token.scopes.has('users:read.email'));
}

/** A workspace of ours, of our org, or one with which a channel is shared. */
function visible(call: Call, team: Workspace): boolean {
  const { channels } = call.world;
  return call.teams.some(
    (own) =>
      sameOrg(own, team) ||
      channels.all.some(
        (one) => one.sharedWith.size > 0 && channels.touches(one, own) && channels.touches(one, team),
      ),
  );
}
