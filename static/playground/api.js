/** The playground's HTTP API, as the page uses it. */

const later = 'The bot does not answer. It may be starting; try again in a moment.';

/** Sends what a person typed. It carries its own id: sent twice, it is one message. */
export function send(message) {
  return post('api/messages', { id: crypto.randomUUID(), ...message });
}

export function press(action) {
  return post('api/actions', action);
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

async function post(path, input) {
  let response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
  } catch {
    return { ok: false, words: later };
  }
  if (response.ok) return { ok: true };
  const problem = await response.json().catch(() => ({}));
  return { ok: false, words: `${problem.title ?? later} Your message was not sent.` };
}
