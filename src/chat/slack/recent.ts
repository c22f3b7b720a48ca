/**
 * What was asked a short time ago, so that it is not asked for every message. Several who ask for the same at once wait
 * for one answer; a failure is not kept. The oldest go when there are more than `most`.
 */
export class Recent<T> {
  readonly #entries = new Map<string, { readonly value: Promise<T>; readonly until: number }>();
  readonly #options: { readonly ttlMs: number; readonly most: number; readonly now: () => number };

  constructor(options: { readonly ttlMs: number; readonly most: number; readonly now: () => number }) {
    this.#options = options;
  }

  get(key: string, load: () => Promise<T>): Promise<T> {
    const { ttlMs, most, now } = this.#options;
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > now()) return known.value;
    const value = load();
    const entry = { value, until: now() + ttlMs };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= most) break;
      this.#entries.delete(oldest);
    }
    return value;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
