import { authenticate } from './api.js';
import { startClock } from './countdown.js';
import { byId, showEnd, showState } from './view.js';
import { clock, initials, mendWords, timeAgo, timeLeft, triesLeft } from './words.js';

const inputs = { password: ['username', 'password'], token: ['token'], apiKey: ['apiKey'] };
const fieldNames = {
  secret: 'your secret word',
  username: 'your StackStorm user name',
  password: 'your StackStorm password',
  token: 'your StackStorm token',
  apiKey: 'your StackStorm API key',
};

let login;
let account = '';
let busy = false;
let waitUntil = 0;
let stopClock = () => undefined;

/** Shows whose chat account is being linked, and takes the secret and one way to log in. */
export function showForm(opened) {
  login = opened.login;
  busy = false;
  waitUntil = 0;
  const { chatUser, asked } = opened;
  account = `@${chatUser.name} on ${chatUser.platform}`;
  byId('initials').textContent = initials(chatUser.name);
  byId('who-name').textContent = `@${chatUser.name}`;
  byId('who-where').textContent = `on ${chatUser.platform}, workspace ${chatUser.workspace}`;
  byId('who-asked').textContent = askedWords(asked);
  byId('effect').textContent = `${account} will act in StackStorm as the account that you log in with.`;
  for (const id of Object.keys(fieldNames)) clear(id);
  byId('problem').hidden = true;
  showMethods(opened.methods);
  showTries(opened.attemptsLeft);
  const expiresAt = new Date(opened.expiresAt).getTime();
  stopClock();
  stopClock = startClock(expiresAt, byId('countdown'), byId('spoken'), () => end('time-up'));
  working(false);
  showState('form-state');
}

function askedWords(asked) {
  const at = new Date(asked.at);
  const where = asked.place ? ` in ${asked.place}` : '';
  return `Asked for at ${clock(at)} (${timeAgo(Date.now() - at.getTime())})${where}`;
}

function showMethods(methods) {
  for (const label of document.querySelectorAll('[data-method]')) {
    label.hidden = !methods.includes(label.dataset.method);
  }
  byId('methods').hidden = methods.length < 2;
  const radio = document.querySelector(`input[name="method"][value="${methods[0]}"]`);
  radio.checked = true;
  showPanel();
}

function method() {
  return document.querySelector('input[name="method"]:checked').value;
}

function showPanel() {
  for (const panel of document.querySelectorAll('[data-panel]')) {
    panel.hidden = panel.dataset.panel !== method();
  }
}

function showTries(count) {
  byId('attempts').textContent = count === undefined ? '' : triesLeft(count);
}

function clear(id) {
  byId(id).value = '';
  fault(id, '');
}

function fault(id, words) {
  byId(`${id}-error`).textContent = words;
  if (words === '') byId(id).removeAttribute('aria-invalid');
  else byId(id).setAttribute('aria-invalid', 'true');
}

function working(on) {
  busy = on;
  const button = byId('submit');
  button.setAttribute('aria-busy', String(on));
  button.setAttribute('aria-disabled', String(on || waitUntil > Date.now()));
  byId('submit-label').textContent = on ? 'Logging in…' : 'Log in';
  if (on) byId('spoken').textContent = 'Logging in…';
}

/** The first field that is not filled in, after telling at each what it lacks. */
function firstFault(ids) {
  let first;
  for (const id of ids) {
    const value = byId(id).value;
    let words = value === '' ? `Type ${fieldNames[id]}.` : '';
    if (id === 'username' && value.includes(':')) words = 'A user name cannot contain a colon.';
    fault(id, words);
    if (words !== '') first ??= id;
  }
  return first;
}

async function submit(event) {
  event.preventDefault();
  if (busy || waitUntil > Date.now()) return;
  const ids = inputs[method()];
  const missing = firstFault(['secret', ...ids]);
  if (missing) {
    byId(missing).focus();
    return;
  }
  byId('problem').hidden = true;
  working(true);
  const typed = Object.fromEntries(ids.map((id) => [id, byId(id).value]));
  const answer = await authenticate({ login, secret: byId('secret').value, method: method(), ...typed });
  working(false);
  if (answer.ok) succeed(answer.body);
  else fail(answer, ids);
}

function succeed(session) {
  forget();
  const until = new Date(session.expiresAt);
  byId('done-who').textContent = `${account} now acts in StackStorm as ${session.stackstormUser}.`;
  byId('done-until').textContent = `Until ${clock(until)}. Send session_end in chat to end it sooner.`;
  showState('done');
}

function fail(answer, ids) {
  const words = answer.attemptsLeft === 0 ? undefined : mendWords(answer.code);
  if (words === undefined) {
    end(answer.attemptsLeft === 0 ? 'login-dead' : answer.code);
    return;
  }
  if (answer.attemptsLeft !== undefined) showTries(answer.attemptsLeft);
  const wrong = ['secret', ...ids].filter((id) => answer.fields.includes(id));
  const again = words.field === 'credential' ? ids[ids.length - 1] : words.field;
  for (const id of wrong.length > 0 ? wrong : [again].filter(Boolean)) {
    clear(id);
    byId(id).setAttribute('aria-invalid', 'true');
  }
  let next = words.next;
  if (answer.attemptsLeft !== undefined) next += ` ${triesLeft(answer.attemptsLeft)}`;
  if (answer.code === 'too-many-requests') next += ` ${hold(answer.retryAfter)}`;
  showProblem(answer.code, words.title, next);
}

/** Keeps the button still until the server takes tries again. */
function hold(seconds) {
  waitUntil = Date.now() + seconds * 1000;
  working(false);
  setTimeout(() => working(busy), Math.min(seconds * 1000 + 50, 2 ** 31 - 1));
  return `Try again in ${timeLeft(seconds * 1000)}.`;
}

function showProblem(code, title, next) {
  const problem = byId('problem');
  byId('problem-title').textContent = title;
  byId('problem-next').textContent = next;
  problem.dataset.code = code;
  problem.hidden = false;
  problem.focus();
}

function end(code) {
  forget();
  showEnd(code);
}

function forget() {
  stopClock();
  for (const id of Object.keys(fieldNames)) clear(id);
}

function toggle(button) {
  const input = byId(button.dataset.shows);
  const shown = button.getAttribute('aria-pressed') !== 'true';
  button.setAttribute('aria-pressed', String(shown));
  button.textContent = shown ? 'Hide' : 'Show';
  if (input.id === 'password') input.type = shown ? 'text' : 'password';
  else input.classList.toggle('masked', !shown);
}

byId('form').addEventListener('submit', submit);
byId('methods').addEventListener('change', showPanel);
byId('decline').addEventListener('click', () => end('declined'));
for (const button of document.querySelectorAll('.toggle')) {
  button.addEventListener('click', () => toggle(button));
}
byId('form').addEventListener('keyup', (event) => {
  byId('caps').hidden = !event.getModifierState?.('CapsLock');
});
// What was typed does not stay in a page that the browser keeps in memory.
addEventListener('pagehide', forget);
