import { ChatError, type Place } from '../../chat.ts';
import { type Installation, type InstallationQuery, installationFor, keyOf } from '../installations.ts';
import type { Parts } from '../parts.ts';
import { patiently } from '../patience.ts';
import { type Person, platformName } from '../people.ts';
import { mentionsIn, undoSlackText } from '../text.ts';

/** The installation that something came through; undefined, and logged, where there is none. Throws StoreError. */
export async function sourceOf(parts: Parts, query: InstallationQuery): Promise<Installation | undefined> {
  const installation = await installationFor(parts.installations, query);
  if (installation === undefined) {
    const workspace = query.teamId ?? query.enterpriseId;
    parts.logger.warn(
      { workspace },
      'something came from a workspace where the app is not installed; refused',
    );
  }
  return installation;
}

/**
 * Who somebody is. Undefined: they are nobody who may be answered (a closed account, whose sessions end), or Slack does
 * not say who they are, which `refuse` tells them.
 */
export async function personOf(
  parts: Parts,
  installation: Installation,
  who: { readonly id: string; readonly said?: string | undefined },
  refuse: (words: string) => Promise<void>,
): Promise<Person | undefined> {
  try {
    const person = await patiently(parts.clock, () => parts.people.find(installation, who.id, who.said));
    if (!person.isDeleted) return person;
    parts.logger.info({ workspace: person.user.workspace }, 'somebody whose account is closed is not served');
    await parts.handler()?.left(person.user);
    return undefined;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    parts.logger.warn(
      { reason: error.reason, err: error.cause },
      'Slack does not say who somebody is; refused',
    );
    await refuse(unknownWords);
    return undefined;
  }
}

const unknownWords =
  'I could not find out from Slack who you are, so I have done nothing. Please try again in a moment.';

const failedWords =
  'Something went wrong between Slack and me, so I have done nothing. Please try again in a moment.';

/**
 * Does what an acknowledged event asks for: nobody delivers it again, so that whoever asked is told where it fails.
 * Rejects only where they cannot be told either.
 */
export async function orTold(
  parts: Parts,
  tell: (words: string) => Promise<void>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    parts.logger.error({ err: error }, 'something from Slack could not be handled; whoever asked is told');
    await tell(failedWords);
  }
}

/** Tells somebody alone, in a conversation; for those of whom nothing is known but their id. */
export async function tellNear(parts: Parts, place: Place, id: string, words: string): Promise<void> {
  try {
    // Their home is what is not known; for the way there the installation's does.
    const user = { platform: platformName, workspace: place.workspace, id };
    await parts.outgoing.whisper(
      user,
      { text: words },
      { key: `refusal:${id}:${parts.clock.now()}`, near: place },
    );
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    parts.logger.warn({ reason: error.reason }, 'a refusal could not be told');
  }
}

/** Each may cost a question to Slack; nobody means more. */
const mostNamed = 20;

/** The text as the person meant it. What Slack does not name stays an id. */
export async function meantText(parts: Parts, installation: Installation, text: string): Promise<string> {
  const names = new Map<string, string>();
  await Promise.all(
    mentionsIn(text)
      .slice(0, mostNamed)
      .map(async ({ kind, id }) => {
        const name = await nameOf(parts, installation, kind, id);
        if (name !== undefined) names.set(id, name);
      }),
  );
  return undoSlackText(text, {
    straightenQuotes: parts.options.straightenQuotes,
    nameOf: ({ id }) => names.get(id),
  });
}

async function nameOf(
  parts: Parts,
  installation: Installation,
  kind: 'user' | 'channel' | 'group',
  id: string,
): Promise<string | undefined> {
  const workspace = keyOf(installation);
  try {
    if (kind === 'user') return await parts.people.handleOf(installation, id);
    if (kind === 'channel') return (await parts.channels.find(workspace, id))?.name;
    const teams = installation.isEnterpriseInstall ? await parts.channels.teams(workspace) : [];
    return await parts.groups.handleOf(workspace, teams, id);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    parts.logger.debug({ reason: error.reason, kind }, 'a mention was not named');
    return undefined;
  }
}

/** Hands something to the bot, which answers by itself; nobody waits for it here. */
export function handOver(parts: Parts, eventId: string, handling: Promise<unknown> | undefined): void {
  handling?.catch((err: unknown) => {
    parts.logger.error({ err, eventId }, 'something from Slack was not handled');
  });
}
