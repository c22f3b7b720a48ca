export type ProblemCode =
  | 'refused-here'
  | 'malformed-body'
  | 'invalid-input'
  | 'body-too-large'
  | 'not-found'
  | 'no-such-message'
  | 'no-such-form'
  | 'id-in-use'
  | 'storage-unavailable'
  | 'stopped'
  | 'internal';

const problems: Record<ProblemCode, { readonly status: number; readonly title: string }> = {
  'refused-here': { status: 403, title: 'The playground answers only its own page, on this machine.' },
  'malformed-body': { status: 400, title: 'The body is not JSON.' },
  'invalid-input': { status: 422, title: 'What was sent is not what the playground takes.' },
  'body-too-large': { status: 413, title: 'The message is too long.' },
  'not-found': { status: 404, title: 'There is nothing here.' },
  'no-such-message': { status: 404, title: 'There is no such message or button, or not for this person.' },
  'no-such-form': { status: 404, title: 'This dialog is over. Press the button again.' },
  'id-in-use': { status: 409, title: "Another person's message, or one elsewhere, has this id." },
  'storage-unavailable': { status: 503, title: 'The storage does not answer. Try again in a moment.' },
  stopped: { status: 503, title: 'The bot is not listening. Try again in a moment.' },
  internal: { status: 500, title: 'The playground failed.' },
};

/** An RFC 9457 problem; `detail` says what is wrong with this request. */
export function problem(code: ProblemCode, detail?: string): Response {
  const { status, title } = problems[code];
  const body = { type: `urn:bolt-stackstorm:problem:${code}`, title, status, ...(detail && { detail }) };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
}
