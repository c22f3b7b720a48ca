import type { Permissions, UserSeed } from './accounts.ts';
import { demoActions, demoRuns, stockActions, stockRunners } from './demo-actions.ts';
import { demoAliases } from './demo-aliases.ts';
import type { JsonObject } from './json.ts';
import type { ActionSeed, AliasSeed, RuleSeed, RunnerSeed } from './packs.ts';
import type { Run } from './runners.ts';

/** What an embedded StackStorm starts with. */
export interface Seed {
  readonly users: readonly UserSeed[];
  /** ms since the epoch; for tests that need a token of a given text. */
  readonly tokens?: readonly { readonly user: string; readonly token: string; readonly expiresAt: number }[];
  readonly apiKeys?: readonly {
    readonly user: string;
    readonly key: string;
    readonly enabled?: boolean;
    readonly metadata?: JsonObject;
  }[];
  readonly runners: readonly RunnerSeed[];
  readonly actions: readonly ActionSeed[];
  readonly aliases: readonly AliasSeed[];
  readonly rules: readonly RuleSeed[];
  readonly runs: ReadonlyMap<string, Run>;
  /** Off: everybody may do everything. */
  readonly rbac: boolean;
}

/** What every account that runs aliases and looks at its executions needs. */
const reader: readonly string[] = [
  'action_alias_list',
  'action_alias_view',
  'action_alias_match',
  'action_alias_help',
  'execution_list',
  'execution_view',
  'inquiry_list',
  'inquiry_view',
  'inquiry_respond',
  'stream_view',
];
const bobMay: Permissions = { types: reader, executes: ['demo.list_vms', 'demo.status', 'core.noop'] };
const botMay: Permissions = { types: [...reader, 'rule_list', 'rule_view'], executes: ['*'] };

/** alice runs everything, bob little, admin administers; the bot's service account sees all and may run aliases. */
export function demoSeed(bot: { readonly password: string; readonly apiKey: string }): Seed {
  return {
    users: [
      { name: 'alice', password: 'alice', roles: ['operator'], may: { types: reader, executes: ['*'] } },
      { name: 'bob', password: 'bob', roles: ['observer'], may: bobMay },
      { name: 'admin', password: 'admin', roles: ['admin'], may: 'everything' },
      { name: botName, password: bot.password, isService: true, roles: ['chatops'], may: botMay },
    ],
    apiKeys: [{ user: botName, key: bot.apiKey, metadata: { used_by: botName } }],
    runners: stockRunners,
    actions: [...stockActions, ...demoActions],
    aliases: demoAliases,
    rules: notifyRules,
    runs: demoRuns,
    rbac: true,
  };
}

/** The service account of the bot. */
export const botName = 'chatops_bot';

/** The chatops pack's rules: `hubot` goes out as `chatops`, `errbot` keeps its route. */
export const notifyRules: readonly RuleSeed[] = [
  notifyRule('notify', 'hubot', {}),
  notifyRule('notify-errbot', 'errbot', { route: '{{trigger.route}}' }),
];

function notifyRule(name: string, route: string, parameters: JsonObject): RuleSeed {
  return {
    pack: 'chatops',
    name,
    description: 'Notification rule to send results of action executions to stream for chatops',
    trigger: 'core.st2.generic.notifytrigger',
    criteria: { 'trigger.route': { pattern: route, type: 'equals' } },
    action: {
      ref: 'chatops.post_result',
      parameters: {
        channel: '{{trigger.data.source_channel}}',
        user: '{{trigger.data.user}}',
        execution_id: '{{trigger.execution_id}}',
        context: '{{trigger.data.source_context}}',
        ...parameters,
      },
    },
  };
}
