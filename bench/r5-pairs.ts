import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { atLeast, type Figure } from './measure.ts';

const pairs = 1_000_000;
const root = fileURLToPath(new URL('../', import.meta.url));

/** The differential test of the matcher on a million pairs of a catalog and a command: minutes, so only when named. */
export function pairFigures(): Figure[] {
  const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--test', '--test-reporter=spec', 'test/aliases/differential.test.ts'],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ALIAS_PAIRS: String(pairs) } },
  );
  return [
    atLeast('R5', 'catalogs and commands on which both matchers agree', status === 0 ? pairs : 0, '', pairs),
  ];
}
