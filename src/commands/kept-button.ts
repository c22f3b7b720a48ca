import type { Delivery } from '../chat/delivery.ts';
import type { Claims } from '../executions/claims.ts';
import { newCorrelationId } from '../executions/correlation.ts';
import { answerPlace, answersTo } from './command.ts';
import type { ButtonHandler } from './interactions.ts';
import { type KeptCommands, keptAction } from './kept-commands.ts';
import type { RunAlias } from './run-alias.ts';

/**
 * *Run it now*: the command goes the whole way as if it had just been typed where it was (rules, session, match), and its
 * result comes there.
 */
export function keptButton(deps: {
  readonly kept: KeptCommands | undefined;
  readonly runAlias: RunAlias;
  readonly claims: Claims;
  readonly delivery: Delivery;
}): ButtonHandler {
  return {
    action: keptAction,
    async press(action, { whisper }) {
      const kept = await deps.kept?.take(action);
      if (kept === undefined) {
        await whisper({
          text: 'That command is not kept any more, so nothing was run. Please type it again.',
        });
        return undefined;
      }
      const eventId = `kept:${kept.id}`;
      const { userKind } = action;
      const message = { ...kept.message, eventId, ...(userKind === undefined ? {} : { userKind }) };
      const correlationId = newCorrelationId();
      await deps.runAlias.run({
        message,
        text: kept.command,
        correlationId,
        claim: deps.claims.claim(eventId, correlationId),
        answers: answersTo(deps.delivery, message.user, answerPlace(message), correlationId),
      });
      return undefined;
    },
  };
}
