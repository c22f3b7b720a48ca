import type { Audit } from '../../ops/audit.ts';
import type { Logger } from '../../ops/logger.ts';
import type { Post } from '../chat.ts';
import { asChatError } from './errors.ts';
import type { InstallStep } from './install-pipeline.ts';
import { homeOf } from './installation-row.ts';
import { neverUnfurled, slackMessage } from './message.ts';

export interface BuiltInDeps {
  readonly audit: Audit;
  readonly logger: Logger;
  /** What the installer is told in a DM. */
  readonly greeting: Post;
}

/** The steps that ship: `greet` says hello to whoever installed, `audit` writes the audit record. */
export function builtInSteps({
  audit,
  logger,
  greeting,
}: BuiltInDeps): Readonly<Record<'greet' | 'audit', InstallStep>> {
  return {
    greet: ({ client, installation }) => ({
      async onSaved() {
        try {
          const { text, blocks } = slackMessage(greeting, { files: false });
          const opened = await client.conversations.open({ users: installation.installerId });
          const channel = opened.channel?.id ?? installation.installerId;
          await client.chat.postMessage({
            channel,
            text,
            ...(blocks === undefined ? {} : { blocks }),
            ...neverUnfurled,
          });
        } catch (error) {
          // A greeting that does not arrive is no reason to take the app away again.
          logger.warn(
            { reason: asChatError(error).reason },
            'whoever installed the app could not be greeted',
          );
        }
      },
    }),
    audit: ({ installation, request }) => ({
      onSaved: () =>
        audit.record({
          event: 'slack.installed',
          outcome: 'ok',
          chatUser: `slack:${homeOf(installation)}:${installation.installerId}`,
          address: request.address,
        }),
    }),
  };
}
