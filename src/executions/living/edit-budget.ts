/** Slack's chat.update is tier 3, "50+ per minute" a workspace (docs.slack.dev/apis/web-api/rate-limits). */
const perMinute = 45;
const atOnce = 20;
/** What only tells that a run lives leaves so many edits to those that tell its end. */
const reserved = 10;

/** How many messages of one workspace may be edited when, so that edits never run into the platform's limit of edits. */
export class EditBudget {
  #left = atOnce;
  #at = 0;
  #pausedUntil = 0;

  /** Whether an edit that can as well be left out may go now (ms); if so, it is taken. */
  tryTake(now: number): boolean {
    this.#refill(now);
    if (now < this.#pausedUntil || this.#left < reserved + 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Takes one edit that must go, and says in how many ms it may. */
  take(now: number): number {
    this.#refill(now);
    this.#left -= 1;
    const wait = this.#left >= 0 ? 0 : Math.ceil((-this.#left * 60_000) / perMinute);
    return Math.max(wait, this.#pausedUntil - now, 0);
  }

  /** The platform asks for silence. */
  pause(now: number, ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
  }

  #refill(now: number): void {
    this.#left = Math.min(atOnce, this.#left + ((now - this.#at) * perMinute) / 60_000);
    this.#at = now;
  }
}
