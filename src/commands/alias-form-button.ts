import type { Button } from '../chat/chat.ts';

/** The button that opens an alias's form, and the form's id. */
export const aliasFormAction = 'alias.form';

/** The button that runs an alias that takes nothing. */
export const aliasRunAction = 'alias.run';

/** The button that opens the form of the alias of that ref (`pack.name`); without a label, where it stands beside the alias. */
export function runButton(ref: string, label = 'Run…'): Button {
  return { label, action: aliasFormAction, value: ref };
}
