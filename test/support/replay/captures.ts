import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { readSharedJson, readSharedText, sharedUrl } from '../shared.ts';

const exchange = z.object({
  request: z.object({
    method: z.string(),
    url: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
  }),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    body: z.unknown(),
  }),
});
/** One request and StackStorm's answer, as they were on the wire. */
export type Capture = z.infer<typeof exchange> & { readonly name: string };

/** A stream as it was on the wire: the request's head, the answer's head, and the body without its chunks. */
export interface StreamCapture {
  readonly name: string;
  readonly path: string;
  readonly requestHeaders: Record<string, string>;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly chunked: boolean;
  readonly body: string;
}

function names(): string[] {
  return readdirSync(sharedUrl('stackstorm/wire')).sort();
}

/** Every `.json` capture that is an exchange; the others are data files of StackStorm's parts. */
export function readCaptures(): { captures: Capture[]; dataFiles: string[] } {
  const captures: Capture[] = [];
  const dataFiles: string[] = [];
  for (const file of names().filter((name) => name.endsWith('.json'))) {
    const name = file.slice(0, -'.json'.length);
    const parsed = exchange.safeParse(readSharedJson(`stackstorm/wire/${file}`));
    if (parsed.success) captures.push({ ...parsed.data, name });
    else dataFiles.push(name);
  }
  return { captures, dataFiles };
}

export function readStreamCaptures(): StreamCapture[] {
  return names()
    .filter((name) => name.endsWith('.raw.txt'))
    .map((file) => parseRaw(file.slice(0, -'.raw.txt'.length), readSharedText(`stackstorm/wire/${file}`)));
}

function parseRaw(name: string, text: string): StreamCapture {
  const [requestHead = '', rest = ''] = splitOnce(text, '\r\n\r\n', '\n\n');
  const [responseHead = '', body = ''] = splitOnce(rest, '\r\n\r\n', '\n\n');
  const [requestLine = '', ...requestHeaders] = requestHead.split(/\r?\n/);
  const [statusLine = '', ...responseHeaders] = responseHead.split(/\r?\n/);
  const headers = headersOf(responseHeaders);
  const chunked = headers['transfer-encoding'] === 'chunked';
  return {
    name,
    path: requestLine.split(' ')[1] ?? '',
    requestHeaders: headersOf(requestHeaders),
    status: Number(statusLine.split(' ')[1]),
    headers,
    chunked,
    body: chunked ? withoutChunks(body) : body,
  };
}

function splitOnce(text: string, ...separators: string[]): string[] {
  const separator = separators.find((candidate) => text.includes(candidate));
  if (separator === undefined) return [text];
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

/** The body of a chunked answer, which may have been cut after any chunk. */
export function withoutChunks(text: string): string {
  const bytes = Buffer.from(text);
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.subarray(at, Math.max(at, end)).toString(), 16);
    if (end < 0 || Number.isNaN(size) || size === 0) break;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts).toString();
}
