import type { AliasFormat } from './alias-catalog.ts';
import type { BusEvent, EventBus } from './event-bus.ts';
import { objectId } from './identifiers.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { Schema } from './json-schema.ts';

/** A parameter of an action or runner: JSON Schema with StackStorm's marks. */
export interface Parameter extends Schema {
  readonly default?: unknown;
  readonly description?: string;
  readonly required?: boolean;
  readonly secret?: boolean;
  readonly immutable?: boolean;
  readonly position?: number;
}

export interface RunnerSeed {
  readonly name: string;
  readonly description: string;
  readonly runner_package: string;
  readonly runner_module: string;
  readonly runner_parameters: Readonly<Record<string, Parameter>>;
}
export interface Runner extends RunnerSeed {
  readonly id: string;
}

export interface ActionSeed {
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly runner_type: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly metadata_file?: string;
}
export interface Action extends ActionSeed {
  readonly id: string;
  readonly ref: string;
}

export interface AliasSeed {
  readonly id?: string;
  readonly pack: string;
  readonly name: string;
  readonly description?: string;
  readonly metadata_file?: string;
  readonly enabled?: boolean;
  readonly action_ref: string;
  readonly formats: readonly AliasFormat[];
  readonly ack?: JsonObject;
  readonly result?: JsonObject;
  readonly extra?: JsonObject;
  readonly immutable_parameters?: JsonObject;
}
export interface Alias extends AliasSeed {
  readonly id: string;
  readonly ref: string;
  readonly enabled: boolean;
}

export interface RuleSeed {
  readonly pack: string;
  readonly name: string;
  readonly description: string;
  readonly enabled?: boolean;
  readonly trigger: string;
  readonly criteria: JsonObject;
  readonly action: { readonly ref: string; readonly parameters: JsonObject };
}
export interface Rule extends RuleSeed {
  readonly id: string;
  readonly ref: string;
  readonly enabled: boolean;
}

/** What StackStorm has registered of its packs: runners, actions, aliases, rules. Aliases tell the stream of their changes. */
export class Packs {
  readonly #runners = new Map<string, Runner>();
  readonly #actions = new Map<string, Action>();
  readonly #aliases = new Map<string, Alias>();
  readonly #rules = new Map<string, Rule>();
  /** Null after a change. */
  #sorted: readonly Alias[] | null = null;
  readonly #bus: EventBus;
  readonly #now: () => number;

  constructor(bus: EventBus, now: () => number) {
    this.#bus = bus;
    this.#now = now;
  }

  addRunner(seed: RunnerSeed): void {
    this.#runners.set(seed.name, { ...seed, id: objectId(this.#now()) });
  }

  runner(name: string): Runner | undefined {
    return this.#runners.get(name);
  }

  addAction(seed: ActionSeed): void {
    const ref = `${seed.pack}.${seed.name}`;
    this.#actions.set(ref, { ...seed, ref, id: objectId(this.#now()) });
  }

  action(ref: string): Action | undefined {
    return this.#actions.get(ref);
  }

  /** Registers an alias, or writes over the one of the same ref. */
  putAlias(seed: AliasSeed): Alias {
    const ref = `${seed.pack}.${seed.name}`;
    const known = this.#aliases.get(ref);
    const id = seed.id ?? known?.id ?? objectId(this.#now());
    const alias: Alias = { ...seed, ref, id, enabled: seed.enabled ?? true };
    this.#aliases.set(ref, alias);
    this.#sorted = null;
    this.#bus.publish(aliasEvent(known === undefined ? 'create' : 'update', alias));
    return alias;
  }

  removeAlias(ref: string): boolean {
    const known = this.#aliases.get(ref);
    if (known === undefined) return false;
    this.#aliases.delete(ref);
    this.#sorted = null;
    this.#bus.publish(aliasEvent('delete', known));
    return true;
  }

  /** Sorted by pack, then name, as the API lists them. */
  get aliases(): readonly Alias[] {
    this.#sorted ??= [...this.#aliases.values()].sort(
      (a, b) => compare(a.pack, b.pack) || compare(a.name, b.name),
    );
    return this.#sorted;
  }

