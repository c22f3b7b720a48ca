import { currentLogin } from './api.js';
import { startClock } from './countdown.js';
import { showDone } from './done.js';
import { handOver, release } from './held.js';
import { byId, showEnd, showState } from './view.js';

const pollMs = 3_000;

/** Shows the code that is to be entered in chat, and waits until it has been, or cannot be any more. */
export function showCode({ stackstormUser, confirm }) {
  byId('confirm-user').textContent = stackstormUser;
  byId('code').textContent = confirm.code;
  byId('code-spelt').textContent = [...confirm.code].join(' ');
  let timer;
  let over = false;
  const ask = async () => {
    clearTimeout(timer);
    const answer = await currentLogin();
    if (over) return;
    if (answer.ok && answer.body.session) {
      handOver(() => undefined);
      showDone(answer.body.session, true);
    } else if (answer.code === 'no-login') {
      release();
      showEnd('not-confirmed');
    } else {
      clearTimeout(timer);
      const isLimited = answer.code === 'too-many-requests';
      timer = setTimeout(ask, isLimited ? answer.retryAfter * 1000 : pollMs);
    }
  };
  const stopClock = startClock(new Date(confirm.expiresAt).getTime(), {
    shown: byId('confirm-countdown'),
    spoken: byId('confirm-spoken'),
    words: (left) => `The code can be entered for ${left}.`,
    onEnd: ask,
  });
  // Somebody comes back from chat.
  addEventListener('focus', ask);
  handOver(() => {
    over = true;
    clearTimeout(timer);
    stopClock();
    removeEventListener('focus', ask);
    byId('code').textContent = '';
    byId('code-spelt').textContent = '';
  });
  timer = setTimeout(ask, pollMs);
  showState('confirm-state');
}
