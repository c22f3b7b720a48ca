import type { Button } from '../../chat/chat.ts';
import { isCompleted } from '../../stackstorm/wire.ts';
import type { LivingFacts } from '../intent.ts';
import type { LivingState } from './living-post.ts';

/** What a button does to an execution; the words of the command, too. */
export const controlVerbs = ['get', 'cancel', 'rerun', 'output'] as const;
export type ControlVerb = (typeof controlVerbs)[number];

/** The action of every such button; access rules know it by the command that does the same. */
export const controlAction = 'execution';

const labels: Readonly<Record<ControlVerb, string>> = {
  get: 'Details',
  cancel: 'Cancel',
  rerun: 'Run again',
  output: 'Output',
};

/** Each acts with the credential of whoever presses. */
export function controlButton(verb: ControlVerb, executionId: string): Button {
  const value = `${verb}:${executionId}`;
  return {
    label: labels[verb],
    action: controlAction,
    value,
    ...(verb === 'cancel' ? { style: 'danger' } : {}),
  };
}

/** What a person can press on a living message, by the state that it is in. */
export function livingButtons(facts: LivingFacts, executionId: string, { status }: LivingState): Button[] {
  const verbs: readonly ControlVerb[] = isCompleted(status)
    ? ['rerun']
    : status === 'canceling' || status === 'unknown'
      ? []
      : ['cancel', 'output'];
  return [
    ...(facts.url === undefined ? [] : [{ label: 'Open in StackStorm', url: facts.url }]),
    ...verbs.map((verb) => controlButton(verb, executionId)),
  ];
}
