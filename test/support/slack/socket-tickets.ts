import type { SlackWorld } from './world.ts';
import type { SlackApp } from './world-types.ts';

/** A ws:// URL of apps.connections.open is good for one connection, and not for long. */
const LIFETIME_MS = 30_000;

/** The tickets in the URLs that apps.connections.open answers. */
export class SocketTickets {
  readonly #world: SlackWorld;
  readonly #base: () => string;
  readonly #tickets = new Map<string, { app: SlackApp; expiresAt: number }>();

  constructor(world: SlackWorld, base: () => string) {
    this.#world = world;
    this.#base = base;
  }

  /** The URL to which the app may connect once. */
  issue(app: SlackApp): string {
    const ticket = this.#world.core.word();
    this.#tickets.set(ticket, { app, expiresAt: this.#world.now() + LIFETIME_MS });
    return `${this.#base().replace(/^http/, 'ws')}/link/?ticket=${ticket}&app_id=${app.id}`;
  }

  /** The app that may connect with this request target; uses the ticket up. */
  take(target: string): SlackApp | undefined {
    const { pathname, searchParams } = new URL(target, 'http://loopback');
    const ticket = searchParams.get('ticket') ?? '';
    const found = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (pathname !== '/link/' || found === undefined || this.#world.now() > found.expiresAt) return undefined;
    return found.app;
  }
}
