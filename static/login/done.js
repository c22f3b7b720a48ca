import { byId, fill, showState } from './view.js';
import { clock } from './words.js';

/** The end that people want. `canRefuse`: this browser may still say that it was not them who confirmed it. */
export function showDone(session, canRefuse) {
  fill('done-user', session.stackstormUser);
  byId('done-until').textContent =
    `Until ${clock(new Date(session.expiresAt))}. Send session_end in chat to end it sooner.`;
  byId('done-refuse').hidden = !canRefuse;
  showState('done');
}
