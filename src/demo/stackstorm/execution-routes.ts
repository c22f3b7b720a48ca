import { authenticated } from './authenticate.ts';
import type { Execution } from './executions.ts';
import { StackStormFault } from './fault.ts';
import { isJsonObject } from './json.ts';
import type { Schema } from './json-schema.ts';
import { page, selectAttributes } from './listing.ts';
import { actionUid } from './packs.ts';
import { asObject, CastError, castParameters, effectiveParameters } from './parameters.ts';
import { readBody } from './request-body.ts';
import type { Identity, ServiceApp } from './service-app.ts';
import type { StackStormState } from './state.ts';

const attributes = {
  known: new Set([
    'action',
    'runner',
    'liveaction',
    'status',
    'start_timestamp',
    'end_timestamp',
    'parameters',
    'result',
    'result_size',
    'context',
    'log',
    'web_url',
    'id',
    'elapsed_seconds',
    'trigger',
    'trigger_instance',
    'trigger_type',
    'rule',
    'parent',
    'children',
    'delay',
  ]),
  always: ['id'],
  alwaysInside: { action: ['uid', 'ref', 'pack', 'parameters', 'output_schema'] },
};
const executionRequest: Schema = {
  type: 'object',
  properties: {
    action: { type: 'string' },
    parameters: { type: 'object' },
    user: { type: ['string', 'null'] },
    context: { type: 'object' },
    notify: { type: 'object' },
  },
  required: ['action'],
};

/** `/executions`. Source: st2api/controllers/v1/actionexecutions.py. */
export function addExecutionRoutes(app: ServiceApp, state: StackStormState): void {
  const auth = authenticated(state);
  const { accounts, executions, packs } = state;

  /** @throws StackStormFault 404 in the words of a resource, for malformed ids too */
  const found = (id: string): Execution => {
    const execution = executions.get(id);
    if (execution === undefined)
      throw new StackStormFault(404, `Unable to identify resource with id "${id}".`);
    return execution;
  };
  const visible = (id: string, identity: Identity): Execution => {
    const execution = found(id);
    accounts.assertMay(identity.user, 'execution_view');
    return execution;
  };
  const start = (
    identity: Identity,
    ref: string,
    given: unknown,
    context: Record<string, unknown>,
  ): Execution => {
    const action = packs.action(ref);
    if (action === undefined) throw new StackStormFault(400, `Action "${ref}" cannot be found.`);
    accounts.assertMay(identity.user, 'action_execute', actionUid(action));
    const runner = packs.runner(action.runner_type);
    try {
      const known = runner === undefined ? {} : effectiveParameters(action, runner);
      return executions.start(
        action,
        castParameters(asObject(given), known, { splitArrays: false }),
        context,
      );
    } catch (error) {
      if (error instanceof CastError) throw new StackStormFault(400, error.message);
      throw error;
    }
  };

  app.get('/executions', auth, (c) => {
    accounts.assertMay(c.get('identity').user, 'execution_list');
    const select = selectAttributes(c, attributes);
    const {
      action,
      status,
      user,
      parent,
      timestamp_gt: after,
      timestamp_lt: before,
      sort_asc: ascending,
    } = c.req.query();
    const listed = executions.all.filter(
      (execution) =>
        (action === undefined || execution.action.ref === action) &&
        (status === undefined || execution.status === status) &&
        (user === undefined || execution.context['user'] === user) &&
        (parent === undefined || execution.parent?.id === parent) &&
        (after === undefined || execution.startedAt > Date.parse(after)) &&
        (before === undefined || execution.startedAt < Date.parse(before)),
    );
    const sorted = ascending?.toLowerCase() === 'true' ? listed.toReversed() : listed;
    return c.json(page(c, state, sorted).map((execution) => select(executions.record(execution))));
  });

  app.post('/executions', auth, async (c) => {
    const identity = c.get('identity');
    const body = await readBody(c, executionRequest);
    const user = typeof body['user'] === 'string' ? body['user'] : identity.user.name;
    if (user !== identity.user.name && !accounts.isAdmin(identity.user))
      throw new StackStormFault(403, '"user" attribute can only be provided by admins');
    const execution = start(identity, String(body['action']), body['parameters'], {
      ...asObject(body['context']),
      user,
    });
    return c.json(executions.record(execution), 201);
  });

  app.get('/executions/:id', auth, (c) => {
    const execution = visible(c.req.param('id'), c.get('identity'));
    const select = selectAttributes(c, attributes);
    const showSecrets = c.req.query('show_secrets') === 'true' && accounts.isAdmin(c.get('identity').user);
    return c.json(select(executions.record(execution, { showSecrets })));
  });

  app.get('/executions/:id/result', auth, (c) => {
    const { result } = visible(c.req.param('id'), c.get('identity'));
    return c.body(JSON.stringify(result ?? {}), 200, { 'content-type': 'text/json' });
  });

  app.get('/executions/:id/output', auth, (c) => {
    const result = executions.written(visible(c.req.param('id'), c.get('identity')));
    const which = c.req.query('output_type') ?? 'all';
    return c.text(outputOf(result, which), 200, { 'content-type': 'text/plain; charset=UTF-8' });
  });

  app.delete('/executions/:id', auth, (c) => {
    const { user } = c.get('identity');
    const execution = found(c.req.param('id'));
    if (execution.context['user'] !== user.name)
      accounts.assertMay(user, 'execution_stop', actionUid(execution.action));
    executions.cancel(execution, user.name);
    return c.json(executions.record(execution));
  });

  app.post('/executions/:id/re_run', auth, async (c) => {
    const identity = c.get('identity');
    const execution = found(c.req.param('id'));
    const body = await readBody(c, { type: 'object', properties: { parameters: { type: 'object' } } });
    const parameters = { ...execution.parameters, ...asObject(body['parameters']) };
    const again = start(identity, execution.action.ref, parameters, {
      're-run': { ref: execution.id },
      trace_context: { id_: execution.liveActionId },
      user: identity.user.name,
    });
    return c.json(executions.record(again), 201);
  });
}

/** The lines that an execution wrote, as `/output` streams them. */
function outputOf(result: unknown, which: string): string {
  if (!isJsonObject(result)) return '';
  const { stdout, stderr } = result;
  const wanted = which === 'stderr' ? [stderr] : which === 'stdout' ? [stdout] : [stdout, stderr];
  return wanted.map((text) => (typeof text === 'string' && text !== '' ? `${text}\n` : '')).join('');
}
