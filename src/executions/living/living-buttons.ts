import type { Button } from '../../chat/chat.ts';
import type { LivingFacts } from '../intent.ts';
import type { LivingState } from './living-post.ts';

/** What a person can press on a living message, by the state that it is in. */
export function livingButtons(facts: LivingFacts, _executionId: string, _state: LivingState): Button[] {
  return facts.url === undefined ? [] : [{ label: 'Open in StackStorm', url: facts.url }];
}
