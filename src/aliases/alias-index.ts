import type { ActionAlias } from '../stackstorm/wire.ts';
import { CandidateIndex } from './candidates.ts';
import { type AliasMatch, CommandMatcher, type MatchLimits } from './command-matcher.ts';

import { type AliasFault, FormatCache, type IndexedFormat } from './indexed-format.ts';
import { type NearMiss, nearestFormats } from './nearest.ts';
import { passesOf, representationsOf } from './representation.ts';
import type { SpokenFormat } from './spoken.ts';
import { byText } from './text-order.ts';

export type {
  AliasMatch,
  AmbiguousCommand,
  FoundAlias,
  MatchedFormat,
  RefusedCommand,
} from './command-matcher.ts';
export type { AliasFault } from './indexed-format.ts';
export type { NearMiss } from './nearest.ts';

export interface AliasIndexOptions extends Partial<MatchLimits> {
  /** Patterns that are kept ready; others are made ready again when they are needed. */
  readonly compiledFormats?: number;
}

interface Entry {
  readonly alias: ActionAlias;
  /** Of an enabled alias. */
  readonly formats: readonly IndexedFormat[];
  readonly disabledFormats: readonly IndexedFormat[];
  readonly faults: readonly AliasFault[];
}

/**
 * The aliases that the bot knows, ready to be matched as StackStorm matches them, in bounded time (design R5). One alias
 * with a bad pattern, which makes StackStorm's own matcher fail for every command, is set aside alone.
 */
export class AliasIndex {
  readonly #entries = new Map<string, Entry>();
  readonly #refOfId = new Map<string, string>();
  readonly #refsOfName = new Map<string, Set<string>>();
  readonly #candidates = new CandidateIndex<IndexedFormat>();
  readonly #cache: FormatCache;
  readonly #matcher: CommandMatcher;
  readonly #disabledCandidates = new CandidateIndex<IndexedFormat>();
  readonly #disabledMatcher: CommandMatcher;
  #sorted: readonly ActionAlias[] | undefined;
  #faults: readonly AliasFault[] | undefined;

  constructor(options: AliasIndexOptions = {}) {
    this.#cache = new FormatCache(options.compiledFormats ?? 500);
    this.#matcher = new CommandMatcher(this.#candidates, this.#cache, options);
    this.#disabledMatcher = new CommandMatcher(this.#disabledCandidates, this.#cache, options);
  }

  /** How many aliases are known, disabled ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** All of them in StackStorm's order, by pack and name. */
  get aliases(): readonly ActionAlias[] {
    this.#sorted ??= [...this.#entries.values()].map(({ alias }) => alias).sort(byPackAndName);
    return this.#sorted;
  }

  /** The enabled aliases that were set aside, one fault for each bad pattern. */
  get faults(): readonly AliasFault[] {
    this.#faults ??= [...this.#entries.values()].flatMap(({ faults }) => faults);
    return this.#faults;
  }

  get(ref: string): ActionAlias | undefined {
    return this.#entries.get(ref)?.alias;
  }

  /** The patterns of an enabled alias, ready; none where the alias is unknown, disabled or set aside. */
  formatsOf(ref: string): readonly SpokenFormat[] {
    const formats = this.#entries.get(ref)?.formats ?? [];
    return formats.map(({ representation, display }) => ({
      representation,
      display,
      compiled: this.#cache.get(representation),
    }));
  }

