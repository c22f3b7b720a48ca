/** Every error that Slack's requests get, as RFC 9457 problem details. Nothing here repeats what was sent. */
const problemKinds = {
  'malformed-body': { status: 400, title: 'The body is not what Slack sends' },
  'not-from-slack': { status: 401, title: 'The request is not signed by Slack, or not lately' },
  unhandled: { status: 404, title: 'Nothing here takes this request' },
  'method-not-allowed': { status: 405, title: 'Slack posts here' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'internal-error': { status: 500, title: 'Something went wrong in the bot' },
  'not-ready': { status: 503, title: 'The bot is starting or stopping' },
  'too-slow': { status: 503, title: 'The bot could not acknowledge in time' },
} as const;

export type SlackProblem = keyof typeof problemKinds;

/** The only ways to answer Slack's requests. */
export interface SlackReplies {
  /** An acknowledgement: empty, words, or what a listener gave as JSON. */
  acknowledged(body?: unknown, headers?: Readonly<Record<string, string>>): Response;
  problem(code: SlackProblem): Response;
}

export function createSlackReplies(securityHeaders: Readonly<Record<string, string>>): SlackReplies {
  return {
    acknowledged(body, headers = {}) {
      const all = { ...securityHeaders, ...headers };
      if (body === undefined || body === null || body === '') return new Response(null, { headers: all });
      if (typeof body === 'string')
        return new Response(body, { headers: { ...all, 'Content-Type': 'text/plain; charset=utf-8' } });
      return new Response(JSON.stringify(body), { headers: { ...all, 'Content-Type': 'application/json' } });
    },
    problem(code) {
      const { status, title } = problemKinds[code];
      const type = `urn:bolt-stackstorm:problem:${code}`;
      const headers: Record<string, string> = {
        ...securityHeaders,
        'Content-Type': 'application/problem+json',
      };
      if (code === 'method-not-allowed') headers['Allow'] = 'POST';
      if (code === 'body-too-large') headers['Connection'] = 'close';
      return new Response(JSON.stringify({ type, code, title, status }), { status, headers });
    },
  };
}
