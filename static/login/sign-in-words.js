import { timeLeft } from './words.js';

const passing = {
  network: 'The bot cannot be reached. Check your connection and press the button again.',
  'login-unavailable':
    'Signing in is not available at the moment. Try again; if it goes on, tell whoever runs the bot.',
  'storage-unavailable':
    'The bot cannot get at its storage. Try again in a moment; if it goes on, tell whoever runs the bot.',
  'internal-error': 'Something went wrong in the bot. Try again; if it goes on, tell whoever runs the bot.',
  unexpected: 'Something went wrong. Try again; if it goes on, tell whoever runs the bot.',
};

/** What is said of a sign-in that could not be begun; undefined where the login is over. */
export function problemWords({ code, retryAfter }) {
  if (code === 'too-many-requests') {
    return `You have set out to sign in many times. Try again in ${timeLeft(retryAfter * 1000)}.`;
  }
  return passing[code];
}
