import { formatRows } from './alias-catalog.ts';
import { type AliasParameters, extractMultipleParameters, extractParameters } from './alias-parser.ts';
import { matchedAlias } from './alias-routes.ts';
import { authenticated } from './authenticate.ts';
import { internalError, StackStormFault } from './fault.ts';
import { renderJinja, renderValues } from './jinja.ts';
import { JinjaRenderError, JinjaSyntaxError } from './jinja-values.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { Schema } from './json-schema.ts';
import { type Alias, actionUid, aliasRecord } from './packs.ts';
import { aliasCastFault, CastError, castParameters, effectiveParameters } from './parameters.ts';
import { readBody } from './request-body.ts';
import { renderDeep } from './result-message.ts';
import type { Identity, ServiceApp } from './service-app.ts';
import type { StackStormState } from './state.ts';

const aliasExecution: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    format: { type: 'string' },
    command: { type: 'string' },
    user: { type: 'string' },
    source_channel: { type: 'string' },
    source_context: { type: ['object', 'null'] },
    notification_channel: { type: ['string', 'null'] },
    notification_route: { type: ['string', 'null'] },
  },
  required: ['name', 'format', 'command', 'source_channel'],
  additionalProperties: false,
};
const matchAndExecute: Schema = {
  type: 'object',
  properties: {
    command: { type: 'string' },
    user: { type: 'string' },
    source_channel: { type: 'string' },
    notification_channel: { type: 'string' },
    notification_route: { type: 'string' },
  },
  required: ['command', 'user', 'source_channel'],
  additionalProperties: false,
};

/** `/aliasexecution`: the one request that a chat bot lives by. Source: st2api/controllers/v1/aliasexecution.py. */
export function addAliasExecutionRoutes(app: ServiceApp, state: StackStormState): void {
  const auth = authenticated(state);

  app.post('/aliasexecution', auth, async (c) => {
    const body = await readBody(c, aliasExecution);
    const showSecrets = c.req.query('show_secrets') === 'true';
    const name = String(body['name']);
    if (name === '') throw new StackStormFault(400, 'Alias execution "name" is required');
    const alias = state.packs.aliasByName(name);
    if (alias === undefined)
      throw new StackStormFault(404, `Unable to find the ActionAliasDB instance. {'name': '${name}'}`);
    if (!alias.enabled) throw new StackStormFault(400, `Action alias with name "${name}" is disabled.`);
    const [parameters] = parametersOf(alias, String(body['format']), String(body['command']), false);
    const answer = execute(state, c.get('identity'), alias, parameters ?? {}, body, showSecrets);
    return c.json(answer, 201);
  });

  app.post('/aliasexecution/match_and_execute', auth, async (c) => {
    const body = await readBody(c, matchAndExecute);
    const showSecrets = c.req.query('show_secrets') === 'true';
    const { alias, row } = matchedAlias(state, String(body['command']));
    if (row.matchMultiple === undefined && row.representation === '') throw internalError();
    const all = parametersOf(alias, row.representation, String(body['command']), row.matchMultiple === true);
    const results = all.map((parameters) =>
      execute(state, c.get('identity'), alias, parameters, body, showSecrets),
    );
    return c.json({ results }, 201);
  });
}

/** @throws StackStormFault 400 where the format is not the alias's or the command is not the format's */
function parametersOf(
  alias: Alias,
  format: string,
  command: string,
  multiple: boolean,
): readonly AliasParameters[] {
  if (!formatRows(alias.formats).some((row) => row.representation === format))
    throw new StackStormFault(400, `Format string "${format}" is not available on the alias "${alias.name}"`);
  const extracted = multiple
    ? extractMultipleParameters(format, command)
    : extractParameters(format, command);
  if ('error' in extracted) throw internalError();
  if (!extracted.match)
    throw new StackStormFault(400, `Command "${command}" doesn't match format string "${format}"`);
  return [extracted.parameters].flat();
}

function execute(
  state: StackStormState,
  identity: Identity,
  alias: Alias,
  extracted: AliasParameters,
  body: JsonObject,
  showSecrets: boolean,
): JsonObject {
  const action = state.packs.action(alias.action_ref);
  const apiUser = typeof body['user'] === 'string' ? body['user'] : 'channel';
  const context = {
    action_alias_ref: { id: alias.id, name: alias.name },
    api_user: apiUser,
    user: identity.user.name,
    source_channel: body['source_channel'],
  };
  const given = withImmutable(alias, extracted, context);
  if (action === undefined)
    throw new StackStormFault(404, `Action with ref "${alias.action_ref}" not found `);
  state.accounts.assertMay(identity.user, 'action_execute', actionUid(action));
  const runner = state.packs.runner(action.runner_type);
  const parameters = cast(given, runner === undefined ? {} : effectiveParameters(action, runner));
  const route = body['notification_route'] ?? body['notification_channel'] ?? null;
  const notify = {
    'on-complete': {
      data: {
        user: apiUser,
        source_channel: body['source_channel'],
        source_context: body['source_context'] ?? null,
      },
      routes: [route],
    },
  };
  const execution = state.executions.start(action, parameters, context, notify);
  const record = state.executions.record(execution, { showSecrets });
  return {
    execution: record,
    actionalias: aliasRecord(alias),
    ...acknowledgement(alias, record),
  };
}

/** The alias's fixed parameters, rendered with the context. @throws StackStormFault 400 where a command overrides one */
function withImmutable(alias: Alias, extracted: AliasParameters, context: JsonObject): JsonObject {
  const immutable = alias.immutable_parameters ?? {};
  const overridden = Object.keys(extracted).filter((name) => Object.hasOwn(immutable, name));
  if (overridden.length > 0)
    throw new StackStormFault(400, `Immutable arguments cannot be overriden: ${overridden.join(',')}`);
  return { ...extracted, ...renderValues(immutable, context) };
}

function cast(values: JsonObject, parameters: ReturnType<typeof effectiveParameters>): JsonObject {
  try {
    return castParameters(values, parameters, { splitArrays: true });
  } catch (error) {
    if (error instanceof CastError) throw aliasCastFault(error);
    throw error;
  }
}

/**
 * `message` and `extra`, where the alias's `ack` has them; `ack.enabled` is not looked at. A template that does not parse
 * fails the request after the execution has started.
 */
function acknowledgement(alias: Alias, execution: JsonObject): JsonObject {
  const { format, extra } = alias.ack ?? {};
  const names = { execution, actionalias: aliasRecord(alias) };
  const rendered = (field: string, render: () => unknown): unknown => {
    try {
      return render();
    } catch (error) {
      if (error instanceof JinjaRenderError)
        return `Cannot render "${field}" in field "ack" for alias. ${error.message}`;
      if (error instanceof JinjaSyntaxError) throw internalError();
      throw error;
    }
  };
  const text = (source: string): string => renderJinja(source, names, { strict: true });
  return {
    ...(typeof format === 'string' ? { message: rendered('format', () => text(format)) } : {}),
    ...(isJsonObject(extra) ? { extra: rendered('extra', () => renderDeep(extra, text)) } : {}),
  };
}
