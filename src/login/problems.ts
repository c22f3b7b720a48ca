/**
 * Every error of the login API, as RFC 9457 problem details. The code is stable: it ends `type`, and stands alone in
 * `code`. Nothing here repeats what was sent.
 * @module
 */

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

export const problemKinds = {
  'malformed-body': {
    status: 400,
    title: 'The body is not what this endpoint takes',
    detail: 'Send one JSON object, as docs/login-api.md shows it.',
  },
  'wrong-secret': {
    status: 401,
    title: 'The secret word is not right',
    detail: 'Type the word that you gave to session_start in chat.',
  },
  'wrong-credentials': {
    status: 401,
    title: 'StackStorm does not take these credentials',
    detail: 'Check what you typed and try again.',
  },
  'no-login': {
    status: 403,
    title: 'This browser does not hold this login',
    detail: 'Open the link from chat in this browser, or ask for a new one with session_start.',
  },
  'sign-in-required': {
    status: 403,
    title: 'Show first who you are in chat',
    detail: 'Sign in at the chat platform with the button on the login page. No try was counted.',
  },
  'certificate-required': {
    status: 403,
    title: 'This login needs your client certificate',
    detail:
      'The browser showed none that counts. Choose yours when the browser asks, then open the link again.',
  },
  'certificate-mismatch': {
    status: 403,
    title: 'This client certificate belongs to somebody else',
    detail:
      'The link is for another person, or your certificate is not known in chat. The link still works for its owner.',
  },
  'cross-site': {
    status: 403,
    title: 'The request comes from another site',
    detail: 'Requests are taken from the login page of this bot only. Open the link from chat.',
  },
  'https-required': {
    status: 403,
    title: 'This page is served over https only',
    detail:
      'Open the link as the bot gave it. For operators: a proxy that ends TLS in front must be in server.trustedProxies and send X-Forwarded-Proto.',
  },
  'not-found': { status: 404, title: 'There is nothing here', detail: 'The login page is at /login/.' },
  'link-unknown': {
    status: 404,
    title: 'This link is not known',
    detail: 'Press the button in chat, or ask for a new link with session_start.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not allowed here',
    detail: 'The header Allow names the one that is.',
  },
  'account-bound': {
    status: 409,
    title: 'This StackStorm user is logged in from another chat account',
    detail:
      'It may be so from one alone. End that session in chat, then ask for a new link with session_start.',
  },
  'link-used': {
    status: 410,
    title: 'This link has been used',
    detail: 'A link opens once. Ask for a new one with session_start.',
  },
  'link-expired': {
    status: 410,
    title: 'This link is too old',
    detail: 'Ask for a new one with session_start.',
  },
  'login-dead': {
    status: 410,
    title: 'This login is over',
    detail:
      'It had too many wrong tries, took too long, or was ended in chat. Ask for a new link with session_start.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    detail: 'It may have 8 KiB. Check that you pasted only the password, token or key.',
  },
  'wrong-content-type': {
    status: 415,
    title: 'The body is not JSON',
    detail: 'Send it as application/json.',
  },
  'invalid-input': {
    status: 422,
    title: 'Something in the form cannot be right',
    detail: 'The fields that are wrong are named in `fields`. A user name cannot contain a colon.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many tries',
    detail: 'Wait for as long as Retry-After says, then try again.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong in the bot',
    detail: 'Try again. If it goes on, tell whoever runs the bot.',
  },
  'stackstorm-unreachable': {
    status: 502,
    title: 'StackStorm cannot be reached',
    detail: 'This try was not counted. Try again in a moment.',
  },
  'login-unavailable': {
    status: 503,
    title: 'Logins cannot be taken at the moment',
    detail: 'Nothing was changed. Try again in a moment; if it goes on, tell whoever runs the bot.',
  },
  'storage-unavailable': {
    status: 503,
    title: 'The bot cannot get at its storage',
    detail: 'Nothing was changed. Try again in a moment; if it goes on, tell whoever runs the bot.',
  },
  'stackstorm-timeout': {
    status: 504,
    title: 'StackStorm did not answer in time',
    detail: 'This try was not counted. Try again in a moment.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;

/** The `type` of a problem: stable. */
export function problemType(code: ProblemCode): string {
  return `urn:bolt-stackstorm:problem:${code}`;
}
