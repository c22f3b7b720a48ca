import { z } from 'zod';
import { installationKey } from './installations.ts';
import { type OAuthAnswer, OAuthError, type RenewedToken } from './slack-oauth.ts';

/** An installation as it is kept, encrypted. Times in ms since the epoch. */
export const installationRow = z.object({
  teamId: z.string().exactOptional(),
  enterpriseId: z.string().exactOptional(),
  isEnterpriseInstall: z.boolean(),
  name: z.string().exactOptional(),
  appId: z.string(),
  botToken: z.string(),
  botUserId: z.string(),
  botId: z.string().exactOptional(),
  scopes: z.array(z.string()),
  installerId: z.string(),
  installedAt: z.number(),
  /** Where token rotation is on: the token is good until then, and this renews it, once. */
  expiresAt: z.number().exactOptional(),
  refreshToken: z.string().exactOptional(),
});

export type InstallationRow = Readonly<z.infer<typeof installationRow>>;

/** Throws OAuthError `unexpected` where the answer names neither a workspace nor an org. */
export function rowOf(answer: OAuthAnswer, botId: string | undefined, now: number): InstallationRow {
  const isEnterpriseInstall = answer.is_enterprise_install === true;
  const { enterprise } = answer;
  const team = isEnterpriseInstall ? undefined : answer.team;
  const where = isEnterpriseInstall ? enterprise : team;
  if (where === undefined || where === null) throw new OAuthError('unexpected');
  return {
    isEnterpriseInstall,
    appId: answer.app_id,
    botUserId: answer.bot_user_id,
    scopes: answer.scope.split(',').filter((scope) => scope !== ''),
    installerId: answer.authed_user.id,
    installedAt: now,
    ...(team === undefined || team === null ? {} : { teamId: team.id }),
    ...(enterprise === undefined || enterprise === null ? {} : { enterpriseId: enterprise.id }),
    ...(typeof where.name === 'string' ? { name: where.name } : {}),
    ...(botId === undefined ? {} : { botId }),
    ...tokensOf(answer, now),
  };
}

/** The row with the tokens that a renewal brought. */
export function renewedRow(row: InstallationRow, answer: RenewedToken, now: number): InstallationRow {
  const { expiresAt: _, refreshToken: __, ...rest } = row;
  return { ...rest, ...tokensOf(answer, now) };
}

/** The row without the token that Slack does not take for a renewal any more. */
export function unrenewableRow({ refreshToken: _, ...row }: InstallationRow): InstallationRow {
  return row;
}

/** The id under which it is kept. */
export function rowKey(row: InstallationRow): string {
  const key = installationKey(row);
  if (key === undefined) throw new RangeError('an installation is in a workspace or an org');
  return key;
}

/** The home of its people: the org on Grid, else the workspace. */
export function homeOf(row: InstallationRow): string {
  return row.enterpriseId ?? rowKey(row);
}

function tokensOf({ access_token, refresh_token, expires_in }: RenewedToken, now: number) {
  return {
    botToken: access_token,
    ...(expires_in === undefined ? {} : { expiresAt: now + expires_in * 1000 }),
    ...(refresh_token === undefined ? {} : { refreshToken: refresh_token }),
  };
}
