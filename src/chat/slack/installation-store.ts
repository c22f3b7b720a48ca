import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import { Collection } from '../../storage/collection.ts';
import type { Encryption } from '../../storage/encryption.ts';
import type { Store } from '../../storage/store.ts';
import { homeOf, type InstallationRow, installationRow, rowKey } from './installation-row.ts';
import type { Installation, Installations } from './installations.ts';
import type { SlackOAuth } from './slack-oauth.ts';
import { TokenRotation } from './token-rotation.ts';

export interface InstallationStoreDeps {
  readonly store: Store;
  readonly encryption: Encryption;
  readonly oauth: Pick<SlackOAuth, 'renew'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The workspaces and orgs where the app is installed: encrypted rows (S2) under the id of the workspace, or of the org
 * for an installation that spans it, with tokens that are renewed before they end.
 */
export class InstallationStore implements Installations {
  readonly #store: Store;
  readonly #rows: Collection<InstallationRow>;
  readonly #rotation: TokenRotation;

  constructor(deps: InstallationStoreDeps) {
    this.#store = deps.store;
    this.#rows = new Collection(deps.store, deps.encryption, 'slack-installation', installationRow, {
      reopens: false,
    });
    this.#rotation = new TokenRotation({ ...deps, rows: this.#rows });
  }

  async get(key: string): Promise<Installation | undefined> {
    const row = await this.#rows.get(key);
    return row === undefined ? undefined : this.#rotation.fresh(row);
  }

  async ofEnterprise(enterpriseId: string): Promise<readonly Installation[]> {
    const found: Installation[] = [];
    const own = await this.get(enterpriseId);
    if (own !== undefined) found.push(own);
    const prefix = memberKey(enterpriseId, '');
    for await (const { key } of this.#store.scan(prefix)) {
      const row = await this.#rows.get(key.slice(prefix.length));
      if (row?.value.enterpriseId === enterpriseId) found.push(row.value);
    }
    return found;
  }

  /** By id; tokens are as they were kept. */
  async list(limit: number): Promise<readonly Installation[]> {
    const found: Installation[] = [];
    for await (const { value } of this.#rows.scan()) {
      if (found.length >= limit) break;
      found.push(value);
    }
    return found;
  }

  async forget(key: string): Promise<void> {
    const row = await this.#rows.get(key);
    await this.#rows.delete(key);
    const enterpriseId = row?.value.enterpriseId;
    if (enterpriseId !== undefined && enterpriseId !== key) {
      await this.#store.delete(memberKey(enterpriseId, key));
    }
  }

  /** Whether the app is installed where this row says. */
  async stands(row: InstallationRow): Promise<boolean> {
    return (await this.#rows.get(rowKey(row))) !== undefined;
  }

  /** Keeps an installation in place of the one before it, which is the answer. */
  async save(row: InstallationRow): Promise<InstallationRow | undefined> {
    const key = rowKey(row);
    const home = homeOf(row);
    if (home !== key) await this.#store.set(memberKey(home, key), '1');
    for (;;) {
      const before = await this.#rows.get(key);
      const kept = before === undefined ? this.#rows.add(key, row) : this.#rows.replace(before, row);
      if ((await kept) !== undefined) return before?.value;
    }
  }

  /** Undoes a {@link save}, unless somebody has changed what it kept. */
  async restore(saved: InstallationRow, before: InstallationRow | undefined): Promise<void> {
    const row = await this.#rows.get(rowKey(saved));
    if (row?.value.botToken !== saved.botToken) return;
    if (before === undefined) await this.forget(row.id);
    else await this.#rows.replace(row, before);
  }
}

/** Says which workspaces of an org have an installation of their own. Ids are no secrets. */
function memberKey(enterpriseId: string, teamId: string): string {
  return `slack-installation-of:${enterpriseId}:${teamId}`;
}
