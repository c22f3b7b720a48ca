/**
 * Where the app is installed, and the token to act there. With a fixed bot token there is one row; the OAuth install
 * keeps many in the Store.
 * @module
 */

import { ChatError } from '../chat.ts';

/** The app in one workspace, or (`isEnterpriseInstall`) in a whole Enterprise Grid org. */
export interface Installation {
  /** Absent for an org's installation. */
  readonly teamId?: string;
  /** The Grid org that the workspace belongs to, or that has the installation. */
  readonly enterpriseId?: string;
  readonly isEnterpriseInstall: boolean;
  /** Fresh: whoever keeps installations renews it before it expires. */
  readonly botToken: string;
  readonly botUserId: string;
  /** `bot_id` of its messages (`B…`). */
  readonly botId?: string;
  /** What the workspace or org is called. */
  readonly name?: string;
}

/** Where something came from, as Slack's payloads say it. */
export interface InstallationQuery {
  readonly teamId?: string | undefined;
  readonly enterpriseId?: string | undefined;
  readonly isEnterpriseInstall?: boolean | undefined;
}

/**
 * The port to whoever keeps the installations. It is asked for every event and every call: answers come from memory
 * where they can. Throws StoreError where the Store does not answer, ChatError where Slack does not (a token's renewal).
 */
export interface Installations {
  /** By the key that {@link installationKey} makes: a workspace's id, or an org's for one that spans it. */
  get(key: string): Promise<Installation | undefined>;
  /** Those of an org: its own first, then its workspaces'. */
  ofEnterprise(enterpriseId: string): Promise<readonly Installation[]>;
  /** All of them, for what names no workspace (a channel of an announcement); at most `limit`. */
  list(limit: number): Promise<readonly Installation[]>;
  /** The app was removed there, or its tokens are dead. */
  forget(key: string): Promise<void>;
}

/** The id under which an installation is kept, and the `workspace` of the places that it reaches. */
export function installationKey(installation: InstallationQuery): string | undefined {
  const { teamId, enterpriseId, isEnterpriseInstall = false } = installation;
  return isEnterpriseInstall || teamId === undefined ? enterpriseId : teamId;
}

/** The same, of one that stands. Throws ChatError for one that names neither. */
export function keyOf(installation: Installation): string {
  const key = installationKey(installation);
  if (key === undefined) throw new ChatError('gone', 'not_installed');
  return key;
}

/** The installation that an event belongs to: its workspace's own, or the one of the org around it. */
export async function installationFor(
  installations: Installations,
  query: InstallationQuery,
): Promise<Installation | undefined> {
  const key = installationKey(query);
  const exact = key === undefined ? undefined : await installations.get(key);
  if (exact !== undefined) return exact;
  const other = [query.enterpriseId, query.teamId].find((id) => id !== undefined && id !== key);
  const found = other === undefined ? undefined : await installations.get(other);
  return found;
}

/** An event from a workspace or org where the app is not installed, as far as we know. */
export class UnknownWorkspaceError extends Error {
  readonly code = 'unknown-workspace';
  readonly workspace: string;

  constructor(query: InstallationQuery) {
    const workspace = query.teamId ?? query.enterpriseId ?? 'nobody';
    super(`slack: there is no installation in ${workspace}`);
    this.name = 'UnknownWorkspaceError';
    this.workspace = workspace;
  }
}
