import { timeLeft } from './words.js';

const announcedMs = [120_000, 60_000, 20_000];

/**
 * Says in `shown` how long there is (`words` makes a sentence of a length of time), and in `spoken` (a live region) when
 * little time is left.
 * @returns {() => void} stops it
 */
export function startClock(until, { shown, spoken, words, onEnd }) {
  let timer;
  const toSay = announcedMs.filter((ms) => ms < until - Date.now());
  const tick = () => {
    const left = until - Date.now();
    if (left <= 0) {
      onEnd();
      return;
    }
    shown.textContent = words(timeLeft(left));
    if (left <= toSay[0]) {
      toSay.shift();
      spoken.textContent = `${timeLeft(left)} left to log in.`;
    }
    timer = setTimeout(tick, left > 90_000 ? 10_000 : 1_000);
  };
  tick();
  return () => clearTimeout(timer);
}
