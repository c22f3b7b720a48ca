import { endWords } from './words.js';

const states = ['opening', 'sign-in-state', 'form-state', 'confirm-state', 'done', 'over'];

export function byId(id) {
  return document.getElementById(id);
}

/** Puts a text wherever the page has that one. */
export function fill(name, text) {
  for (const element of document.querySelectorAll(`[data-fill="${name}"]`)) element.textContent = text;
}

/** Shows one of the page's states, and moves the focus to its heading, so that a screen reader reads it. */
export function showState(name) {
  for (const state of states) byId(state).hidden = state !== name;
  const heading = byId(name).querySelector('h1');
  document.title = `${heading.textContent} · StackStorm ChatOps`;
  if (name !== 'opening') heading.focus();
}

/** The end of this login: what happened, and what to do next. `again` is called by the button, where that can help. */
export function showEnd(code, again) {
  const words = endWords(code);
  byId('over-title').textContent = words.title;
  byId('over-what').textContent = words.what;
  byId('over-next').textContent = words.next;
  const retry = byId('retry');
  retry.hidden = !words.again;
  retry.onclick = again;
  byId('over').dataset.code = code;
  showState('over');
}
