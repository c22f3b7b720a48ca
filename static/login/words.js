/** What the page says. Every problem says what to do next. */

const askAgain =
  'Go back to chat and send session_start again, with a word of your choice: you get a new link.';

/** Problems after which there is no form. `again` means that trying again on this page can help. */
const ends = {
  'no-link': {
    title: 'There is no link here',
    what: 'This page opens with the link that the bot gave you in chat, and this browser has no login under way.',
    next: 'Open the link from chat once more. If you have none, send session_start in chat, with a word of your choice.',
  },
  'link-unknown': {
    title: 'This link is not known',
    what: 'It may have been cut when it was copied, or it is from long ago.',
    next: `Press the button in chat instead of copying the link. If that does not help: ${askAgain}`,
  },
  'link-used': {
    title: 'This link has been used',
    what: 'A link opens one time only, in one browser. It was opened already, or a newer one has taken its place.',
    next: `${askAgain} If it was not you who opened it, tell your administrators.`,
  },
  'link-expired': {
    title: 'This link is too old',
    what: 'A link works for a few minutes only. Nothing has been changed.',
    next: askAgain,
  },
  'account-bound': {
    title: 'This StackStorm user is logged in already',
    what: 'Another chat account is logged in as this StackStorm user, and only one may be at a time. You are not logged in.',
    next: 'If that account is yours, send session_end to the bot from it, then ask for a new link. If it is not, change your StackStorm password and tell your StackStorm admins.',
  },
  'login-dead': {
    title: 'This login is over',
    what: 'It had too many wrong tries, took too long, or was ended in chat. You are not logged in by it.',
    next: askAgain,
  },
  'time-up': {
    title: 'The time for this login is up',
    what: 'Nothing has been changed, and what you typed has been forgotten.',
    next: askAgain,
  },
  'no-login': {
    title: 'This page does not hold the login any more',
    what: 'Another link was opened in this browser after this one, or its cookie is gone.',
    next: `Go on in the page that you opened last. If there is none: ${askAgain}`,
  },
  refused: {
    title: 'Nothing is linked',
    what: 'The link is dead, and whatever you typed has been forgotten. The owner of that chat account has been told that it was not you.',
    next: 'Close this page. If somebody sent you the link, tell your administrators: it was made for that person’s own chat account.',
  },
  'not-refused': {
    title: 'The bot could not be told',
    what: 'It did not answer, so what was opened may still be open. Give the code, if you saw one, to nobody.',
    next: 'Try again. If it goes on, tell your administrators.',
    again: true,
  },
  'not-confirmed': {
    title: 'This login was not confirmed',
    what: 'Its code was not entered in time, was wrong too often, or the login was ended in chat. You are not logged in by it, and what it held has been forgotten.',
    next: askAgain,
  },
  'sign-in-required': {
    title: 'Show first who you are in chat',
    what: 'This login takes nothing before you have signed in at your chat platform.',
    next: 'Load this page again and press the button.',
  },
  'certificate-required': {
    title: 'This page needs your certificate',
    what: 'Your browser showed no client certificate that counts here. Your link has not been used up.',
    next: 'Close the browser, open the link from chat again, and choose your certificate when you are asked.',
  },
  'certificate-mismatch': {
    title: 'This certificate is not the link owner’s',
    what: 'Your browser showed a client certificate of somebody else, or one that the chat does not know. The link has not been used up, and its owner has been told.',
    next: 'If the link is yours, choose your own certificate, or tell whoever runs the bot. If somebody sent it to you, close this page and tell your administrators.',
  },
  'https-required': {
    title: 'This page must be opened over https',
    what: 'Passwords are taken over an encrypted connection only.',
    next: 'Open the link as the bot gave it. If it begins with http://, tell whoever runs the bot.',
  },
  'cross-site': {
    title: 'This page was opened in an odd way',
    what: 'The server only takes what its own page sends, and this did not look like it.',
    next: 'Open the link from chat in a tab of its own. If that does not help, tell whoever runs the bot.',
  },
  'too-many-requests': {
    title: 'Too many tries from here',
    what: 'So many links were tried from your address that we wait a little. Your link has not been used up.',
    next: 'Wait a minute, then try again on this page.',
    again: true,
  },
  'storage-unavailable': {
    title: 'The bot cannot get at its storage',
    what: 'Your link could not be looked up just now.',
    next: 'Try again in a moment. If it goes on, tell whoever runs the bot.',
    again: true,
  },
  'login-unavailable': {
    title: 'Logins cannot be taken at the moment',
    what: 'The bot must not let anybody in just now. Your link has not been used up.',
    next: 'Try again in a moment. If it goes on, tell whoever runs the bot.',
    again: true,
  },
  'internal-error': {
    title: 'Something went wrong in the bot',
    what: 'Your link could not be opened just now.',
    next: 'Try again. If it goes on, tell whoever runs the bot.',
    again: true,
  },
  network: {
    title: 'The bot cannot be reached',
    what: 'There was no answer. Your connection, or the bot, is down for a moment.',
    next: 'Try again on this page.',
    again: true,
  },
  unexpected: {
    title: 'Something went wrong',
    what: 'The answer was not one that this page understands.',
    next: 'Try again. If it goes on, tell whoever runs the bot.',
    again: true,
  },
};

