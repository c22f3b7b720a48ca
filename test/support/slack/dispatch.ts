import type { Json } from './world-types.ts';

/** The three things that Slack sends to an app. Only events are delivered again when nobody acknowledged them. */
export type RequestType = 'events_api' | 'slash_commands' | 'interactive';

/** One thing for an app, whichever way it goes. */
export interface AppRequest {
  readonly type: RequestType;
  readonly payload: Json;
}

/**
 * How a request ended. Slack shows a person whose command or press was not acknowledged `operation_timeout`, or
 * `dispatch_failed` where the app could not be reached.
 */
export type Outcome =
  | { readonly acknowledged: true; readonly response: unknown; readonly attempts: number }
  | { readonly acknowledged: false; readonly reason: UnansweredReason; readonly attempts: number };

export type UnansweredReason = 'operation_timeout' | 'dispatch_failed';

/** One way into an app: its sockets, or its request URL. */
export interface Dispatcher {
  send(request: AppRequest): Promise<Outcome>;
}

/** How long Slack waits and how often it tries. */
export interface Patience {
  /** How long an app has for its acknowledgement, in ms. Slack: 3,000. */
  ackTimeoutMs: number;
  /** How often an event is delivered again. Slack: 3. */
  retries: number;
}
