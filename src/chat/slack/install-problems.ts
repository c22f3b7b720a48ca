/** How an install can end badly. The code is stable: it stands in `failureUrl`'s `reason`, in logs and audit records. */
export const installProblems = {
  denied: {
    status: 403,
    title: 'Nothing was installed',
    what: 'You, or somebody else, did not allow it on Slack’s page.',
    next: 'If that was not meant, begin again. Where apps need approval, ask an admin of your workspace.',
  },
  'state-unknown': {
    status: 400,
    title: 'This install did not begin here',
    what: 'Slack sent you back with something that this bot has not given out.',
    next: 'Begin on this bot’s own page, not in Slack’s list of apps.',
  },
  'state-other-browser': {
    status: 403,
    title: 'This install began in another browser',
    what: 'It can only be finished in the browser in which it began, with cookies turned on.',
    next: 'Begin again in this browser.',
  },
  'state-used': {
    status: 410,
    title: 'This page has done its work',
    what: 'An install can be finished once. If you have loaded the page again after it said that the bot is installed, all is well.',
    next: 'If you have not seen that, begin again.',
  },
  'state-expired': {
    status: 410,
    title: 'This took too long',
    what: 'The page at Slack stood open for longer than an install may take.',
    next: 'Begin again.',
  },
  'slack-refused': {
    status: 502,
    title: 'Slack did not finish the install',
    what: 'Slack would not exchange its code for a token.',
    next: 'Begin again. If it goes on, tell whoever runs the bot: the client id, the client secret and the redirect URL must be those of the app.',
  },
  'slack-unreachable': {
    status: 502,
    title: 'Slack does not answer',
    what: 'The bot could not reach Slack, so nothing was kept.',
    next: 'Begin again in a moment.',
  },
  stopped: {
    status: 403,
    title: 'The install was stopped',
    what: 'A check of whoever runs this bot did not let it through, and it was undone.',
    next: 'If you think that this is wrong, ask whoever runs the bot.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many tries',
    what: 'There were many installs from your network in a short time.',
    next: 'Wait a minute, then begin again.',
  },
  'https-required': {
    status: 403,
    title: 'This page is served over https only',
    what: 'The request did not come over https.',
    next: 'For operators: a proxy that ends TLS in front must be in server.trustedProxies and send X-Forwarded-Proto.',
  },
  'storage-unavailable': {
    status: 503,
    title: 'The bot cannot get at its storage',
    what: 'Nothing was installed.',
    next: 'Begin again in a moment. If it goes on, tell whoever runs the bot.',
  },
  'internal-error': {
    status: 500,
    title: 'Something went wrong in the bot',
    what: 'Nothing was kept of this install.',
    next: 'Begin again. If it goes on, tell whoever runs the bot.',
  },
} as const;

export type InstallProblem = keyof typeof installProblems;
