import { refuseLogin } from './api.js';
import { release } from './held.js';
import { showEnd, showState } from './view.js';

/** "This is not me": the login ends, whatever state it is in, before anything else is done. */
async function refuse(login) {
  showState('opening');
  const answer = await refuseLogin(login);
  if (answer.ok) showEnd('refused');
  else if (answer.code === 'login-dead' || answer.code === 'no-login') showEnd(answer.code);
  else showEnd('not-refused', () => refuse(login));
}

for (const button of document.querySelectorAll('.refuse')) {
  button.addEventListener('click', () => refuse(release()));
}
