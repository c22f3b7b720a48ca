import type { HomePages } from '../home-page.ts';
import { keyOf } from '../installations.ts';
import type { Parts } from '../parts.ts';
import { patiently } from '../patience.ts';
import { platformName } from '../people.ts';
import { personOf, sourceOf } from './heard.ts';
import { eventSource, read } from './wire.ts';

/** `app_home_opened`: the page is made for this person, now. */
export async function onHomeOpened(
  parts: Parts,
  pages: HomePages,
  body: unknown,
  event: unknown,
): Promise<void> {
  const opened = read.homeOpened(event);
  if (opened === undefined || opened.tab === 'messages') return;
  const installation = await sourceOf(parts, eventSource(body));
  if (installation === undefined) return;
  const workspace = keyOf(installation);
  const { user: id, channel } = opened;
  const nobody = async () => undefined;
  const person = await personOf(parts, installation, { id }, nobody);
  if (person === undefined) return;
  parts.whereabouts.saw(person.user, workspace);
  const place =
    channel === undefined
      ? await patiently(parts.clock, () => parts.outgoing.direct(workspace, id))
      : ({ platform: platformName, workspace, channel, kind: 'direct' } as const);
  await patiently(parts.clock, () =>
    pages.show(parts, { user: person.user, userKind: person.kind, place, channelKind: 'direct' }),
  );
}