  replaceAll(aliases: readonly ActionAlias[]): void {
    const given = new Set(aliases.map(({ ref }) => ref));
    for (const ref of [...this.#entries.keys()]) if (!given.has(ref)) this.remove(ref);
    const changed = new Set<string>();
    for (const alias of aliases) {
      if (isSame(this.#entries.get(alias.ref)?.alias, alias)) continue;
      if (!changed.has(alias.ref)) this.remove(alias.ref);
      this.#insert(alias);
      changed.add(alias.ref);
    }
    const entries = [...changed].flatMap((ref) => this.#entries.get(ref) ?? []);
    this.#candidates.addAll(entries.flatMap(({ formats }) => formats));
    this.#disabledCandidates.addAll(entries.flatMap(({ disabledFormats }) => disabledFormats));
  }

  /** Adds an alias, or puts it in the place of the one with its id or ref. */
  upsert(alias: ActionAlias): void {
    this.remove(alias.id);
    this.remove(alias.ref);
    const { formats, disabledFormats } = this.#insert(alias);
    this.#candidates.addAll(formats);
    this.#disabledCandidates.addAll(disabledFormats);
  }

  /** Takes an alias out, by its ref or its id. */
  remove(refOrId: string): void {
    const ref = this.#entries.has(refOrId) ? refOrId : this.#refOfId.get(refOrId);
    const entry = ref === undefined ? undefined : this.#entries.get(ref);
    if (ref === undefined || entry === undefined) return;
    this.#changed();
    this.#entries.delete(ref);
    this.#refOfId.delete(entry.alias.id);
    const named = this.#refsOfName.get(entry.alias.name);
    named?.delete(ref);
    if (named?.size === 0) this.#refsOfName.delete(entry.alias.name);
    for (const format of entry.formats) this.#candidates.remove(format);
    for (const format of entry.disabledFormats) this.#disabledCandidates.remove(format);
  }

  /** What a command asks for, as StackStorm's `match` answers it. Never throws. */
  match(command: string): AliasMatch {
    return this.#matcher.match(command);
  }

  /** For a command that matches nothing: the disabled alias that it would ask for, if there is one. Never throws. */
  disabledMatch(command: string): ActionAlias | undefined {
    const match = this.#disabledMatcher.match(command);
    if (match.kind === 'ambiguous') return match.candidates[0]?.alias;
    return match.kind === 'match' ? match.alias : undefined;
  }

  /** "Did you mean": at most `count` patterns that look most like the command, of aliases that `allows` lets through. */
  nearest(command: string, count: number, allows: (alias: ActionAlias) => boolean = () => true): NearMiss[] {
    const formats = [...this.#entries.values()].flatMap((entry) =>
      allows(entry.alias) ? entry.formats : [],
    );
    return nearestFormats(formats, command, count);
  }

  /**
   * The aliases of other packs that have this one's bare name, enabled or not. StackStorm looks an alias up by its name
   * alone and takes the first, so where there are any, it may run another one (FACTS.md, Aliases).
   */
  shadowedBy(alias: ActionAlias): readonly ActionAlias[] {
    const refs = [...(this.#refsOfName.get(alias.name) ?? [])];
    return refs.flatMap((ref) => (ref === alias.ref ? [] : (this.get(ref) ?? []))).sort(byPackAndName);
  }

  #insert(alias: ActionAlias): Entry {
    this.#changed();
    const entry = this.#read(alias);
    this.#entries.set(alias.ref, entry);
    this.#refOfId.set(alias.id, alias.ref);
    const named = this.#refsOfName.get(alias.name);
    if (named === undefined) this.#refsOfName.set(alias.name, new Set([alias.ref]));
    else named.add(alias.ref);
    return entry;
  }

  #read(alias: ActionAlias): Entry {
    const passes = passesOf(alias);
    const formats: IndexedFormat[] = [];
    const faults: AliasFault[] = [];
    for (const representation of representationsOf(alias)) {
      const read = this.#cache.requirementOf(representation.representation);
      if ('reason' in read) {
        faults.push({ ref: alias.ref, representation: representation.representation, ...read });
      } else {
        formats.push({ ...representation, passes, requirement: read });
      }
    }
    if (!alias.enabled) return { alias, formats: [], disabledFormats: formats, faults: [] };
    // The others of its patterns may be the ones that make a command ambiguous: it is set aside whole.
    return { alias, formats: faults.length === 0 ? formats : [], disabledFormats: [], faults };
  }

  #changed(): void {
    this.#sorted = undefined;
    this.#faults = undefined;
  }
}

function byPackAndName(one: ActionAlias, other: ActionAlias): number {
  return byText(one.pack, other.pack) || byText(one.name, other.name);
}

/** A reload finds nearly every alias as it was; what is the same keeps its place in the index. */
function isSame(one: ActionAlias | undefined, other: ActionAlias): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
