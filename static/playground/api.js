/** The playground's HTTP API, as the page uses it. */

const later = 'The bot does not answer. It may be starting; try again in a moment.';

/** Sends what a person typed. It carries its own id: sent twice, it is one message. */
export function send(message) {
  return post('api/messages', { id: crypto.randomUUID(), ...message }, 'Your message was not sent.');
}

/** Presses a button; the answer's `form` is a dialog to open. */
export function press(action) {
  return post('api/actions', action);
}

/** Sends what a person entered in a dialog. */
export function submit(entered) {
  return post('api/forms', entered);
}

/** Says on the sign-in page who one is; without `user`: cancels. The answer's `url` is where to go then. */
export function signIn(decision) {
  return post('api/sign-in', decision);
}

/** The bot's own page for `user`. */
export function home(user, search) {
  const query = new URLSearchParams({ user, ...(search !== '' && { search }) });
  return ask(`api/home?${query}`, { cache: 'no-store' });
}

/** What `user` sees since `cursor`; waits for something at most `waitMs`. Throws where there is no answer. */
export async function read(user, cursor, waitMs, signal) {
  const query = new URLSearchParams({
    user,
    waitMs: String(waitMs),
    ...(cursor !== undefined && { after: cursor }),
  });
  const response = await fetch(`api/messages?${query}`, { cache: 'no-store', signal });
  if (!response.ok) throw new Error(`the playground answered ${response.status}`);
  return response.json();
}

function post(path, input, consequence) {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  };
  return ask(path, init, consequence);
}

async function ask(path, init, consequence = '') {
  try {
    const response = await fetch(path, init);
    const body = await response.json().catch(() => ({}));
    if (response.ok) return { ok: true, body };
    return { ok: false, words: `${body.title ?? later} ${consequence}`.trim() };
  } catch {
    return { ok: false, words: later };
  }
}
