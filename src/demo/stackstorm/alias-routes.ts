import { generateHelp, matchCatalog } from './alias-catalog.ts';
import { authenticated } from './authenticate.ts';
import { internalError, StackStormFault } from './fault.ts';
import type { Schema } from './json-schema.ts';
import { integerQuery, page, selectAttributes } from './listing.ts';
import { type Alias, aliasRecord } from './packs.ts';
import { readBody } from './request-body.ts';
import type { ServiceApp } from './service-app.ts';
import type { StackStormState } from './state.ts';

const attributes = {
  known: new Set([
    'uid',
    'metadata_file',
    'name',
    'ref',
    'description',
    'pack',
    'enabled',
    'action_ref',
    'formats',
    'ack',
    'result',
    'extra',
    'immutable_parameters',
    'id',
  ]),
  always: ['id', 'ref'],
};
const matchRequest: Schema = {
  type: 'object',
  properties: { command: { type: 'string' } },
  required: ['command'],
};

/** `/actionalias`: the list, one, help, match. Source: st2api/controllers/v1/actionalias.py. */
export function addAliasRoutes(app: ServiceApp, state: StackStormState): void {
  const auth = authenticated(state);
  const { accounts, packs } = state;

  app.get('/actionalias', auth, (c) => {
    accounts.assertMay(c.get('identity').user, 'action_alias_list');
    const { name, pack } = c.req.query();
    const select = selectAttributes(c, attributes);
    const found = packs.aliases.filter(
      (alias) => (name === undefined || alias.name === name) && (pack === undefined || alias.pack === pack),
    );
    return c.json(page(c, state, found).map((alias) => select(aliasRecord(alias))));
  });

  app.get('/actionalias/help', auth, (c) => {
    accounts.assertMay(c.get('identity').user, 'action_alias_help');
    const { filter, pack } = c.req.query();
    const help = generateHelp(packs.aliases, {
      filter: filter ?? null,
      pack: pack ?? null,
      limit: integerQuery(c, 'limit') ?? 100,
      offset: integerQuery(c, 'offset') ?? 0,
    });
    if ('error' in help) throw internalError();
    return c.json(help);
  });

  app.get('/actionalias/:ref', auth, (c) => {
    const ref = c.req.param('ref');
    if (ref === 'match') return c.notFound();
    accounts.assertMay(c.get('identity').user, 'action_alias_view');
    const alias = packs.alias(ref);
    if (alias === undefined)
      throw new StackStormFault(404, `Resource with a reference or id "${ref}" not found`);
    return c.json(aliasRecord(alias));
  });

  app.post('/actionalias/match', auth, async (c) => {
    accounts.assertMay(c.get('identity').user, 'action_alias_match');
    const { command } = await readBody(c, matchRequest);
    const { alias, row } = matchedAlias(state, String(command));
    return c.json({
      actionalias: aliasRecord(alias),
      display: row.display,
      representation: row.representation,
    });
  });
}

/**
 * The one alias that a command means.
 * @throws StackStormFault 400 for none and for several, 500 where any alias has a bad pattern
 */
export function matchedAlias(
  state: StackStormState,
  command: string,
): Extract<ReturnType<typeof matchCatalog<Alias>>, { hit: unknown }>['hit'] {
  const match = matchCatalog(state.packs.aliases, command);
  if ('hit' in match) return match.hit;
  switch (match.error) {
    case 'none':
      throw new StackStormFault(400, `Command '${command}' matched no patterns`);
    case 'ambiguous':
      throw new StackStormFault(
        400,
        `Command '${command}' matched more than 1 ${match.multiple ? '(multi) ' : ''}pattern`,
      );
    case 'failed':
      throw internalError();
  }
}
