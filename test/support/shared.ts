import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../../../shared/', import.meta.url);

/**
 * Options for a test that needs the team's shared folder beside the checkout. A clone without it reports the test as not
 * run; under CI=true the test runs and fails.
 */
export const needsShared: { skip?: string } =
  existsSync(root) || process.env['CI'] === 'true' ? {} : { skip: `no folder ${root.pathname}` };

export function sharedUrl(path: string): URL {
  return new URL(path, root);
}

export function readSharedText(path: string): string {
  return readFileSync(sharedUrl(path), 'utf8');
}

export function readSharedJson(path: string): unknown {
  return JSON.parse(readSharedText(path));
}
