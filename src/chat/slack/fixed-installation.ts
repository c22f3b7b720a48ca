import { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Logger } from '../../ops/logger.ts';
import { ChatError } from '../chat.ts';
import { clientOptions } from './clients.ts';
import type { SlackConnection } from './connection.ts';
import { asChatError } from './errors.ts';
import { type Installation, type Installations, installationKey } from './installations.ts';

/** https://docs.slack.dev/reference/methods/auth.test: `team_id` is the org's for its installation. */
const identity = z.object({
  team_id: z.string(),
  team: z.string().optional(),
  user_id: z.string(),
  bot_id: z.string().optional(),
  enterprise_id: z.string().optional(),
  is_enterprise_install: z.boolean().default(false),
});

export interface FixedInstallationOptions {
  readonly botToken: string;
  readonly apiUrl: string;
  readonly connection: SlackConnection;
  readonly logger: Logger;
}

/** The one installation of a fixed bot token. Whose it is, Slack says once (auth.test). */
export class FixedInstallation implements Installations {
  readonly #options: FixedInstallationOptions;
  #known: Promise<Installation> | undefined;

  constructor(options: FixedInstallationOptions) {
    this.#options = options;
  }

  /** Throws ChatError: a token that Slack does not take, or no answer; the next call asks again. */
  identify(): Promise<Installation> {
    this.#known ??= this.#ask().catch((error: unknown) => {
      this.#known = undefined;
      throw asChatError(error);
    });
    return this.#known;
  }

  async get(key: string): Promise<Installation | undefined> {
    const installation = await this.identify();
    return installationKey(installation) === key ? installation : undefined;
  }

  async ofEnterprise(enterpriseId: string): Promise<readonly Installation[]> {
    const installation = await this.identify();
    return installation.enterpriseId === enterpriseId ? [installation] : [];
  }

  async list(): Promise<readonly Installation[]> {
    return [await this.identify()];
  }

  /** The token stands in the config: it is asked anew whose it is. */
  async forget(): Promise<void> {
    this.#known = undefined;
  }

  async #ask(): Promise<Installation> {
    const { botToken } = this.#options;
    const client = new webApi.WebClient(botToken, clientOptions(this.#options));
    const parsed = identity.safeParse(await client.auth.test());
    if (!parsed.success) throw new ChatError('unavailable', 'unreadable_answer', { cause: parsed.error });
    const { data } = parsed;
    const isEnterpriseInstall = data.is_enterprise_install;
    const enterpriseId = data.enterprise_id ?? (isEnterpriseInstall ? data.team_id : undefined);
    return {
      botToken,
      botUserId: data.user_id,
      isEnterpriseInstall,
      ...(isEnterpriseInstall ? {} : { teamId: data.team_id }),
      ...(enterpriseId === undefined ? {} : { enterpriseId }),
      ...(data.bot_id === undefined ? {} : { botId: data.bot_id }),
      ...(data.team === undefined ? {} : { name: data.team }),
    };
  }
}
