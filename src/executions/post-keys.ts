import type { OpenRun } from './open-runs.ts';

/**
 * The keys under which a run's posts stand in chat for ever: whoever takes a run over finds by them what its dead owner
 * posted.
 * @module
 */

export function resultKey(run: OpenRun): string {
  return `result:${run.correlationId}`;
}

/** Of the acknowledgement, or of what is said in its place. A run of several shares one under the first one's id. */
export function ackKey(run: OpenRun): string {
  const { progress } = run;
  const group = progress.state === 'intended' ? undefined : progress.group;
  return group?.[0] === undefined ? `ack:${run.correlationId}` : groupAckKey(group[0]);
}

export function groupAckKey(firstCorrelationId: string): string {
  return `acks:${firstCorrelationId}`;
}