  alias(refOrId: string): Alias | undefined {
    return this.#aliases.get(refOrId) ?? [...this.#aliases.values()].find((alias) => alias.id === refOrId);
  }

  /** The alias that an execution asks for by its bare name: the oldest, whatever its pack. */
  aliasByName(name: string): Alias | undefined {
    return [...this.#aliases.values()]
      .filter((alias) => alias.name === name)
      .sort((a, b) => compare(a.id, b.id))[0];
  }

  addRule(seed: RuleSeed): void {
    const ref = `${seed.pack}.${seed.name}`;
    this.#rules.set(ref, { ...seed, ref, id: objectId(this.#now()), enabled: seed.enabled ?? true });
  }

  get rules(): readonly Rule[] {
    return [...this.#rules.values()].sort((a, b) => compare(a.ref, b.ref));
  }

  rule(refOrId: string): Rule | undefined {
    return this.#rules.get(refOrId) ?? [...this.#rules.values()].find((rule) => rule.id === refOrId);
  }

  removeRule(ref: string): boolean {
    return this.#rules.delete(ref);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function aliasEvent(change: 'create' | 'update' | 'delete', alias: Alias): BusEvent {
  return { name: `st2.actionalias__${change}`, data: aliasRecord(alias), actionRef: null, executionId: null };
}

/** The alias as API and stream write it. */
export function aliasRecord(alias: Alias): JsonObject {
  return {
    uid: `action_alias:${alias.pack}:${alias.name}`,
    ...(alias.metadata_file === undefined ? {} : { metadata_file: alias.metadata_file }),
    name: alias.name,
    ref: alias.ref,
    ...(alias.description === undefined ? {} : { description: alias.description }),
    pack: alias.pack,
    enabled: alias.enabled,
    action_ref: alias.action_ref,
    formats: alias.formats,
    ack: alias.ack ?? {},
    result: alias.result ?? {},
    extra: alias.extra ?? {},
    immutable_parameters: alias.immutable_parameters ?? {},
    id: alias.id,
  };
}

export function actionUid(action: Action): string {
  return `action:${action.pack}:${action.name}`;
}

export function actionRecord(action: Action): JsonObject {
  return {
    tags: [],
    uid: actionUid(action),
    ...(action.metadata_file === undefined ? {} : { metadata_file: action.metadata_file }),
    name: action.name,
    ref: action.ref,
    description: action.description ?? '',
    enabled: true,
    entry_point: '',
    pack: action.pack,
    runner_type: action.runner_type,
    parameters: action.parameters ?? {},
    output_schema: {},
    notify: {},
    id: action.id,
  };
}

export function runnerRecord(runner: Runner): JsonObject {
  return {
    name: runner.name,
    description: runner.description,
    uid: `runner_type:${runner.name}`,
    enabled: true,
    runner_package: runner.runner_package,
    runner_module: runner.runner_module,
    runner_parameters: runner.runner_parameters,
    output_schema: {},
    id: runner.id,
  };
}

export function ruleRecord(rule: Rule): JsonObject {
  return {
    uid: `rule:${rule.pack}:${rule.name}`,
    metadata_file: `rules/${rule.name.replace('-', '_')}.yaml`,
    name: rule.name,
    ref: rule.ref,
    description: rule.description,
    pack: rule.pack,
    enabled: rule.enabled,
    trigger: { type: rule.trigger, ref: rule.trigger, description: '', parameters: {} },
    criteria: rule.criteria,
    action: { ref: rule.action.ref, description: '', parameters: rule.action.parameters },
    tags: [],
    type: { ref: 'standard', parameters: {} },
    context: { user: 'system' },
    id: rule.id,
  };
}

/** The route that a notify rule waits for, or null where the rule is another. */
export function notifyRouteOf(rule: Rule): string | null {
  if (!rule.enabled || rule.trigger !== 'core.st2.generic.notifytrigger') return null;
  const criterion = rule.criteria['trigger.route'];
  return isJsonObject(criterion) && typeof criterion['pattern'] === 'string' ? criterion['pattern'] : null;
}
