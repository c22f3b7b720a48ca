import { startSignIn } from './api.js';
import { startClock } from './countdown.js';
import { hold, release } from './held.js';
import { problemWords } from './sign-in-words.js';
import { byId, showEnd, showState } from './view.js';

/** The login whose person is to be proven, while this page is shown. */
let login;

/** Before the form: the browser's person signs in at the chat platform, and comes back here. */
export function showSignIn(opened) {
  const stopClock = startClock(new Date(opened.expiresAt).getTime(), {
    shown: byId('sign-in-countdown'),
    spoken: byId('sign-in-spoken'),
    words: (left) => `This page waits ${left} for you.`,
    onEnd() {
      release();
      showEnd('time-up');
    },
  });
  hold(opened, stopClock);
  login = opened.login;
  byId('sign-in-label').textContent = opened.signIn.label;
  byId('sign-in-problem').hidden = true;
  working(false);
  showState('sign-in-state');
}

function working(on) {
  byId('sign-in').setAttribute('aria-busy', String(on));
  byId('sign-in').disabled = on;
}

async function go() {
  working(true);
  const answer = await startSignIn(login);
  if (answer.ok) {
    location.assign(answer.body.url);
    return;
  }
  working(false);
  const words = problemWords(answer);
  if (words === undefined) {
    release();
    showEnd(answer.code);
    return;
  }
  const problem = byId('sign-in-problem');
  problem.textContent = words;
  problem.dataset.code = answer.code;
  problem.hidden = false;
  problem.focus();
}

byId('sign-in').addEventListener('click', go);
