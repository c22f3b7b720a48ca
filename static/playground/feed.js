import { read } from './api.js';

const waitMs = 25_000;
const hiddenPauseMs = 5_000;
const longestPauseMs = 10_000;

/**
 * Follows everything that `person` sees, in every channel, over one connection (a browser has six to a server, and
 * tabs share them). A tab that nobody looks at asks now and then, and holds no connection.
 */
export function follow(person, { onMessages, onTrouble }) {
  const stopping = new AbortController();
  run(person, stopping.signal, onMessages, onTrouble);
  return { stop: () => stopping.abort() };
}

async function run(person, signal, onMessages, onTrouble) {
  let cursor;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const isFirst = cursor === undefined;
      const answer = await read(person, cursor, isFirst || document.hidden ? 0 : waitMs, signal);
      if (signal.aborted) return;
      if (failures > 0) onTrouble('');
      failures = 0;
      cursor = answer.cursor;
      if (isFirst || answer.messages.length > 0) onMessages(answer.messages, isFirst);
      if (document.hidden) await pause(hiddenPauseMs, signal);
    } catch {
      if (signal.aborted) return;
      failures += 1;
      onTrouble('The connection to the bot is gone. Trying again…');
      await pause(Math.min(500 * 2 ** failures, longestPauseMs), signal);
    }
  }
}

/** Ends early when somebody looks at the tab again. */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    document.addEventListener('visibilitychange', wake);
    signal.addEventListener('abort', wake);
  });
}
