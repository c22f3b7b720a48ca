import { checkedView, replace } from './web-api/methods/views.ts';
import type { SlackWorld } from './world.ts';
import type { View } from './world-types.ts';

/** Most views in one stack of modals. */
const MOST_VIEWS = 3;

/** Puts the view of `response_action: update` into a modal. @throws SlackFault for a view that Slack would not draw */
export function changeView(world: SlackWorld, view: View, payload: unknown): void {
  replace(world, view, checkedView(view.kind, payload));
}

/**
 * Puts the view of `response_action: push` on top of a modal.
 * @throws SlackFault for a view that Slack would not draw; Error when three stand there already
 */
export function pushView(world: SlackWorld, below: View, payload: unknown): View {
  const depth = world.views.filter((one) => one.rootId === below.rootId && !one.closed).length;
  if (depth >= MOST_VIEWS) throw new Error(`a stack holds ${MOST_VIEWS} modals`);
  const view: View = {
    ...below,
    id: world.core.id('V'),
    previousId: below.id,
    payload: checkedView('modal', payload),
    hash: `${world.core.ts()}.1`,
    closed: false,
    version: 1,
  };
  world.views.push(view);
  world.core.touch();
  return view;
}
