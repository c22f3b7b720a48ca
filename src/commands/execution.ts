import type { Asker, Place } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { Controls } from '../executions/controls/controls.ts';
import type { Follows } from '../executions/controls/follows.ts';
import { newCorrelationId } from '../executions/correlation.ts';
import { type ControlVerb, controlAction, controlVerbs } from '../executions/living/living-buttons.ts';
import type { Access, AccessView } from './access.ts';
import { type Answers, answerPlace, type Command } from './command.ts';
import {
  cancelledWords,
  type ExecutionView,
  executionPost,
  executionUsage,
  notAllowedWords,
} from './execution-words.ts';
import type { ButtonHandler } from './interactions.ts';
import { type RerunDeps, rerun } from './rerun.ts';

export interface ExecutionDeps extends Omit<RerunDeps, 'controls'> {
  readonly controls: Controls;
  readonly follows: Pick<Follows, 'begin'>;
  readonly access: Access;
  readonly delivery: Delivery;
  readonly shown: ExecutionView;
}

interface Asked extends Asker {
  readonly eventId: string;
  readonly answersAt: Place;
}

const idPattern = /^[0-9a-f]{24}$/;

/**
 * `execution get | output | cancel | rerun <id>`: every execution that StackStorm shows this person, whoever started it,
 * and whatever StackStorm lets them do with it (S7).
 */
export function execution(deps: ExecutionDeps): Command {
  return {
    name: 'execution',
    usage: 'get | output | cancel | rerun <id>',
    summary: 'One execution: see it, follow what it writes, cancel it, run it again.',
    async run({ message, view, rest, whisper }) {
      const [verb = '', id = '', ...more] = rest.split(/\s+/);
      if (!isVerb(verb) || !idPattern.test(id) || more.length > 0)
        return await whisper(executionUsage(deps.syntax));
      await control(deps, { ...message, answersAt: answerPlace(message) }, view, verb, id, { whisper });
    },
  };
}

/** The same as buttons: who presses is who acts. */
export function executionButton(deps: ExecutionDeps): ButtonHandler {
  return {
    action: controlAction,
    async press(action, answers) {
      const [verb = '', id = ''] = action.value.split(':');
      if (!isVerb(verb) || !idPattern.test(id)) {
        await answers.whisper(executionUsage(deps.syntax));
        return undefined;
      }
      const view = await deps.access.viewFor(action);
      await control(deps, { ...action, answersAt: action.place }, view, verb, id, answers);
      return undefined;
    },
  };
}

async function control(
  deps: ExecutionDeps,
  asked: Asked,
  view: AccessView,
  verb: ControlVerb,
  id: string,
  answers: Answers,
): Promise<void> {
  const { controls, syntax } = deps;
  const who = { user: asked.user, channel: asked.place.channel };
  switch (verb) {
    case 'get': {
      const read = await controls.read(who, id);
      const post =
        read.kind === 'execution'
          ? executionPost(read.execution, deps.shown)
          : notAllowedWords(read, id, syntax);
      return await answers.whisper(post);
    }
    case 'output': {
      const output = await controls.output(who, id);
      if (output.kind !== 'execution') return await answers.whisper(notAllowedWords(output, id, syntax));
      return await deps.follows.begin(who, asked.answersAt, output, `output:${newCorrelationId()}`);
    }
    case 'cancel': {
      const cancelled = await controls.cancel(who, id);
      const isDone =
        cancelled.kind === 'cancelled' || cancelled.kind === 'over' || cancelled.kind === 'uncertain';
      return await answers.whisper(
        isDone ? cancelledWords(cancelled, id, syntax) : notAllowedWords(cancelled, id, syntax),
      );
    }
    case 'rerun':
      return await rerun(deps, asked, view, id, answers);
  }
}

function isVerb(text: string): text is ControlVerb {
  return controlVerbs.some((verb) => verb === text);
}
