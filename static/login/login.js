import { currentLogin, openLink } from './api.js';
import { showCode } from './confirm.js';
import { showDone } from './done.js';
import { showForm } from './form.js';
import { hold, release } from './held.js';
import './refuse.js';
import { showSignIn } from './sign-in.js';
import { byId, showEnd, showState } from './view.js';

/**
 * The login page. The link's key stands in the fragment, which no server sees; it is removed from the address before
 * anything else is done, and kept in this page's memory only until the link is open.
 */

/** @type {string | undefined} */
let link;

function takeLink() {
  const fragment = location.hash.slice(1);
  if (fragment !== '') history.replaceState(null, '', location.pathname + location.search);
  link = fragment === '' ? link : fragment;
}

async function begin() {
  takeLink();
  release();
  showState('opening');
  const answer = await login();
  if (answer.ok) {
    link = undefined;
    show(answer.body);
  } else {
    showEnd(answer.code, begin);
  }
}

/** Goes on where this login has come to. */
function show(body) {
  if (body.session) {
    hold(body);
    showDone(body.session, true);
  } else if (body.confirm) {
    hold(body);
    showCode(body);
  } else if (body.signIn?.needed) {
    showSignIn(body);
  } else {
    showForm(body);
  }
}

async function login() {
  if (link === undefined) {
    const current = await currentLogin();
    return current.code === 'no-login' ? { ok: false, code: 'no-link' } : current;
  }
  const opened = await openLink(link);
  // Whatever was pasted behind the address, it is no link.
  if (opened.code === 'body-too-large' || opened.code === 'malformed-body') {
    return { ok: false, code: 'link-unknown' };
  }
  if (opened.ok || !(opened.code === 'link-used' || opened.code === 'network')) return opened;
  // This browser may be the one that opened it: by a second press on the button, or by a request whose answer was lost.
  const current = await currentLogin();
  return current.ok && link.startsWith(`${current.body.login}.`) ? current : opened;
}

function start() {
  takeLink();
  byId('demo').hidden = location.protocol !== 'http:';
  // A second link that is pasted into this tab changes only the fragment: no new page is loaded.
  addEventListener('hashchange', () => {
    if (location.hash !== '') begin();
  });
  // A page that comes back out of the browser's memory may show a login that is over.
  addEventListener('pageshow', (event) => {
    if (event.persisted) begin();
  });
  begin();
}

// A page that is only being prepared, because the browser guesses that it will be wanted, must not use the link up.
if (document.prerendering) document.addEventListener('prerenderingchange', start, { once: true });
else start();
