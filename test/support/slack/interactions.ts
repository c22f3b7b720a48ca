import { z } from 'zod';
import type { AppRequest, Outcome } from './dispatch.ts';
import type { SlackEmulator } from './emulator.ts';
import {
  type Actor,
  blockActionsPayload,
  type Source,
  viewClosedPayload,
  viewSubmissionPayload,
} from './payloads.ts';
import { changeView, pushView } from './view-stack.ts';
import {
  type Entered,
  enterValues,
  fieldValue,
  type StateValues,
  type Usable,
  usableElements,
} from './view-state.ts';
import { wireMessage, wireView } from './wire.ts';
import type { Installation, Json, Message, SlackUser, View, Workspace } from './world-types.ts';

/** What came of a press: Slack's complaint when the app did not acknowledge, and the address that was opened. */
export interface PressAnswer {
  readonly acknowledged: boolean;
  readonly error: string | undefined;
  /** The URL of a URL button, which Slack's client opens while it tells the app of the press. */
  readonly url: string | undefined;
}

/** What a person sees after submitting a modal. */
export interface SubmitAnswer {
  readonly acknowledged: boolean;
  readonly error: string | undefined;
  /** Complaints beside the fields, by block_id: the modal stays open. */
  readonly errors: Readonly<Record<string, string>>;
  /** The modal that stands there now; undefined: it is closed. */
  readonly view: View | undefined;
}

const viewResponse = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.literal('update'), view: z.record(z.string(), z.unknown()) }),
  z.object({ response_action: z.literal('push'), view: z.record(z.string(), z.unknown()) }),
  z.object({ response_action: z.literal('clear') }),
]);

/** One person's use of buttons, menus and modals. */
export class Interactions {
  readonly #slack: SlackEmulator;
  readonly #user: SlackUser;

  constructor(slack: SlackEmulator, user: SlackUser) {
    this.#slack = slack;
    this.#user = user;
  }