/** Problems that leave the form standing. `field` is what is to be typed again. */
const mends = {
  'wrong-secret': {
    title: 'The secret word is not right',
    next: 'Type the word that you gave to session_start in chat; capital letters count. StackStorm was not asked.',
    field: 'secret',
  },
  'wrong-credentials': {
    title: 'StackStorm does not take this login',
    next: 'Check what you typed and try again.',
    field: 'credential',
  },
  'invalid-input': {
    title: 'Something in the form cannot be right',
    next: 'Check each field. A user name cannot contain a colon.',
    field: 'credential',
  },
  'malformed-body': {
    title: 'The form was not understood',
    next: 'Check each field and try again.',
  },
  'body-too-large': {
    title: 'What you typed is too long',
    next: 'Check that you pasted only the token, key or password.',
    field: 'credential',
  },
  'too-many-requests': {
    title: 'Too many failed logins',
    next: 'For your protection you have to wait before you can try again.',
  },
  'stackstorm-unreachable': {
    title: 'StackStorm cannot be reached',
    next: 'This try was not counted. Try again in a moment; if it goes on, tell whoever runs StackStorm.',
  },
  'stackstorm-timeout': {
    title: 'StackStorm did not answer in time',
    next: 'This try was not counted. Try again in a moment.',
  },
  'storage-unavailable': {
    title: 'The bot cannot get at its storage',
    next: 'You are not logged in. Try again in a moment; if it goes on, tell whoever runs the bot.',
  },
  'login-unavailable': {
    title: 'This way to log in is not available at the moment',
    next: 'This try was not counted. Try again in a moment, or log in with a token or an API key. If it goes on, tell whoever runs the bot.',
  },
  'internal-error': {
    title: 'Something went wrong in the bot',
    next: 'You are not logged in. Try again; if it goes on, tell whoever runs the bot.',
  },
  network: {
    title: 'The bot did not answer',
    next: 'Check your connection and try again. If the login went through after all, the bot says so in chat.',
  },
  unexpected: {
    title: 'Something went wrong',
    next: 'Try again. If it goes on, tell whoever runs the bot.',
  },
};

export function endWords(code) {
  return ends[code] ?? ends.unexpected;
}

/** The words for a problem with the form, or undefined where the problem ends the login. */
export function mendWords(code) {
  return mends[code] ?? (ends[code] ? undefined : mends.unexpected);
}

export function triesLeft(count) {
  return count === 1 ? 'This is your last try.' : `${count} tries left.`;
}

/** A length of time as people say it: whole minutes, and seconds in the last one. */
export function timeLeft(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

export function timeAgo(ms) {
  return ms < 45_000 ? 'a moment ago' : `${timeLeft(Math.max(ms, 60_000))} ago`;
}

/** A time today as its hour, another day with its date. */
export function clock(date) {
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${time} on ${date.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long' })}`;
}

/** One or two letters for a picture: `alice` is A, `Mary Ann Smith` is MS. */
export function initials(name) {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words.slice(0, 1);
  return picked.map((word) => [...word][0].toLocaleUpperCase()).join('') || '?';
}
