import type { App } from '@slack/bolt';
import { ownIds } from '../action-ids.ts';
import type { HomePages } from '../home-page.ts';
import type { Parts } from '../parts.ts';
import { onBlockActions } from './block-actions.ts';
import { onHomeOpened } from './home-opened.ts';
import { onRemoved, onTokensRevoked, onUserChange } from './leaving.ts';
import { onMessage } from './message.ts';
import { onSlashCommand } from './slash-command.ts';
import { onViewSubmission } from './view-submission.ts';

/**
 * The bot's listeners, beside whatever else an App listens to: each acknowledges only what is the bot's, ends no chain,
 * and throws nothing at the App. `idle` resolves when what was heard has been handed to the bot.
 */
export function listen(app: App, parts: Parts, pages: HomePages): { idle(): Promise<void> } {
  const { command, home } = parts.options;
  const isOn = () => parts.handler() !== undefined;
  const underWay = new Set<Promise<void>>();
  const safely = async (what: string, work: () => Promise<void>) => {
    const working: Promise<void> = work()
      .catch((err: unknown) => {
        parts.logger.error({ err, what }, 'something from Slack could not be handled');
      })
      .finally(() => underWay.delete(working));
    underWay.add(working);
    await working;
  };

  app.event('message', async ({ body, event }) => {
    await safely('message', () => onMessage(parts, body, event));
  });
  app.event('app_mention', async ({ body, event }) => {
    await safely('app_mention', () => onMessage(parts, body, event));
  });
  app.event('user_change', async ({ body, event }) => {
    await safely('user_change', () => onUserChange(parts, body, event));
  });
  app.event('app_uninstalled', async ({ body }) => {
    await safely('app_uninstalled', () => onRemoved(parts, body));
  });
  app.event('tokens_revoked', async ({ body, event }) => {
    await safely('tokens_revoked', () => onTokensRevoked(parts, body, event));
  });
  if (home) {
    app.event('app_home_opened', async ({ body, event }) => {
      await safely('app_home_opened', () => onHomeOpened(parts, pages, body, event));
    });
  }
  app.command(command, async ({ ack, body, respond }) => {
    if (!isOn()) return;
    await ack();
    const say = async (text: string) => {
      await respond({ response_type: 'ephemeral', text });
    };
    await safely('command', () => onSlashCommand(parts, body, say));
  });
  app.action({ type: 'block_actions', action_id: ownIds }, async ({ ack, body }) => {
    if (!isOn()) return;
    await ack();
    await safely('action', () => onBlockActions(parts, pages, body));
  });
  app.view({ type: 'view_submission', callback_id: ownIds }, async ({ ack, body }) => {
    if (!isOn()) return;
    await safely('view', () =>
      onViewSubmission(parts, body, (response) => (response === undefined ? ack() : ack(response))),
    );
  });
  return {
    async idle() {
      await Promise.all(underWay);
    },
  };
}
