import type { types } from '@slack/bolt';
import { type Asker, ChatError, type FormAnswer } from '../../chat.ts';
import type { FieldValue } from '../../form.ts';
import { formOf } from '../action-ids.ts';
import { enteredValue } from '../form-elements.ts';
import { keyOf } from '../installations.ts';
import { formContext, refusedView, shownView } from '../modal.ts';
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
    await ack(first.response);
    return;
  }
  const waiting = shownView('Please wait', { text: 'I am working on it.' });
  await ack({ response_action: 'update', view: waiting });
  handOver(
    parts,
    `view:${entered.view.id}`,
    answering.then(({ late }) => showLate(parts, entered, late)),
  );
}

/** What the modal becomes: at once, or where Slack did not wait for it. */
interface Shown {
  readonly response: ViewResponse | undefined;
  readonly late: types.ModalView;
}

async function answered(parts: Parts, entered: ViewSubmission): Promise<Shown> {
  try {
    return shownFor(entered, await answerTo(parts, entered));
  } catch (error) {
    parts.logger.error({ err: error }, 'a form could not be handled');
    return shownFor(entered, didNotWork('Something went wrong. Please try again in a moment.'));
  }
}

function shownFor(entered: ViewSubmission, answer: FormAnswer): Shown {
  return { response: responseTo(entered, answer), late: lateView(answer) };
}

async function answerTo(parts: Parts, entered: ViewSubmission): Promise<FormAnswer> {
  const context = formContext(entered.view.private_metadata);
  const installation = await sourceOf(parts, interactionSource(entered));
  if (installation === undefined || context === undefined)
    return didNotWork('I am not installed in this workspace any more.');
  let refusal: FormAnswer = { kind: 'done' };
  const person = await personOf(
    parts,
    installation,
    { id: entered.user.id, said: entered.user.team_id },
    async (words) => {
      refusal = didNotWork(words);
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
  return handler.submit({
    ...asker,
    eventId: `slack:${keyOf(installation)}:${entered.trigger_id ?? `${entered.view.id}:${entered.view.hash}`}`,
    form: formOf(entered.view.callback_id),
    value,
    fields: fieldsOf(entered),
  });
}

function fieldsOf(entered: ViewSubmission): Record<string, FieldValue> {
  const entries = Object.entries(entered.view.state.values).flatMap(([name, actions]) => {
    const value = enteredValue(actions);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function responseTo({ view }: ViewSubmission, answer: FormAnswer): ViewResponse | undefined {
  switch (answer.kind) {
    case 'done':
      return undefined;
    case 'invalid':
      return { response_action: 'errors', errors: { ...answer.faults } };
    case 'refused':
      return { response_action: 'update', view: refusedView(view, answer.text) };
    case 'show':
      return { response_action: 'update', view: shownView(answer.title, answer.post) };
  }
}

function didNotWork(text: string): FormAnswer {
  return { kind: 'show', title: 'That did not work', post: { text } };
}

/** The modal stands there with its request to wait; faults have no field any more. */
function lateView(answer: FormAnswer): types.ModalView {
  switch (answer.kind) {
    case 'done':
      return shownView('Done', { text: 'Done.' });
    case 'invalid':
      return shownView('Please try again', { text: Object.values(answer.faults).join('\n') });
    case 'refused':
      return shownView('Please try again', { text: answer.text });
    case 'show':
      return shownView(answer.title, answer.post);
  }
}

async function showLate(parts: Parts, entered: ViewSubmission, view: types.ModalView): Promise<void> {
  const installation = await sourceOf(parts, interactionSource(entered));
  if (installation === undefined) return;
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
