import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Asset {
  readonly body: string;
  readonly contentType: string;
}

/** The page's files, read once: a request can name nothing but what stood in the folder at the start. */
export function readAssets(folder: URL): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const name of readdirSync(folder)) {
    const contentType = contentTypes[extname(name)];
    if (contentType !== undefined) {
      assets.set(name, { body: readFileSync(new URL(name, folder), 'utf8'), contentType });
    }
  }
  return assets;
}
