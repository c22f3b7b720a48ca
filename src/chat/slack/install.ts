import { webApi } from '@slack/bolt';
import type { Hono } from 'hono';
import type { Audit } from '../../ops/audit.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Logger } from '../../ops/logger.ts';
import type { Encryption } from '../../storage/encryption.ts';
import type { Store } from '../../storage/store.ts';
import type { Post } from '../chat.ts';
import { clientOptions } from './clients.ts';
import { createConnection, type SlackConnectionOptions } from './connection.ts';
import { loadPipeline } from './install-pipeline.ts';
import { createInstallRoutes, type InstallRoutesOptions, redirectUri } from './install-routes.ts';
import { builtInSteps } from './install-steps.ts';
import { InstallationStore } from './installation-store.ts';
import type { Installations } from './installations.ts';
import { createSlackOAuth } from './slack-oauth.ts';

export interface SlackInstallOptions extends Omit<InstallRoutesOptions, 'pipeline'> {
  readonly clientSecret: string;
  /** `greet`, `audit`, or paths of modules. */
  readonly pipeline: readonly string[];
  /** The folder from which those paths go: the config file's. */
  readonly folder: string;
  /** What whoever installed the app is told in a DM. */
  readonly greeting: Post;
}

export interface SlackInstallDeps {
  readonly store: Store;
  readonly encryption: Encryption;
  readonly audit: Audit;
  /** The environment's proxies. */
  readonly connection?: SlackConnectionOptions;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The app in as many workspaces and orgs as install it. */
export interface SlackInstall {
  /** For {@link createSlackPlatform}. */
  readonly installations: Installations;
  /** Adds the pages to the public listener. */
  mount(app: Hono): void;
  close(): Promise<void>;
}

/** Throws PipelineError for a step that cannot be had, RangeError for a proxy that is no address, TypeError. */
export async function createSlackInstall(
  deps: SlackInstallDeps,
  options: SlackInstallOptions,
): Promise<SlackInstall> {
  const { greeting, folder } = options;
  const pipeline = await loadPipeline(options.pipeline, builtInSteps({ ...deps, greeting }), folder);
  const connection = createConnection(deps.connection ?? {});
  const sdk = clientOptions({ apiUrl: options.apiUrl, connection, logger: deps.logger });
  const newClient = (token?: string) => new webApi.WebClient(token, sdk);
  const oauth = createSlackOAuth({
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    redirectUri: redirectUri(options.publicUrl),
    newClient,
  });
  const installations = new InstallationStore({ ...deps, oauth });
  const mount = await createInstallRoutes(
    { ...deps, installations, oauth, newClient },
    { ...options, pipeline },
  );
  return { installations, mount, close: () => connection.close() };
}
