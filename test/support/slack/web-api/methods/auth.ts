import { lean } from '../../wire.ts';
import type { SlackApp } from '../../world-types.ts';
import { flag, text, whole } from '../arguments.ts';
import { type Method, method, page, SlackFault } from '../call.ts';

export function authMethods(openConnection: (app: SlackApp) => string): Record<string, Method> {
  return {
    'auth.test': method({ tokens: ['bot', 'user', 'app'] }, {}, (call) => {
      const { token } = call;
      const { installation, user } = token;
      if (installation === undefined || user === undefined)
        return { app_name: token.app.name, app_id: token.app.id };
      const team = installation.team ?? user.team;
      return lean({
        url: `https://${team.domain}.slack.com/`,
        team: installation.isEnterpriseInstall ? installation.enterprise?.name : team.name,
        user: user.name,
        team_id: installation.isEnterpriseInstall ? installation.enterprise?.id : team.id,
        user_id: user.id,
        bot_id: user.bot?.id,
        enterprise_id: installation.enterprise?.id,
        is_enterprise_install: installation.isEnterpriseInstall,
        app_id: token.kind === 'bot' ? token.app.id : undefined,
        expires_in:
          token.expiresAt === undefined ? undefined : Math.floor((token.expiresAt - call.world.now()) / 1000),
      });
    }),

    // https://docs.slack.dev/reference/methods/auth.teams.list: the workspaces that a token reaches.
    'auth.teams.list': method(
      { tokens: ['bot', 'user'] },
      { limit: whole.optional(), cursor: text.optional(), include_icon: flag.optional() },
      (call, args) => {
        const { items, next } = page(call.teams, args, 100, 1000);
        return {
          teams: items.map(({ id, name }) => ({ id, name })),
          response_metadata: { next_cursor: next },
        };
      },
    ),

    'auth.revoke': method({ tokens: ['bot', 'user'] }, { test: flag.optional() }, (call, { test }) => {
      if (test !== true) call.world.apps.revoke(call.token);
      return { revoked: test !== true };
    }),

    'apps.uninstall': method(
      { tokens: ['bot', 'user'] },
      { client_id: text, client_secret: text },
      (call, { client_id, client_secret }) => {
        const { app } = call.token;
        const named = [...call.world.apps.apps.values()].find((one) => one.clientId === client_id);
        if (named === undefined) throw new SlackFault('invalid_client_id');
        if (named.clientSecret !== client_secret) throw new SlackFault('bad_client_secret');
        if (named !== app) throw new SlackFault('client_id_token_mismatch');
        call.world.apps.uninstall(call.installation);
        return {};
      },
    ),

    'apps.connections.open': method(
      { tokens: ['app'], scopes: ['connections:write'] },
      { approximate_size: text.optional() },
      (call) => {
        if (!call.token.app.socketMode) throw new SlackFault('socket_mode_disabled');
        return { url: openConnection(call.token.app) };
      },
    ),
  };
}
