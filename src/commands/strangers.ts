import { type Asker, chatUserKey } from '../chat/chat.ts';
import type { Audit } from '../ops/audit.ts';

/** Only members of the workspace are served by buttons, forms and the bot's page; others are told so, and it is recorded. */
export function strangerRefusal(audit: Audit): (asker: Asker) => Promise<string | undefined> {
  return async ({ user, userKind = 'member', place }) => {
    if (userKind === 'member') return undefined;
    await audit.record({
      event: 'command.refused',
      outcome: userKind,
      chatUser: chatUserKey(user),
      channel: place.channel,
    });
    return 'I serve members of this workspace alone.';
  };
}
