/**
 * Slack wants `action_id` unique in a message, while our actions repeat (one button a row): a number behind the action
 * tells them apart. The word before it tells them from those of an app that the bot is added to.
 * @module
 */

const ownWord = 'bolt-stackstorm:';

/** The `action_id`s, and the forms' `callback_id`s, that are the bot's. */
export const ownIds = /^bolt-stackstorm:/;

/** The action of buttons that only open an address. Slack sends their presses too: they are acknowledged, no more. */
export const openAction = 'open';

/** The action of buttons that an alias's author made (`extra.slack`): never one of ours. */
export const extraAction = 'extra';

export function actionId(action: string, position: number): string {
  return `${ownWord}${action}:${position}`;
}

/** The action in an `action_id` made by {@link actionId}. */
export function actionOf(id: string): string {
  return id.replace(ownIds, '').replace(/:\d+$/, '');
}

/** A form's `callback_id`. */
export function callbackId(form: string): string {
  return `${ownWord}${form}`;
}

/** The form in a `callback_id` made by {@link callbackId}. */
export function formOf(id: string): string {
  return id.replace(ownIds, '');
}