  /** Uses an element of a message: presses a button, or picks or types `value`. */
  async onMessage(
    message: Message,
    through: { readonly installation: Installation; readonly team: Workspace },
    actionId: string,
    value: string | readonly string[] | undefined,
  ): Promise<PressAnswer> {
    const { world, responses } = this.#slack;
    const { installation, team } = through;
    const shown = wireMessage(message);
    const held = [message.blocks, ...(message.attachments ?? []).map((one) => one['blocks'])];
    const used = find(held.flatMap(usableElements), actionId);
    const source: Source = {
      message,
      shown,
      responseUrl: responses.create({
        installation,
        user: this.#user,
        channel: message.channel,
        original: message,
      }),
    };
    const payload = blockActionsPayload({ user: this.#user, installation, team }, source, {
      action: this.#action(used, value),
      triggerId: world.trigger(installation.app, this.#user, team),
      state: enterValues(message.blocks, entered(used, value), { submitting: false }),
    });
    return pressed(await this.#send(installation, payload), used);
  }

  /** Uses an element of a modal or of the Home; `typed` is what stands in the other fields. */
  async onView(
    view: View,
    actionId: string,
    value: string | readonly string[] | undefined,
    typed: Entered = {},
  ): Promise<PressAnswer> {
    this.#mustStand(view);
    const { blocks } = view.payload;
    const used = find(usableElements(blocks), actionId);
    const state = enterValues(blocks, { ...typed, ...entered(used, value) }, { submitting: false });
    const payload = blockActionsPayload(
      this.#actor(view),
      { view, shown: this.#shown(view, state) },
      {
        action: this.#action(used, value),
        triggerId: this.#slack.world.trigger(view.app, this.#user, view.team, view),
        state,
      },
    );
    return pressed(await this.#send(view.installation, payload), used);
  }

  /** Fills in a modal and submits it. */
  async submit(view: View, values: Entered): Promise<SubmitAnswer> {
    this.#mustStand(view);
    if (view.kind !== 'modal') throw new Error('only a modal is submitted');
    const state = enterValues(view.payload['blocks'], values);
    const trigger = this.#slack.world.trigger(view.app, this.#user, view.team, view);
    const payload = viewSubmissionPayload(this.#actor(view), this.#shown(view, state), trigger);
    const outcome = await this.#send(view.installation, payload);
    if (!outcome.acknowledged) return { acknowledged: false, error: outcome.reason, errors: {}, view };
    return { acknowledged: true, error: undefined, ...this.#answered(view, outcome.response) };
  }

  /** Closes a modal (with `all`: the whole stack); the app hears of it when the view asked for it. */
  async close(view: View, options: { all?: boolean } = {}): Promise<void> {
    this.#mustStand(view);
    const gone = options.all === true ? this.#stack(view) : [view];
    for (const one of gone) one.closed = true;
    this.#slack.world.core.touch();
    if (view.payload['notify_on_close'] !== true) return;
    const payload = viewClosedPayload(this.#actor(view), this.#shown(view, {}), options.all ?? false);
    await this.#send(view.installation, payload);
  }

  /** What an acknowledgement of a submission does to the modals. */
  #answered(view: View, response: unknown): Pick<SubmitAnswer, 'errors' | 'view'> {
    const { world } = this.#slack;
    if (response === undefined || (typeof response === 'object' && JSON.stringify(response) === '{}')) {
      view.closed = true;
      world.core.touch();
      return { errors: {}, view: this.#stack(view).findLast((one) => !one.closed) };
    }
    const parsed = viewResponse.parse(response);
    if (parsed.response_action === 'clear') {
      for (const one of this.#stack(view)) one.closed = true;
      world.core.touch();
      return { errors: {}, view: undefined };
    }
    if (parsed.response_action === 'errors') {
      const blocks = usableElements(view.payload['blocks']).filter((one) => one.isInput);
      for (const blockId of Object.keys(parsed.errors))
        if (!blocks.some((one) => one.blockId === blockId))
          throw new Error(`errors names ${blockId}, which is not an input block of the modal`);
      return { errors: parsed.errors, view };
    }
    if (parsed.response_action === 'update') {
      changeView(world, view, parsed.view);
      return { errors: {}, view };
    }
    return { errors: {}, view: pushView(world, view, parsed.view) };
  }

  #stack(view: View): View[] {
    return this.#slack.world.views.filter((one) => one.rootId === view.rootId);
  }

  #mustStand(view: View): void {
    if (view.user !== this.#user) throw new Error('that view is somebody else’s');
    if (view.closed) throw new Error('that view is closed');
  }

  #actor(view: View): Actor {
    return { user: this.#user, installation: view.installation, team: view.team };
  }

  #shown(view: View, state: StateValues): Json {
    return { ...wireView(view), state: { values: state } };
  }

  #action(used: Usable, value: string | readonly string[] | undefined): Json {
    const { raw, element, blockId } = used;
    const common = { type: element.type, action_id: element.action_id, block_id: blockId };
    const action_ts = this.#slack.world.core.ts();
    if (element.type === 'button')
      return {
        ...common,
        text: raw['text'],
        ...(raw['value'] === undefined ? {} : { value: raw['value'] }),
        ...(raw['style'] === undefined ? {} : { style: raw['style'] }),
        ...(raw['url'] === undefined ? {} : { url: raw['url'] }),
        action_ts,
      };
    return { ...common, ...fieldValue(used, value), action_ts };
  }

  #send(installation: Installation, payload: Json): Promise<Outcome> {
    const request: AppRequest = { type: 'interactive', payload };
    return this.#slack.emulated(installation.app).dispatch(request);
  }
}

function find(usable: readonly Usable[], actionId: string): Usable {
  const found = usable.find((one) => one.element.action_id === actionId);
  if (found === undefined)
    throw new Error(
      `there is no element ${actionId}; elements: ${usable.map((one) => one.element.action_id).join(', ')}`,
    );
  return found;
}

function entered(used: Usable, value: string | readonly string[] | undefined): Entered {
  const { type, action_id } = used.element;
  return value === undefined || type === 'button' || type === 'overflow' ? {} : { [action_id]: value };
}

function pressed(outcome: Outcome, used: Usable): PressAnswer {
  const url = used.raw['url'];
  return {
    acknowledged: outcome.acknowledged,
    error: outcome.acknowledged ? undefined : outcome.reason,
    url: typeof url === 'string' ? url : undefined,
  };
}
