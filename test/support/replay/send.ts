import type { EmbeddedStackStorm } from '../../../src/demo/stackstorm/stackstorm.ts';
import type { Capture } from './captures.ts';
import type { Renames } from './scenes.ts';

type App = keyof EmbeddedStackStorm['apps'];
const apps: Readonly<Record<string, App>> = {
  '9100': 'auth',
  '9101': 'api',
  '9102': 'stream',
  '9180': 'nginx',
  '9443': 'nginx',
};

export interface Sent {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The captured request as it is to be sent here. */
export function requestOf(capture: Capture, renames: Renames = new Map()): Sent {
  const { method, path, headers, body } = capture.request;
  const { 'Content-Length': _, Host: __, ...kept } = headers;
  const text =
    body === null || body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  return { method, path: renamed(path, renames), headers: kept, body: text && renamed(text, renames) };
}

export function appOf(capture: Capture): App {
  const port = new URL(capture.request.url).port;
  const app = apps[port];
  if (app === undefined) throw new Error(`no app for port ${port}`);
  return app;
}

/** Without a socket, as the app of that port answers. */
export async function send(world: EmbeddedStackStorm, app: App, sent: Sent): Promise<Response> {
  return world.apps[app].request(sent.path, {
    method: sent.method,
    headers: sent.headers,
    ...(sent.body === null ? {} : { body: sent.body }),
  });
}

function renamed(text: string, renames: Renames): string {
  return [...renames].reduce((current, [from, to]) => current.replaceAll(from, to), text);
}
