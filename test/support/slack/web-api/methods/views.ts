import { z } from 'zod';
import { viewFaults } from '../../block-kit/validate.ts';
import { wireView } from '../../wire.ts';
import type { SlackWorld } from '../../world.ts';
import type { Json, SlackUser, View, Workspace } from '../../world-types.ts';
import { object, text } from '../arguments.ts';
import { type Call, explained, type Method, method, SlackFault } from '../call.ts';

/** How many modals may lie on each other. */
const STACK = 3;

const trigger = { trigger_id: text.optional(), interactivity_pointer: text.optional() };
const view = { view: z.unknown() };

export function viewMethods(): Record<string, Method> {
  return {
    'views.open': method({}, { ...trigger, ...view }, (call, args) => {
      const payload = checkedView('modal', args.view);
      const { user, team } = taken(call, args);
      return { view: wireView(add(call, { kind: 'modal', payload, user, team, below: undefined })) };
    }),

    'views.push': method({}, { ...trigger, ...view }, (call, args) => {
      const payload = checkedView('modal', args.view);
      const { user, team, view: below } = taken(call, args);
      if (below === undefined) throw new SlackFault('invalid_trigger_id');
      if (stackOf(call.world, below).length >= STACK) throw new SlackFault('push_limit_reached');
      return { view: wireView(add(call, { kind: 'modal', payload, user, team, below })) };
    }),

    'views.update': method(
      {},
      { ...view, view_id: text.optional(), external_id: text.optional(), hash: text.optional() },
      (call, args) => {
        if (args.view_id === undefined && args.external_id === undefined)
          throw new SlackFault('invalid_arguments', explained(['missing required field: view_id']));
        const open = call.world.views.find(
          (one) =>
            one.app === call.token.app &&
            !one.closed &&
            (args.view_id === undefined
              ? one.payload['external_id'] === args.external_id
              : one.id === args.view_id),
        );
        if (open === undefined) throw new SlackFault('not_found');
        const payload = checkedView(open.kind, args.view);
        if (args.hash !== undefined && args.hash !== open.hash) throw new SlackFault('hash_conflict');
        replace(call.world, open, payload);
        return { view: wireView(open) };
      },
    ),

    'views.publish': method({}, { ...view, user_id: text, hash: text.optional() }, (call, args) => {
      if (!call.token.app.homeTab) throw new SlackFault('not_enabled');
      const payload = checkedView('home', args.view);
      const user = call.person(args.user_id);
      if (user === undefined || user.isBot) throw new SlackFault('user_not_found');
      const known = call.world.views.find(
        (one) => one.kind === 'home' && one.installation === call.installation && one.user === user,
      );
      if (known === undefined) {
        const team = call.homeOf(user);
        return { view: wireView(add(call, { kind: 'home', payload, user, team, below: undefined })) };
      }
      if (args.hash !== undefined && args.hash !== known.hash) throw new SlackFault('hash_conflict');
      replace(call.world, known, payload);
      return { view: wireView(known) };
    }),
  };
}

/** @throws SlackFault `invalid_arguments` with Slack's words, for a view that Slack would not draw. */
export function checkedView(kind: View['kind'], given: unknown): Json {
  const parsed = object.safeParse(given);
  if (!parsed.success) throw new SlackFault('invalid_arguments', explained(['missing required field: view']));
  const faults = viewFaults(kind, parsed.data);
  if (faults.length > 0) throw new SlackFault('invalid_arguments', explained(faults));
  return parsed.data;
}

/** Puts other content into a view that is there. */
export function replace(world: SlackWorld, open: View, payload: Json): void {
  open.payload = payload;
  open.version += 1;
  open.hash = `${world.core.ts()}.${open.version}`;
  world.core.touch();
}

interface NewView {
  readonly kind: View['kind'];
  readonly payload: Json;
  readonly user: SlackUser;
  readonly team: Workspace;
  /** The modal under it. */
  readonly below: View | undefined;
}

function add(call: Call, { kind, payload, user, team, below }: NewView): View {
  const { world, installation } = call;
  const id = world.core.id('V');
  const made: View = {
    id,
    app: installation.app,
    installation,
    user,
    team,
    kind,
    payload,
    hash: `${world.core.ts()}.1`,
    rootId: below?.rootId ?? id,
    previousId: below?.id,
    closed: false,
    version: 1,
  };
  world.views.push(made);
  world.core.touch();
  return made;
}

interface Triggered {
  readonly trigger_id?: string | undefined;
  readonly interactivity_pointer?: string | undefined;
}

function taken(call: Call, { trigger_id: id, interactivity_pointer: pointer }: Triggered) {
  const named = id ?? pointer;
  if (named === undefined)
    throw new SlackFault('invalid_arguments', explained(['missing required field: trigger_id']));
  const trigger = call.world.takeTrigger(call.token.app, named);
  if (typeof trigger === 'string') throw new SlackFault(trigger);
  return trigger;
}

function stackOf(world: SlackWorld, top: View): View[] {
  return world.views.filter((one) => one.rootId === top.rootId && !one.closed);
}
