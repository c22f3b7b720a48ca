/**
 * The login API as the page sees it: an answer is `{ ok: true, body }` or `{ ok: false, code, ... }`. A network that
 * fails is the code `network`; an answer that is not the API's own (a proxy's page) is `unexpected`.
 */

const timeoutMs = 60_000;

/** @param {string} link `<uuid>.<key>` */
export function openLink(link) {
  return call('api/open', { link });
}

export function currentLogin() {
  return call('api/login');
}

export function authenticate(input) {
  return call('api/authenticate', input);
}

/** Where to go to show who one is; the browser gets what it takes along. */
export function startSignIn(login) {
  return call('api/sign-in', { login });
}

/** Says that the chat account of a login is not this browser's person's. */
export function refuseLogin(login) {
  return call('api/refuse', { login });
}

async function call(path, input) {
  let response;
  let body;
  try {
    response = await fetch(path, {
      ...(input && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    body = await response.text();
  } catch {
    return { ok: false, code: 'network' };
  }
  const answer = parsed(body);
  if (response.ok && answer) return { ok: true, body: answer };
  return {
    ok: false,
    code: answer && typeof answer.type === 'string' ? answer.type.split(/[/#:]/).pop() : 'unexpected',
    attemptsLeft: answer?.attemptsLeft,
    fields: Array.isArray(answer?.fields) ? answer.fields : [],
    retryAfter: Number(response.headers.get('retry-after')) || 60,
  };
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
