import type { ButtonHandler } from '../interactions.ts';
import type { SecondSteps } from './second-steps.ts';
import { stepActions } from './words.ts';

/** The buttons of what waits for a second step. */
export function stepButtons({ secondSteps }: { readonly secondSteps: SecondSteps }): ButtonHandler[] {
  const button = (action: string, press: 'confirm' | 'cancel' | 'approve' | 'deny'): ButtonHandler => ({
    action,
    async press(pressed, answers) {
      await secondSteps[press](pressed, answers);
      return undefined;
    },
  });
  return [
    button(stepActions.confirm, 'confirm'),
    button(stepActions.cancel, 'cancel'),
    button(stepActions.approve, 'approve'),
    button(stepActions.deny, 'deny'),
  ];
}
