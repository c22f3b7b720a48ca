import { randomUUID } from 'node:crypto';
import { ChatError, type ChatHandler, type FormAnswer, type Home, type Part, type Place } from '../chat.ts';
import { type FieldValues, type Form, whyNoForm } from '../form.ts';
import { lookAt } from './form-entries.ts';
import type { MessageLog } from './messages.ts';
import { channelId, type PersonName, userOf } from './places.ts';
import { PlaygroundError } from './playground-error.ts';
import { isVisible, placeIn, refOf } from './translate.ts';

/** A press on a button of the message `messageId`, or of the bot's page where that is absent. */
export interface Pressed {
  readonly user: PersonName;
  readonly messageId?: string;
  readonly action: string;
  readonly value: string;
}

/** What a person entered in the dialog `form`. */
export interface Submitted {
  readonly user: PersonName;
  /** As {@link ShownForm} names it. */
  readonly form: string;
  readonly fields: FieldValues;
}

/** A dialog as the page gets it: what comes back with it stays here, so that nobody can forge it. */
export interface ShownForm extends Omit<Form, 'id' | 'value'> {
  readonly id: string;
}

interface OpenForm {
  readonly user: PersonName;
  readonly place: Place;
  readonly form: Form;
}

/** Dialogs that are open at once; the oldest goes. */
const maxOpen = 200;

/** What a person does but type: pressing buttons, filling in dialogs, looking at the bot's page. */
export class Dialogs {
  readonly #log: MessageLog;
  readonly #handler: () => ChatHandler;
  readonly #open = new Map<string, OpenForm>();

  /** `handler` throws where the bot does not listen. */
  constructor(log: MessageLog, handler: () => ChatHandler) {
    this.#log = log;
    this.#handler = handler;
  }

  /** Tells the bot of a press on one of its buttons; answers the event's id, and the dialog that opens. */
  async press({ user, messageId, action, value }: Pressed): Promise<{ id: string; form?: ShownForm }> {
    const handler = this.#handler();
    const at = messageId === undefined ? await this.#onPage(user) : await this.#inMessage(user, messageId);
    if (at === undefined || !holds(at.parts, action, value)) throw new PlaygroundError('no-such-message');
    const eventId = randomUUID();
    const form = await handler.action({
      eventId,
      user: userOf(user),
      place: at.place,
      ...(messageId === undefined ? {} : { messageId }),
      action,
      value,
    });
    return form === undefined ? { id: eventId } : { id: eventId, form: this.#keep(user, at.place, form) };
  }

  /** Tells the bot what a person entered. The dialog is over, but where something in it is wrong. */
  async submit({ user, form: id, fields }: Submitted): Promise<FormAnswer> {
    const handler = this.#handler();
    const open = this.#open.get(id);
    if (open === undefined || open.user !== user) throw new PlaygroundError('no-such-form');
    const { form, place } = open;
    const { entered, faults } = lookAt(form.fields, fields);
    if (Object.keys(faults).length > 0) return { kind: 'invalid', faults };
    this.#open.delete(id);
    const answer = await handler.submit({
      eventId: randomUUID(),
      user: userOf(user),
      place,
      form: form.id,
      value: form.value,
      fields: entered,
    });
    if (answer.kind === 'invalid' || answer.kind === 'refused') this.#open.set(id, open);
    return answer;
  }

  /** The bot's page, for this person. */
  home(user: PersonName, search?: string): Promise<Home> {
    return this.#handler().home({
      user: userOf(user),
      place: directWith(user),
      ...(search === undefined ? {} : { search }),
    });
  }

  #keep(user: PersonName, place: Place, form: Form): ShownForm {
    const why = whyNoForm(form);
    if (why !== undefined) throw new ChatError('too-long', `form_${why}`);
    const key = randomUUID();
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= maxOpen) this.#open.delete(oldest);
    this.#open.set(key, { user, place, form });
    const { id: _, value: __, ...shown } = form;
    return { ...shown, id: key };
  }

  async #onPage(user: PersonName) {
    const { parts } = await this.home(user);
    return { place: directWith(user), parts };
  }

  async #inMessage(user: PersonName, messageId: string) {
    await this.#log.catchUp();
    const message = this.#log.get(messageId);
    if (message === undefined || !isVisible(message, user)) return undefined;
    return { place: refOf(message).place, parts: message.content.parts ?? [] };
  }
}

function directWith(user: PersonName): Place {
  return { ...placeIn(channelId('dm', user)), kind: 'direct' };
}

function holds(parts: Home['parts'] | readonly Part[], action: string, value: string): boolean {
  return parts.some(
    (part) =>
      part.type === 'buttons' &&
      part.buttons.some((button) => 'action' in button && button.action === action && button.value === value),
  );
}
