import {
  ChatError,
  type ChatHandler,
  type ChatPlatform,
  type ChatProfile,
  type ChatUser,
  type Place,
  type Post,
  type PostRef,
} from '../chat.ts';
import type { ChatSignIn } from '../sign-in.ts';
import { isDeadToken, SlackStartError } from './errors.ts';
import { type Installation, keyOf } from './installations.ts';
import type { MadeParts } from './make-parts.ts';
import type { Parts } from './parts.ts';
import { type Person, platformName } from './people.ts';
import { findByKey } from './post-search.ts';

/** How Slack's events begin and cease to come. */
export interface Ear {
  start(): Promise<void>;
  /** Resolves when what was heard has been handed to the bot. */
  stop(): Promise<void>;
}

/** Installations that are asked for a channel that names no workspace. */
const mostInstallations = 100;

/** Slack as a chat platform. */
export class SlackPlatform implements ChatPlatform {
  readonly name = platformName;
  readonly slashCommand: string;
  readonly signIn?: ChatSignIn;
  readonly #made: MadeParts;
  readonly #ear: Ear;
  readonly #parts: Parts;

  constructor(made: MadeParts, ear: Ear) {
    this.#made = made;
    this.#ear = ear;
    this.#parts = made.parts;
    this.slashCommand = made.parts.options.command;
    if (made.signIn !== undefined) this.signIn = made.signIn;
  }

  /** Throws {@link SlackStartError} where Slack takes a token for wrong. That Slack is down stops no start (R3). */
  async start(handler: ChatHandler): Promise<void> {
    await this.#checkToken();
    this.#made.handle(handler);
    try {
      await this.#ear.start();
    } catch (error) {
      this.#made.handle(undefined);
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#ear.stop();
    this.#made.handle(undefined);
  }

  post(place: Place, post: Post, key: string): Promise<PostRef> {
    return this.#parts.outgoing.post(place, post, key);
  }

  edit(ref: PostRef, post: Post): Promise<void> {
    return this.#parts.outgoing.edit(ref, post);
  }

  react(message: PostRef, mark: string, instead?: string): Promise<void> {
    return this.#parts.outgoing.react(message, mark, instead);
  }

  whisper(
    user: ChatUser,
    post: Post,
    options: { key: string; near?: Place; mustArrive?: boolean },
  ): Promise<PostRef> {
    return this.#parts.outgoing.whisper(user, post, options);
  }

  findPost(place: Place, key: string): Promise<PostRef | undefined> {
    return findByKey(this.#parts.clients, place, key);
  }

  async resolveChannel(workspace: string | undefined, channel: string): Promise<Place | undefined> {
    const named = channel.replace(/^#/, '');
    for (const installation of await this.#installations(workspace)) {
      const key = keyOf(installation);
      const id = await this.#channelId(installation, key, named);
      if (id === undefined) continue;
      const kind = id.startsWith('D') ? 'direct' : 'channel';
      return { platform: platformName, workspace: key, channel: id, kind };
    }
    return undefined;
  }

  async resolveUser(workspace: string | undefined, id: string): Promise<ChatUser | undefined> {
    for (const installation of await this.#installations(workspace)) {
      const person = await this.#person(installation, id);
      if (person === undefined) continue;
      this.#parts.whereabouts.saw(person.user, keyOf(installation));
      return person.user;
    }
    return undefined;
  }

  async profile(user: ChatUser): Promise<ChatProfile> {
    const { installation, person } = await this.#reached(user);
    const workspaceName = person.orgName ?? installation.name ?? user.workspace;
    return {
      platformName: 'Slack',
      workspaceName,
      userName: person.name,
      userKind: person.kind,
      ...(person.email === undefined ? {} : { email: person.email }),
    };
  }

  async groupsOf(user: ChatUser): Promise<readonly string[]> {
    const { installation, person } = await this.#reached(user);
    const teams = installation.isEnterpriseInstall ? person.teams : [];
    return this.#parts.groups.of(keyOf(installation), teams, user.id);
  }

  async refreshHome(user: ChatUser): Promise<void> {
    if (!this.#parts.options.home) return;
    const { installation, person } = await this.#reached(user);
    const place = await this.#parts.outgoing.direct(keyOf(installation), user.id);
    const request = { user, userKind: person.kind, place, channelKind: 'direct' } as const;
    await this.#made.pages.show(this.#parts, request);
  }

  async #checkToken(): Promise<void> {
    try {
      await this.#made.fixed?.identify();
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      if (isDeadToken(error) || error.reason === 'not_allowed_token_type')
        throw new SlackStartError('bot-token-refused', error.reason, { cause: error });
      this.#parts.logger.warn(
        { reason: error.reason },
        'Slack does not say whose the bot’s token is; trying further',
      );
    }
  }

  /** The one that a place's workspace names, those of a person's org, or all. */
  async #installations(workspace: string | undefined): Promise<readonly Installation[]> {
    const { installations } = this.#parts;
    if (workspace === undefined) return installations.list(mostInstallations);
    const exact = await installations.get(workspace);
    return exact === undefined ? installations.ofEnterprise(workspace) : [exact];
  }

  async #channelId(installation: Installation, key: string, named: string): Promise<string | undefined> {
    const { channels } = this.#parts;
    if (/^[CGD][A-Z0-9]{2,}$/.test(named)) {
      if (named.startsWith('D')) return named;
      const known = await channels.find(key, named);
      if (known !== undefined) return known.id;
    }
    return channels.named(key, named, await this.#teamsOf(installation));
  }

  /** An org's token names the workspace that it asks about; with a workspace's own there is nothing to name. */
  async #teamsOf(installation: Installation): Promise<readonly string[]> {
    if (!installation.isEnterpriseInstall) return [];
    return this.#parts.channels.teams(keyOf(installation));
  }

  async #person(installation: Installation, id: string, said?: string): Promise<Person | undefined> {
    try {
      return await this.#parts.people.find(installation, id, said);
    } catch (error) {
      if (error instanceof ChatError && error.code === 'gone') return undefined;
      throw error;
    }
  }

  /** Through the first installation that knows the person. Throws ChatError `gone` where none does. */
  async #reached(user: ChatUser): Promise<{ readonly installation: Installation; readonly person: Person }> {
    for (const key of await this.#parts.whereabouts.of(user)) {
      const installation = await this.#parts.installations.get(key);
      if (installation === undefined) continue;
      const person = await this.#person(installation, user.id, user.workspace);
      if (person !== undefined) return { installation, person };
    }
    throw new ChatError('gone', 'user_not_found');
  }
}
