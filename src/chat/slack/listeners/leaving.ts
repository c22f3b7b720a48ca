import { ChatError } from '../../chat.ts';
import { isDeadToken } from '../errors.ts';
import { type Installation, keyOf } from '../installations.ts';
import type { Parts } from '../parts.ts';
import { platformName } from '../people.ts';
import { handOver, sourceOf } from './heard.ts';
import { eventSource, read } from './wire.ts';

/** `user_change`: what was known of somebody is not believed any more; a closed account's sessions end. */
export async function onUserChange(parts: Parts, body: unknown, event: unknown): Promise<void> {
  const user = read.userChange(event)?.user;
  if (user === undefined) return;
  const installation = await sourceOf(parts, eventSource(body));
  if (installation === undefined) return;
  parts.people.forget(installation, user.id);
  const workspace = user.enterprise_user?.enterprise_id ?? user.team_id;
  if (!user.deleted || workspace === undefined) return;
  handOver(parts, 'user_change', parts.handler()?.left({ platform: platformName, workspace, id: user.id }));
}

/** `tokens_revoked`: with the bot's own token, the same as a removal; other people's tokens are not ours. */
export async function onTokensRevoked(parts: Parts, body: unknown, event: unknown): Promise<void> {
  const tokens = read.tokensRevoked(event)?.tokens;
  if (tokens !== undefined && tokens.bot.length > 0) await onRemoved(parts, body);
}

/**
 * `app_uninstalled`: the installation is forgotten and the sessions of its people end, unless the app reaches them
 * through another workspace of their org. An event that comes after a new installation changes nothing.
 */
export async function onRemoved(parts: Parts, body: unknown): Promise<void> {
  const installation = await sourceOf(parts, eventSource(body));
  if (installation === undefined) return;
  const key = keyOf(installation);
  if (await isStillTaken(parts, key)) {
    parts.logger.warn(
      { workspace: key },
      'Slack tells of a removal, and takes the bot’s token: nothing is forgotten',
    );
    return;
  }
  const home = await homeLeft(parts, installation);
  // The sessions first: after a crash in between, an installation whose token is dead does no harm.
  if (home !== undefined) await parts.handler()?.left({ platform: platformName, workspace: home });
  await parts.installations.forget(key);
  parts.logger.warn({ workspace: key }, 'the app was removed; its installation is forgotten');
}

async function isStillTaken(parts: Parts, key: string): Promise<boolean> {
  try {
    await parts.clients.call(key, (client) => client.auth.test());
    return true;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    if (!isDeadToken(error))
      parts.logger.warn({ reason: error.reason }, 'Slack does not say whether the token lives');
    return false;
  }
}

/** Whose people have lost the bot; undefined where others of their org still have it. */
async function homeLeft(parts: Parts, installation: Installation): Promise<string | undefined> {
  const { enterpriseId, teamId } = installation;
  if (enterpriseId === undefined) return teamId;
  const key = keyOf(installation);
  const others = await parts.installations.ofEnterprise(enterpriseId);
  return others.some((other) => keyOf(other) !== key) ? undefined : enterpriseId;
}
