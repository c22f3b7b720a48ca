import type { AccessRule } from '../access-rules.ts';
import { spanWords } from '../words.ts';

/** What a rule wants before an alias that it allows is run, in order; empty where it wants nothing. */
export function stepsBefore({ confirm, approve, freshLogin }: AccessRule): string[] {
  return [
    ...(freshLogin === undefined ? [] : [`a login within the last ${spanWords(freshLogin)}`]),
    ...(confirm === true ? ['a confirmation by who asks'] : []),
    ...(approve === undefined
      ? []
      : [
          `the approval of ${approve.count === 1 ? 'one other person' : `${approve.count} other people`} within ${spanWords(approve.within)}`,
        ]),
  ];
}

/** Who may approve, by the ids of the config. */
export function approversOf({ approve }: AccessRule): string | undefined {
  if (approve === undefined) return undefined;
  const { users, groups } = approve;
  const named = [
    ...(groups === undefined ? [] : [`the groups ${groups.join(', ')}`]),
    ...(users === undefined ? [] : [`the users ${users.join(', ')}`]),
  ];
  return named.length === 0 ? 'anyone else who is logged in' : named.join(' or ');
}
