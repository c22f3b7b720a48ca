import { type Asker, chatUserKey } from '../chat/chat.ts';
import type { Audit } from '../ops/audit.ts';
import type { AccessView, Decision } from './access.ts';
import { deniedWords, notServedWords } from './access-words.ts';

/** Who asked for what is refused. */
export interface Refused {
  readonly correlationId?: string;
  readonly aliasRef?: string;
}

/**
 * Puts a refusal by the access rules into the audit log, and answers the words for the person. The outcome is `access`,
 * or, where nothing at all is for this person, what they are: `guest`, `stranger`, `bot`.
 */
export async function refusedByRules(
  audit: Audit,
  asker: Asker,
  by: Decision | AccessView,
  about: Refused = {},
): Promise<string> {
  const isDecision = 'allowed' in by;
  await audit.record({
    event: 'command.refused',
    outcome: isDecision ? 'access' : by.userKind,
    chatUser: chatUserKey(asker.user),
    channel: asker.place.channel,
    ...about,
  });
  return isDecision ? deniedWords(by) : notServedWords(by.userKind);
}

/** What refuses a command of the bot's to a person, if anything does; without a name, anything. */
export function refusalOf(view: AccessView, command: string | undefined): Decision | AccessView | undefined {
  if (!view.isServed) return view;
  if (command === undefined) return undefined;
  const decision = view.command(command);
  return decision.allowed ? undefined : decision;
}
