import type { Button } from '../chat/chat.ts';

/** The button that opens an alias's form, and the form's id. */
export const aliasFormAction = 'alias.form';

/** The button that opens the form of the alias of that ref (`pack.name`). */
export function runButton(ref: string): Button {
  return { label: 'Run…', action: aliasFormAction, value: ref };
}
