/**
 * Slack wants `action_id` unique in a message, while our actions repeat (one button a row): a number behind the action
 * tells them apart.
 * @module
 */

/** The action of buttons that only open an address. Slack sends their presses too: they are acknowledged, no more. */
export const openAction = 'open';

/** The action of buttons that an alias's author made (`extra.slack`): never one of ours. */
export const extraAction = 'extra';

export function actionId(action: string, position: number): string {
  return `${action}:${position}`;
}

/** The action in an `action_id` made by {@link actionId}. */
export function actionOf(id: string): string {
  return id.replace(/:\d+$/, '');
}
