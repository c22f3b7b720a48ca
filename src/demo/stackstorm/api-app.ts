import type { ApiKey, User } from './accounts.ts';
import { addAliasExecutionRoutes } from './alias-execution-routes.ts';
import { addAliasRoutes } from './alias-routes.ts';
import { authenticated } from './authenticate.ts';
import { addExecutionRoutes } from './execution-routes.ts';
import { StackStormFault } from './fault.ts';
import { timestamp, wholeSeconds } from './identifiers.ts';
import { addInquiryRoutes } from './inquiry-routes.ts';
import type { JsonObject } from './json.ts';
import { page } from './listing.ts';
import { actionRecord, actionUid, ruleRecord } from './packs.ts';
import { asObject, effectiveParameters } from './parameters.ts';
import { readBody } from './request-body.ts';
import { createServiceApp, type ServiceApp, type ServiceOptions } from './service-app.ts';
import type { StackStormState } from './state.ts';

/** st2api: what a chat bot asks of it. */
export function createApiApp(state: StackStormState, options: ServiceOptions): ServiceApp {
  const app = createServiceApp('api', state, options);
  const auth = authenticated(state);
  const { accounts, packs } = state;

  app.get('/', auth, (c) => c.json({ version: '3.10dev', docs_url: 'http://docs.stackstorm.com/latest' }));

  app.get('/user', auth, (c) => {
    const { user, method, location, expiresAt } = c.get('identity');
    return c.json({
      username: user.name,
      authentication: {
        method,
        location,
        ...(expiresAt === null ? {} : { token_expire: wholeSeconds(expiresAt) }),
      },
      rbac: {
        enabled: accounts.rbac,
        roles: accounts.rbac ? (user.roles ?? []) : [],
        is_admin: accounts.isAdmin(user),
      },
    });
  });

  app.get('/apikeys', auth, (c) => {
    accounts.assertMay(c.get('identity').user, 'api_key_list');
    return c.json(page(c, state, accounts.apiKeys, 50).map((key) => keyRecord(key, '********')));
  });

  app.post('/apikeys', auth, async (c) => {
    const { user } = c.get('identity');
    const body = await readBody(c, {
      type: 'object',
      properties: { user: { type: ['string', 'null'] }, metadata: { type: ['object', 'null'] } },
    });
    const owner = typeof body['user'] === 'string' ? body['user'] : user.name;
    if (owner !== user.name) accounts.assertMay(user, 'api_key_create');
    const { key, record } = accounts.addApiKey(accounts.user(owner), {
      metadata: asObject(body['metadata']),
    });
    const { key_hash: _, ...shown } = keyRecord(record, `api_key:${record.keyHash}`);
    return c.json({ ...shown, key }, 201);
  });

  app.get('/rules', auth, (c) => {
    accounts.assertMay(c.get('identity').user, 'rule_list');
    const { pack, name, enabled } = c.req.query();
    const found = packs.rules.filter(
      (rule) =>
        (pack === undefined || rule.pack === pack) &&
        (name === undefined || rule.name === name) &&
        (enabled === undefined || rule.enabled === (enabled.toLowerCase() === 'true')),
    );
    return c.json(page(c, state, found).map(ruleRecord));
  });

  app.get('/rules/:ref', auth, (c) => {
    accounts.assertMay(c.get('identity').user, 'rule_view');
    const ref = c.req.param('ref');
    const rule = packs.rule(ref);
    if (rule === undefined)
      throw new StackStormFault(404, `Resource with a reference or id "${ref}" not found`);
    return c.json(ruleRecord(rule));
  });

  const actionOf = (ref: string) => {
    const action = packs.action(ref);
    if (action === undefined)
      throw new StackStormFault(404, `Resource with a reference or id "${ref}" not found`);
    return action;
  };
  // Who may execute an action may view it (StackStorm's RBAC: any permission on a resource grants `view`).
  const viewed = (user: User, ref: string) => {
    const action = actionOf(ref);
    accounts.assertMay(user, 'action_view', actionUid(action));
    return action;
  };
  app.get('/actions/:ref', auth, (c) =>
    c.json(actionRecord(viewed(c.get('identity').user, c.req.param('ref')))),
  );
  app.get('/actions/views/parameters/:ref', auth, (c) => {
    const action = viewed(c.get('identity').user, c.req.param('ref'));
    const runner = packs.runner(action.runner_type);
    if (runner === undefined) throw new StackStormFault(404, `Runner "${action.runner_type}" not found`);
    return c.json({ parameters: effectiveParameters(action, runner) });
  });

  addAliasRoutes(app, state);
  addAliasExecutionRoutes(app, state);
  addExecutionRoutes(app, state);
  addInquiryRoutes(app, state);
  return app;
}

/** A key's hash is shown to nobody; its uid, which holds the hash, only to who made it. */
function keyRecord(key: ApiKey, uid: string): JsonObject {
  return {
    uid,
    user: key.user.name,
    key_hash: '********',
    metadata: key.metadata,
    created_at: timestamp(key.createdAt),
    enabled: key.enabled,
    id: key.id,
  };
}
