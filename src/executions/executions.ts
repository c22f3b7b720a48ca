import type { ChatUser } from '../chat/chat.ts';
import { chatUserKey } from '../chat/chat.ts';
import type { StreamEvent } from '../stackstorm/stackstorm.ts';
import { Controls } from './controls/controls.ts';
import type { ExecutionsDeps, ExecutionsOptions } from './deps.ts';
import { Answering } from './inquiries/answering.ts';
import { Inquiries } from './inquiries/inquiries.ts';
import type { Intent } from './intent.ts';
import { Lease } from './lease.ts';
import { LivingMessages } from './living/living-messages.ts';
import { Reactions } from './living/reactions.ts';
import { words } from './messages.ts';
import { announcementRouteOf, hasNotifyRule } from './notify-rules.ts';
import { type OpenRun, OpenRuns } from './open-runs.ts';
import type { RunOutcome } from './outcome.ts';
import { Recovery } from './recovery.ts';
import { Relay } from './relay.ts';
import { Results } from './results.ts';
import { Runner } from './run.ts';
import { Searches } from './search.ts';
import { type Granted, Sender } from './send.ts';
import { Tracker } from './tracker.ts';

const announcementPrefix = 'st2.announcement__';

/** Running aliases and bringing their results back: each command once (R2), each result once (R1). */
export interface Executions {
  /** Event names that the stream must be asked for. */
  readonly streamEvents: readonly string[];
  /** Takes over what a dead instance left, and asks StackStorm for its notify rules. Throws StoreError. */
  start(): Promise<void>;
  /** No new runs; what is under way is finished within `limitMs`, the rest is handed on to the next start. */
  stop(limitMs: number): Promise<void>;
  /** Makes the intent durable; the Store is asked in the tick of the call. Each is followed by `drop` or `run`. */
  intend(intent: Intent): Promise<OpenRun>;
  /** The claim was lost, or nothing may run. */
  drop(run: OpenRun): Promise<void>;
  /**
   * One POST with the grant's credential and what the person is told of it. Throws StoreError, AuditError (nothing was
   * run), or DeliveryStopped.
   */
  run(run: OpenRun, grant: Granted): Promise<RunOutcome>;
  /** The runs of one match_multiple hit, under one acknowledgement. */
  runMany(runs: readonly OpenRun[], grant: Granted): Promise<RunOutcome[]>;
  /** What workflows ask, read and answered as the person who does. */
  readonly answering: Answering;
  /** Looking at executions and cancelling them, as the person who does. */
  readonly controls: Controls;
  /** How many runs of this person are open here: `session_end` tells that they run on. */
  openRunsOf(user: ChatUser): number;
  /** Never throws. */
  onStreamEvent(event: StreamEvent): void;
  /** The stream is (again) there: what it did not say meanwhile is asked. Never throws. */
  onStreamConnected(): void;
}

export function createExecutions(deps: ExecutionsDeps, options: ExecutionsOptions): Executions {
  const { clock, logger } = deps;
  const lease = new Lease(deps.store, deps.identity, clock, logger);
  const runs = new OpenRuns(deps, lease);
  const living = new LivingMessages(deps, options, runs);
  const reactions = new Reactions(deps, options.reactions, runs);
  const results = new Results(deps, options, { runs, living, reactions });
  const inquiries = new Inquiries(deps, options, { runs, lease });
  const onFollow = (wasTakenOver: boolean) => inquiries.followed(wasTakenOver);
  const tracker = new Tracker(deps, options, { runs, results, living, onFollow });
  const relay = new Relay(deps, options, { runs, results });
  const sender = new Sender(deps, options, runs);
  const searches = new Searches(deps);
  const follow = (run: OpenRun, asksNow?: boolean) => tracker.follow(run, asksNow);
  const runner = new Runner(deps, options, {
    runs,
    living,
    reactions,
    sender,
    searches,
    follow,
  });
  const recovery = new Recovery(deps, { lease, runs, runner, tracker, results, living });
  const routes = new Set([announcementRouteOf(options.routeKey), ...options.announcementRoutes]);
  const active = new Set<Promise<unknown>>();
  let isStopping = false;

  const underWay = <T>(work: Promise<T>): Promise<T> => {
    active.add(work);
    return work.finally(() => active.delete(work));
  };

  const refuseAll = async (refused: readonly OpenRun[]): Promise<RunOutcome[]> => {
    for (const run of refused) await runs.drop(run);
    const [first] = refused;
    if (first !== undefined) {
      const { place, user } = first.value;
      await deps.delivery.post(place, words.stopping(), {
        key: `stopping:${first.correlationId}`,
        asker: user,
      });
    }
    return refused.map(() => ({ kind: 'refused', code: 'stopping' }));
  };

  /** Where no rule answers our route, no announcement is worth waiting for. */
  const readRules = async (): Promise<void> => {
    try {
      const rules = await deps.botCredential.use((credential) => deps.stackstorm.rules(credential));
      const isAnswered = hasNotifyRule(rules, options.routeKey);
      results.announcementWait = isAnswered ? options.announcementWait : 0;
      if (!isAnswered)
        logger.info({ route: options.routeKey }, 'no rule answers our route: results are our own');
    } catch (error) {
      logger.warn({ err: error }, 'the notify rules could not be read: announcements are awaited');
    }
  };

  const drained = async (): Promise<void> => {
    await Promise.allSettled([...active, ...runs.all().map((run) => run.idle()), inquiries.idle()]);
  };

  const within = (limitMs: number, work: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(limitMs, resolve);
      void work.then(() => {
        cancel();
        resolve();
      });
    });

  return {
    streamEvents: ['st2.execution__update', ...[...routes].map((route) => `${announcementPrefix}${route}`)],

    start: async () => {
      await lease.start();
      void readRules();
      tracker.start();
      recovery.start();
      inquiries.start();
    },

    stop: async (limitMs) => {
      isStopping = true;
      recovery.stop();
      tracker.stop();
      relay.stop();
      inquiries.stop();
      searches.stop();
      const quiet = living.stop();
      for (const run of runs.all()) run.cancelWait?.();
      await within(limitMs, drained());
      deps.delivery.stop();
      await within(
        1000,
        drained().then(() => quiet),
      );
      await lease.release();
    },

    intend: (intent) => runs.intend(intent),
    drop: (run) => runs.drop(run),

    run: async (run, grant) => {
      if (!isStopping) return await underWay(runner.run(run, grant));
      await refuseAll([run]);
      return { kind: 'refused', code: 'stopping' };
    },

    runMany: (many, grant) => (isStopping ? refuseAll(many) : underWay(runner.runMany(many, grant))),

    answering: new Answering({ ...deps, inquiries, webUrl: options.webUrl }),

    controls: new Controls(deps),

    openRunsOf: (user) => {
      const key = chatUserKey(user);
      return runs.all().filter((run) => chatUserKey(run.value.user) === key).length;
    },

    onStreamEvent: ({ name, data }) => {
      if (isStopping) return;
      if (name.startsWith(announcementPrefix)) {
        const route = name.slice(announcementPrefix.length);
        if (routes.has(route)) relay.onAnnouncement(route, data);
      } else if (name === 'st2.execution__update') {
        tracker.onExecution(data);
        inquiries.onExecution(data);
      }
    },

    onStreamConnected: () => {
      if (isStopping) return;
      void readRules();
      void tracker.poll(true);
      void inquiries.look();
    },
  };
}
