import { fill } from './view.js';
import { clock, initials, timeAgo } from './words.js';

/** The login that this page shows, whatever state it is in. */
let login;
let forget = () => undefined;

/** Shows whose chat account a login is for. `onRelease` forgets what the state that shows it has typed or drawn. */
export function hold(opened, onRelease = () => undefined) {
  release();
  login = opened.login;
  forget = onRelease;
  const { chatUser, asked } = opened;
  fill('initials', initials(chatUser.name));
  fill('who-name', `@${chatUser.name}`);
  fill('who-where', `on ${chatUser.platform}, workspace ${chatUser.workspace}`);
  fill('who-asked', asked ? askedWords(asked) : '');
  fill('account', `${chatUser.name} in ${chatUser.workspace} (${chatUser.platform})`);
}

/** The same login, in its next state. */
export function handOver(onRelease) {
  forget();
  forget = onRelease;
}

/** The login is over for this page. Answers which it was. */
export function release() {
  const held = login;
  login = undefined;
  const before = forget;
  forget = () => undefined;
  before();
  return held;
}

function askedWords(asked) {
  const at = new Date(asked.at);
  const where = asked.place ? ` in ${asked.place}` : '';
  return `Asked for at ${clock(at)} (${timeAgo(Date.now() - at.getTime())})${where}`;
}

// What was typed or shown does not stay in a page that the browser keeps in memory.
addEventListener('pagehide', () => forget());
