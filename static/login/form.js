import { authenticate } from './api.js';
import { showCode } from './confirm.js';
import { startClock } from './countdown.js';
import { showDone } from './done.js';
import { hold, release } from './held.js';
import { byId, showEnd, showState } from './view.js';
import { mendWords, timeLeft, triesLeft } from './words.js';

const inputs = { password: ['username', 'password'], token: ['token'], apiKey: ['apiKey'] };
const fieldNames = {
  secret: 'your secret word',
  username: 'your StackStorm user name',
  password: 'your StackStorm password',
  token: 'your StackStorm token',
  apiKey: 'your StackStorm API key',
};

let login;
let busy = false;
let waitUntil = 0;
let stopClock = () => undefined;

/** Shows whose chat account is being linked, and takes the secret and one way to log in. */
export function showForm(opened) {
  login = opened.login;
  busy = false;
  waitUntil = 0;
  hold(opened, forget);
  for (const id of Object.keys(fieldNames)) clear(id);
  byId('problem').hidden = true;
  showMethods(opened.methods);
  showTries(opened.attemptsLeft);
  stopClock();
  stopClock = startClock(new Date(opened.expiresAt).getTime(), {
    shown: byId('countdown'),
    spoken: byId('spoken'),
    words: (left) => `This page waits ${left} for you.`,
    onEnd: () => end('time-up'),
  });
  working(false);
  showState('form-state');
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
  const sent = login;
  const answer = await authenticate({ login, secret: byId('secret').value, method: method(), ...typed });
  // Somebody has said meanwhile that it is not them, or has opened another link.
  if (login !== sent) return;
  working(false);
  if (answer.ok) succeed(answer.body);
  else fail(answer, ids);
}

function succeed(answer) {
  forget();
  if (answer.confirm) showCode(answer);
  else showDone(answer, false);
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
  if (answer.code === 'too-many-requests') next += ` ${holdStill(answer.retryAfter)}`;
  showProblem(answer.code, words.title, next);
}

/** Keeps the button still until the server takes tries again. */
function holdStill(seconds) {
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
  release();
  showEnd(code);
}

function forget() {
  login = undefined;
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
for (const button of document.querySelectorAll('.toggle')) {
  button.addEventListener('click', () => toggle(button));
}
byId('form').addEventListener('keyup', (event) => {
  byId('caps').hidden = !event.getModifierState?.('CapsLock');
});
