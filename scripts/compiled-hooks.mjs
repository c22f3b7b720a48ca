import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

let root = '';
let compiled = '';

export function initialize(data) {
  ({ root, compiled } = data);
}

/** A compiled module names the others `.js`; under their own names they are who they are in the source. */
export function resolve(specifier, context, next) {
  const isOurs = specifier.startsWith('.') && specifier.endsWith('.js') && isSource(context.parentURL ?? '');
  if (!isOurs) return next(specifier, context);
  const { href } = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
  return { url: href, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!isSource(url)) return next(url, context);
  const path = decodeURIComponent(url.slice(root.length)).replace(/\.ts$/, '.js');
  return { format: 'module', source: await readFile(join(compiled, path)), shortCircuit: true };
}

function isSource(url) {
  return url.startsWith(root) && url.endsWith('.ts') && !url.includes('/node_modules/');
}
