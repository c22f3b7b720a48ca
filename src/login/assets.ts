import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** By the end of a name: what the page may have. */
export const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** A file of the page, in memory. */
export interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Strong, of the content (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

/** The page's files by name. There are no folders, so there is no path to climb. */
export type Assets = ReadonlyMap<string, Asset>;

/** Reads every file of a folder whose type the page may have. Throws where there is no `index.html` in it. */
export async function loadAssets(folder: URL): Promise<Assets> {
  const assets = new Map<string, Asset>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const contentType = contentTypes[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const bytes = new Uint8Array(await readFile(new URL(encodeURIComponent(entry.name), folder)));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    assets.set(entry.name, { bytes, contentType, etag });
  }
  if (!assets.has('index.html')) throw new Error(`no index.html in ${folder.pathname}`);
  return assets;
}
