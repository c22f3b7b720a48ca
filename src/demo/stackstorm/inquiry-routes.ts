import type { User } from './accounts.ts';
import { authenticated } from './authenticate.ts';
import type { Execution } from './executions.ts';
import { notFound, StackStormFault } from './fault.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { type Schema, schemaFault, wholeMessage } from './json-schema.ts';
import { page } from './listing.ts';
import { asObject } from './parameters.ts';
import { readBody } from './request-body.ts';
import type { ServiceApp } from './service-app.ts';
import type { StackStormState } from './state.ts';

const responseRequest: Schema = {
  type: 'object',
  properties: { id: { type: 'string' }, response: { type: 'object' } },
  required: ['id', 'response'],
};

/** `/inquiries`: executions that wait for a person. Source: st2api/controllers/v1/inquiries.py. */
export function addInquiryRoutes(app: ServiceApp, state: StackStormState): void {
  const auth = authenticated(state);
  const { accounts, executions } = state;

  /** @throws StackStormFault 404, 400 for what is no inquiry or is answered */
  const pending = (id: string): Execution => {
    const execution = executions.get(id);
    if (execution === undefined) throw notFound();
    if (execution.action.runner_type !== 'inquirer')
      throw new StackStormFault(400, `Action execution "${id}" is not an inquiry.`);
    if (execution.status === 'timeout')
      throw new StackStormFault(400, `Inquiry "${id}" timed out and cannot be responded to.`);
    if (executions.isEnded(execution))
      throw new StackStormFault(400, `Inquiry "${id}" has already been responded to.`);
    return execution;
  };

  app.get('/inquiries', auth, (c) => {
    accounts.assertMay(c.get('identity').user, 'inquiry_list');
    const open = executions.all.filter(({ status }) => status === 'pending').toReversed();
    return c.json(page(c, state, open, 20).map(inquiryRecord));
  });

  app.get('/inquiries/:id', auth, (c) => {
    const execution = pending(c.req.param('id'));
    accounts.assertMay(c.get('identity').user, 'inquiry_view');
    return c.json(inquiryRecord(execution));
  });

  app.put('/inquiries/:id', auth, async (c) => {
    const { user } = c.get('identity');
    const body = await readBody(c, responseRequest);
    const execution = pending(c.req.param('id'));
    accounts.assertMay(user, 'inquiry_respond');
    assertAsked(execution, user, accounts.rbac);
    const response = asObject(body['response']);
    assertFits(execution, response);
    executions.respond(execution, response);
    return c.json({ id: execution.id, response });
  });
}

function inquiryRecord(execution: Execution): JsonObject {
  const asked = asObject(execution.result);
  const { route, ttl, users, roles, schema } = asked;
  return { id: execution.id, route, ttl, users, roles, schema };
}

/**
 * Both limits must let the user; roles are looked at with RBAC only. Source: st2common/services/inquiry.py, `check_permission`;
 * the message holds Python's own print of the user.
 */
function assertAsked(execution: Execution, user: User, rbac: boolean): void {
  const { users, roles } = asObject(execution.result);
  const isIn = (limit: unknown, own: readonly string[]) =>
    !Array.isArray(limit) || limit.length === 0 || limit.some((one) => own.includes(String(one)));
  if (isIn(users, [user.name]) && (!rbac || isIn(roles, user.roles ?? []))) return;
  const printed = `UserDB(id=${user.id}, is_service=${user.isService === true ? 'True' : 'False'}, name="${user.name}", nicknames={})`;
  throw new StackStormFault(
    403,
    `User "${printed}" does not have permission to respond to inquiry "${execution.id}".`,
  );
}

function assertFits(execution: Execution, response: JsonObject): void {
  const { schema } = asObject(execution.result);
  if (!isJsonObject(schema)) return;
  const fault = schemaFault(response, schema);
  if (fault !== null)
    throw new StackStormFault(
      400,
      `Response for inquiry "${execution.id}" did not pass schema validation. ${wholeMessage(fault)}`,
    );
}
