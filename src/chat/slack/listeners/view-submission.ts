import type { types } from '@slack/bolt';
import { type Asker, ChatError, type FormAnswer, type FormSubmission } from '../../chat.ts';
import { formOf } from '../action-ids.ts';
import { keyOf } from '../installations.ts';
import { fieldAction, formContext, shownView } from '../modal.ts';
import type { Parts } from '../parts.ts';
import { handOver, personOf, sourceOf } from './heard.ts';
import { interactionSource, read, type ViewSubmission } from './wire.ts';

/** How the acknowledgement of a submission changes the modal; undefined closes it. */
export type ViewResponse =
  | { readonly response_action: 'errors'; readonly errors: Record<string, string> }
  | { readonly response_action: 'update'; readonly view: types.ModalView };

/** Slack waits for three seconds; what is slower is shown later, in the modal that waits. */
const patienceMs = 2_000;

/** What somebody entered into a form. `ack` is called once, in time. */
export async function onViewSubmission(
  parts: Parts,
  body: unknown,
  ack: (response?: ViewResponse) => Promise<void>,
): Promise<void> {
  const entered = read.viewSubmission(body);
  if (entered === undefined) {
    await ack();
    return;
  }
  const answering = answered(parts, entered);
  const first = await within(parts, answering);
  if (first !== 'late') {
    await ack(first);
    return;
  }
  const waiting = shownView('Please wait', { text: 'I am working on it.' });
  await ack({ response_action: 'update', view: waiting });
  handOver(
    parts,
    `view:${entered.view.id}`,
    answering.then((response) => showLate(parts, entered, response)),
  );
}

async function answered(parts: Parts, entered: ViewSubmission): Promise<ViewResponse | undefined> {
  try {
    return await answerTo(parts, entered);
  } catch (error) {
    parts.logger.error({ err: error }, 'a form could not be handled');
    return shown('That did not work', 'Something went wrong. Please try again in a moment.');
  }
}

async function answerTo(parts: Parts, entered: ViewSubmission): Promise<ViewResponse | undefined> {
  const context = formContext(entered.view.private_metadata);
  const installation = await sourceOf(parts, interactionSource(entered));
  if (installation === undefined || context === undefined)
    return shown('That did not work', 'I am not installed in this workspace any more.');
  let refusal: ViewResponse | undefined;
  const person = await personOf(
    parts,
    installation,
    { id: entered.user.id, said: entered.user.team_id },
    async (words) => {
      refusal = shown('That did not work', words);
    },
  );
  const handler = parts.handler();
  if (person === undefined || handler === undefined) return refusal;
  const { place, value } = context;
  const asker: Asker = {
    user: person.user,
    userKind: person.kind,
    place,
    ...(place.kind === 'direct'
      ? { channelKind: 'direct' }
      : { channelKind: (await parts.channels.find(place.workspace, place.channel))?.kind ?? 'public' }),
  };
  const submission: FormSubmission = {
    ...asker,
    eventId: `slack:${keyOf(installation)}:${entered.trigger_id ?? `${entered.view.id}:${entered.view.hash}`}`,
    form: formOf(entered.view.callback_id),
    value,
    fields: fieldsOf(entered),
  };
  return responseOf(await handler.submit(submission));
}

function fieldsOf(entered: ViewSubmission): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, actions] of Object.entries(entered.view.state.values)) {
    const value = actions[fieldAction]?.value;
    if (value !== undefined && value !== '') fields[name] = value;
  }
  return fields;
}

function responseOf(answer: FormAnswer): ViewResponse | undefined {
  switch (answer.kind) {
    case 'done':
      return undefined;
    case 'invalid':
      return { response_action: 'errors', errors: { ...answer.faults } };
    case 'show':
      return { response_action: 'update', view: shownView(answer.title, answer.post) };
  }
}

function shown(title: string, text: string): ViewResponse {
  return { response_action: 'update', view: shownView(title, { text }) };
}

/** The modal stands there with its request to wait; faults by field have no field any more. */
async function showLate(
  parts: Parts,
  entered: ViewSubmission,
  response: ViewResponse | undefined,
): Promise<void> {
  const installation = await sourceOf(parts, interactionSource(entered));
  if (installation === undefined) return;
  const view =
    response === undefined
      ? shownView('Done', { text: 'Done.' })
      : response.response_action === 'update'
        ? response.view
        : shownView('Please try again', { text: Object.values(response.errors).join('\n') });
  try {
    await parts.clients.call(keyOf(installation), (client) =>
      client.views.update({ view_id: entered.view.id, view }),
    );
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    // The person may have closed it.
    parts.logger.warn({ reason: error.reason }, 'the answer to a form could not be shown');
  }
}

async function within<T>(parts: Parts, work: Promise<T>): Promise<T | 'late'> {
  let cancel: () => void = () => undefined;
  const late = new Promise<'late'>((resolve) => {
    cancel = parts.clock.after(patienceMs, () => resolve('late'));
  });
  return Promise.race([work, late]).finally(() => cancel());
}
