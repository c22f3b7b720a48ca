import { Accounts } from './accounts.ts';
import { EventBus } from './event-bus.ts';
import { type Execution, Executions, type Pace } from './executions.ts';
import { FaultInjection, type ServiceName } from './fault-injection.ts';
import type { JsonObject } from './json.ts';
import { announcementsOf } from './notifier.ts';
import { Packs } from './packs.ts';
import { type Run, runs } from './runners.ts';
import type { After } from './timers.ts';

/** A request that one of the services saw, with its body as it was parsed. */
export interface SeenRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** With its query, as it came. */
  readonly url: string;
  readonly headers: Headers;
}

export interface StateOptions {
  readonly now: () => number;
  readonly after: After;
  readonly rbac: boolean;
  readonly webUrl: () => string;
  /** Outcomes of single actions, by ref; the rest is run by its runner. */
  readonly actionRuns: ReadonlyMap<string, Run>;
  readonly pace?: Pace;
}

/** Everything that the embedded StackStorm knows, and the knobs that tests turn. Nothing outlives the process. */
export class StackStormState {
  readonly now: () => number;
  readonly after: After;
  readonly bus = new EventBus();
  readonly accounts: Accounts;
  readonly packs: Packs;
  readonly executions: Executions;
  readonly faults = new FaultInjection();
  /** st2auth in proxy mode, reached past its proxy: any password is right. */
  proxyMode = false;
  /** `auth.token_ttl`, in seconds: longer ones are refused. */
  maxTokenTtl = 86_400;
  /** Silence after which the stream sends a heartbeat, in ms. */
  heartbeatMs = 25_000;
  /** How long after its execution an announcement comes, in ms. */
  announcementDelayMs = 30;
  /** Called for each request before anything is done with it. */
  onRequest: (request: SeenRequest) => void = () => undefined;
  readonly #connections = new Set<StreamConnection>();
  readonly #streamEndWatchers: (() => void)[] = [];
  readonly #announcements = new Set<() => void>();

  constructor(options: StateOptions) {
    this.now = options.now;
    this.after = options.after;
    this.accounts = new Accounts(options.now, options.rbac);
    this.packs = new Packs(this.bus, options.now);
    this.executions = new Executions({
      packs: this.packs,
      bus: this.bus,
      now: options.now,
      after: options.after,
      webUrl: options.webUrl,
      runs: (action) => options.actionRuns.get(action.ref) ?? runs.get(action.runner_type),
      onEnd: (execution) => this.#notify(execution),
      onAnnouncement: (route, payload) => this.announce(route, payload),
    });
    if (options.pace !== undefined) this.executions.pace = options.pace;
  }

  /** Publishes `st2.announcement__<route>`; `payload` may be null, as StackStorm's may. */
  announce(route: string, payload: JsonObject | null): void {
    const data = { payload, trace_context: null };
    this.bus.publish({ name: `st2.announcement__${route}`, data, actionRef: null, executionId: null });
  }

  /** Streams that are open now. */
  get streamCount(): number {
    return this.#connections.size;
  }

  addStream(connection: StreamConnection): () => void {
    this.#connections.add(connection);
    return () => {
      this.#connections.delete(connection);
      for (const tell of this.#streamEndWatchers.splice(0)) tell();
    };
  }

  /** Resolves when the next of the open streams has ended, by whoever's doing. */
  nextStreamEnd(): Promise<void> {
    return new Promise((resolve) => this.#streamEndWatchers.push(resolve));
  }

  /** Cuts every open stream in the middle, as a killed StackStorm does. */
  cutStreams(): void {
    for (const connection of [...this.#connections]) connection.cut();
  }

  /** Ends every open stream in good order, as nginx does after 200 s without a byte. */
  endStreams(): void {
    for (const connection of [...this.#connections]) connection.end();
  }

  close(): void {
    this.executions.close();
    for (const callOff of this.#announcements) callOff();
    this.endStreams();
  }

  #notify(execution: Execution): void {
    const record = this.executions.record(execution);
    const announcements = announcementsOf(execution, record, this.packs);
    if (announcements.length === 0) return;
    const callOff = this.after(this.announcementDelayMs, () => {
      this.#announcements.delete(callOff);
      for (const { route, payload } of announcements) this.announce(route, payload);
    });
    this.#announcements.add(callOff);
  }
}

/** One open stream, as the state may end it. */
export interface StreamConnection {
  cut(): void;
  end(): void;
}
