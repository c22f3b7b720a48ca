import { type Asker, type ChannelKind, ChatError, type Place } from '../../chat.ts';
import { actionOf, extraAction, openAction } from '../action-ids.ts';
import { searchAction } from '../home.ts';
import type { HomePages } from '../home-page.ts';
import { type Installation, keyOf } from '../installations.ts';
import { formView } from '../modal.ts';
import type { Parts } from '../parts.ts';
import { patiently } from '../patience.ts';
import { platformName } from '../people.ts';
import { handOver, orTold, personOf, sourceOf, tellNear } from './heard.ts';
import { type BlockActions, interactionSource, read } from './wire.ts';

const lateWords = 'That took me too long to open the form. Please press the button again.';

/** Presses of the bot's buttons, and its page's search; acknowledged already. */
export async function onBlockActions(parts: Parts, pages: HomePages, body: unknown): Promise<void> {
  const press = read.blockActions(body);
  const [action] = press?.actions ?? [];
  if (press === undefined || action === undefined) return;
  const name = actionOf(action.action_id);
  if (name === openAction || name === extraAction) return;
  const installation = await sourceOf(parts, interactionSource(press));
  if (installation === undefined) return;
  const place = await placeOf(parts, keyOf(installation), press);
  const tell = (words: string) => tellNear(parts, place, press.user.id, words);
  await orTold(parts, tell, async () => {
    const asker = await askerOf(parts, installation, place, press, tell);
    if (asker !== undefined) await pressed(parts, pages, press, action, asker, tell);
  });
}

async function pressed(
  parts: Parts,
  pages: HomePages,
  press: BlockActions,
  action: BlockActions['actions'][number],
  asker: Asker,
  tell: (words: string) => Promise<void>,
): Promise<void> {
  const name = actionOf(action.action_id);
  if (name === searchAction) {
    await pages.show(parts, { ...asker, ...(action.value === undefined ? {} : { search: action.value }) });
    return;
  }
  const { workspace } = asker.place;
  const eventId = `slack:${workspace}:${asker.user.id}:${action.action_ts}:${name}`;
  const messageId = press.container?.message_ts ?? press.message?.ts;
  const handling = parts.handler()?.action({
    ...asker,
    eventId,
    action: name,
    value: action.value ?? '',
    ...(messageId === undefined ? {} : { messageId }),
  });
  handOver(
    parts,
    eventId,
    handling?.then(async (form) => {
      if (form === undefined) return;
      const { trigger_id: trigger = '' } = press;
      try {
        await parts.clients.call(workspace, (client) =>
          client.views.open({ trigger_id: trigger, view: formView(form, asker.place) }),
        );
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        parts.logger.warn({ reason: error.reason, form: form.id }, 'a form could not be opened');
        await tell(lateWords);
      }
    }),
  );
}

/** Who presses where. Throws ChatError. */
async function askerOf(
  parts: Parts,
  installation: Installation,
  place: Place,
  press: BlockActions,
  tell: (words: string) => Promise<void>,
): Promise<Asker | undefined> {
  const { id, team_id: said } = press.user;
  const person = await personOf(parts, installation, { id, said }, tell);
  if (person === undefined) return undefined;
  parts.whereabouts.saw(person.user, place.workspace);
  const channelKind = await channelKindOf(parts, place);
  return { user: person.user, userKind: person.kind, place, channelKind };
}

/** On the bot's page it is the direct conversation. */
async function placeOf(parts: Parts, workspace: string, press: BlockActions): Promise<Place> {
  const channel = press.channel?.id ?? press.container?.channel_id;
  if (channel === undefined)
    return patiently(parts.clock, () => parts.outgoing.direct(workspace, press.user.id));
  const thread = press.container?.thread_ts ?? press.message?.thread_ts;
  return {
    platform: platformName,
    workspace,
    channel,
    kind: channel.startsWith('D') ? 'direct' : 'channel',
    ...(thread === undefined ? {} : { thread }),
  };
}

async function channelKindOf(parts: Parts, place: Place): Promise<ChannelKind> {
  if (place.kind === 'direct') return 'direct';
  const known = await patiently(parts.clock, () => parts.channels.find(place.workspace, place.channel));
  return known?.kind ?? 'public';
}
