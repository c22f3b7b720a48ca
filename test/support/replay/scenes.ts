import { z } from 'zod';
import type { EmbeddedStackStorm } from '../../../src/demo/stackstorm/stackstorm.ts';
import type { Capture } from './captures.ts';
import { recreate, type WireSeed } from './wire-world.ts';

/** Ids of the capture and what they are here. */
export type Renames = ReadonlyMap<string, string>;

const bodies = z.array(z.looseObject({ id: z.string() }));
const inquiry = z.object({
  id: z.string(),
  route: z.string(),
  ttl: z.number(),
  users: z.array(z.string()),
  roles: z.array(z.string()),
  schema: z.record(z.string(), z.unknown()),
});

/** What had happened at StackStorm before a capture was taken. */
export class Scenes {
  readonly #byName: ReadonlyMap<string, Capture>;
  readonly #seed: WireSeed;

  constructor(captures: readonly Capture[], seed: WireSeed) {
    this.#byName = new Map(captures.map((capture) => [capture.name, capture]));
    this.#seed = seed;
  }

  set(world: EmbeddedStackStorm, capture: Capture): Renames {
    const { name } = capture;
    if (name.startsWith('aliasexec_') || name.startsWith('format_'))
      for (const alias of this.#seed.moreAliases) world.state.packs.putAlias(alias);
    if (name === 'aliasexec_ack_bad_syntax')
      world.state.packs.putAlias({
        pack: 'wire',
        name: 'ack_bad_syntax',
        description: 'x',
        action_ref: 'core.noop',
        formats: ['acksyntax'],
        ack: { format: '{% if %}' },
      });
    if (name === 'help_500_alias_without_description' || name === 'help_filter_ok_despite_nodesc')
      world.state.packs.putAlias({
        pack: 'wire',
        name: 'nodesc',
        action_ref: 'core.noop',
        formats: ['nodesc'],
      });
    if (name.includes('500_any_bad_regex'))
      world.state.packs.putAlias({ pack: 'zz', name: 'bad', action_ref: 'core.noop', formats: ['(bad'] });
    if (name === 'user_by_new_apikey')
      world.state.accounts.addApiKey(world.state.accounts.user('alice'), {
        key: capture.request.headers['St2-Api-Key'] ?? '',
      });
    if (name === 'apikeys_list') this.#moreKeys(world);
    if (name.includes('backend_down')) world.state.faults.add({ inject: { kind: 'backend-down' } });
    if (name.startsWith('inquir')) return this.#inquiries(world, name);
    if (name.startsWith('execution')) return this.#executions(world, capture);
    return new Map();
  }

  #moreKeys(world: EmbeddedStackStorm): void {
    const listed = z
      .array(z.object({ user: z.string(), metadata: z.record(z.string(), z.unknown()) }))
      .parse(this.#body('apikeys_list'));
    for (const { user, metadata } of listed.slice(world.state.accounts.apiKeys.length))
      world.state.accounts.addApiKey(world.state.accounts.user(user), { metadata });
  }

  #inquiries(world: EmbeddedStackStorm, name: string): Renames {
    const renames = new Map<string, string>();
    const { executions, packs } = world.state;
    const ask = packs.action('core.ask');
    if (ask === undefined) throw new Error('no core.ask in the captures');
    const captured = z.array(inquiry).parse(this.#body('inquiries_list'));
    const parameters = [
      (row: z.infer<typeof inquiry>) => ({ route: row.route, ttl: row.ttl }),
      ({ users, roles, schema }: z.infer<typeof inquiry>) => ({ users, roles, schema }),
      ({ roles }: z.infer<typeof inquiry>) => ({ roles }),
      ({ schema }: z.infer<typeof inquiry>) => ({ schema }),
    ];
    for (const [index, row] of captured.entries()) {
      const made = executions.start(ask, parameters[index]?.(row) ?? {}, { user: 'stanley' });
      executions.advance(made.id);
      executions.advance(made.id);
      renames.set(row.id, made.id);
    }
    if (/_after$|_again$/.test(name)) {
      const answered = executions.get(renames.get(captured[1]?.id ?? '') ?? '');
      if (answered !== undefined) executions.respond(answered, { approve: true });
    }
    const ran = idIn(this.#byName.get('inquiry_get_not_inquiry'));
    renames.set(ran, recreate(world, this.#body('execution_get_succeeded')));
    return renames;
  }

  #executions(world: EmbeddedStackStorm, capture: Capture): Renames {
    const { body } = capture.response;
    const list = bodies.safeParse(body);
    const renames = new Map<string, string>();
    if (list.success) {
      const source =
        capture.name === 'executions_list_by_user_ctx'
          ? bodies.parse(this.#body('execution_max_result_size'))
          : list.data;
      for (const row of source.toReversed()) renames.set(row.id, recreate(world, row));
      return renames;
    }
    const id = /\/executions\/([0-9a-f]{24})/.exec(capture.request.path)?.[1];
    if (id === undefined || capture.name === 'execution_get_missing') return renames;
    renames.set(id, recreate(world, this.#before(capture)));
    return renames;
  }

  /** The execution as it was when the request came. */
  #before(capture: Capture): unknown {
    switch (capture.name) {
      case 'execution_cancel_requested':
        return { ...object(capture.response.body), context: { user: 'chatops_bot' }, status: 'requested' };
      case 'execution_get_include':
      case 'execution_get_no_auth':
        return this.#body('execution_get_requested');
      case 'execution_rerun':
      case 'execution_cancel_completed':
      case 'execution_get_result_only':
      case 'execution_output':
        return this.#body('execution_get_succeeded');
      default:
        return capture.response.body;
    }
  }

  #body(name: string): unknown {
    const capture = this.#byName.get(name);
    if (capture === undefined) throw new Error(`no capture ${name}`);
    return capture.response.body;
  }
}

function object(value: unknown): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(value);
}

function idIn(capture: Capture | undefined): string {
  return /[0-9a-f]{24}/.exec(capture?.request.path ?? '')?.[0] ?? '';
}
