import { z } from 'zod';
import { type ActionAlias, actionAlias } from '../../../src/stackstorm/wire.ts';
import { readSharedJson } from '../../support/shared.ts';

/** An enabled alias with these formats; `ref` is `pack.name`. */
export function anAlias(
  ref: string,
  formats: ActionAlias['formats'],
  more: Partial<ActionAlias> = {},
): ActionAlias {
  const [pack = '', ...name] = ref.split('.');
  return {
    id: `id-of-${ref}`,
    ref,
    pack,
    name: name.join('.'),
    enabled: true,
    action_ref: `${pack}.action`,
    formats,
    ...more,
  };
}

/** The public aliases of the shared folder. */
export function publicAliases(): ActionAlias[] {
  const rows = z
    .array(z.looseObject({ ref: z.string() }))
    .parse(readSharedJson('stackstorm/aliases/aliases.json'));
  return rows.map((row) => actionAlias.parse({ ...row, id: `id-of-${row.ref}` }));
}

/**
 * A catalog of `count` aliases made from the public ones: each further copy is another pack whose first words differ, as
 * packs of one house differ from another's.
 */
export function manyAliases(count: number): ActionAlias[] {
  const originals = publicAliases();
  return Array.from({ length: count }, (_, index) => {
    const alias = originals[index % originals.length];
    if (alias === undefined) throw new Error('no aliases');
    const copy = Math.floor(index / originals.length);
    return copy === 0 ? alias : copyOf(alias, copy);
  });
}

function copyOf(alias: ActionAlias, copy: number): ActionAlias {
  const pack = `${alias.pack}_${copy}`;
  const changed = (text: string) => text.replace(/^([A-Za-z]{2,})/, `$1${copy}`);
  const formats = alias.formats.map((format) => {
    if (typeof format === 'string') return changed(format);
    const { representation } = format;
    const patterns = typeof representation === 'string' ? [representation] : (representation ?? []);
    return { ...format, representation: patterns.map(changed) };
  });
  return { ...alias, id: `${alias.id}-${copy}`, pack, ref: `${pack}.${alias.name}`, formats };
}
