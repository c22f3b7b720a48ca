/**
 * The chat port: what the bot needs of a chat platform, and nothing that only one platform has.
 * Written from Slack's weather (rate limits, lost ephemeral messages, redelivered events), so that an easy platform
 * has little to do and a hard one is not hidden.
 * @module
 */

import type { FieldValues, Form } from './form.ts';
import type { ChatSignIn } from './sign-in.ts';

export type { FieldValues, Form, FormField } from './form.ts';

/**
 * A person on a chat platform. `workspace` is the person's home (enterprise or own team), never the channel's:
 * the same `id` in two workspaces is two people.
 */
export interface ChatUser {
  readonly platform: string;
  readonly workspace: string;
  readonly id: string;
}

/** The key under which a chat user stands in the Store, in `access.admins` and in audit records: `slack:T024:U0G9`. */
export function chatUserKey(user: ChatUser): string {
  return `${user.platform}:${user.workspace}:${user.id}`;
}

/** `direct` is a conversation of one person with the bot alone; a group DM counts as a `channel`. */
export type PlaceKind = 'direct' | 'channel';

/** How a place is read by others, for access rules: `direct` with the bot alone, `group` a DM of several people. */
export type ChannelKind = 'direct' | 'group' | 'private' | 'public';

/**
 * What a person is in the workspace where they asked. `stranger`: of another organisation (Slack Connect). Only members
 * are served unless an access rule says otherwise.
 */
export type UserKind = 'member' | 'guest' | 'stranger' | 'bot';

/** A place in chat where something can be posted. */
export interface Place {
  readonly platform: string;
  /** The workspace whose installation posts there (not necessarily a member's home). */
  readonly workspace: string;
  /** The platform's id of the conversation, never its name. */
  readonly channel: string;
  readonly kind: PlaceKind;
  /** The message id under which a thread hangs. Absent: the conversation itself. */
  readonly thread?: string;
}

/** Who asks, and from where: what access rules look at. */
export interface Asker {
  readonly user: ChatUser;
  /** Absent: a member. */
  readonly userKind?: UserKind;
  readonly place: Place;
  /** Absent: `direct` or `public`, as `place.kind` has it. */
  readonly channelKind?: ChannelKind;
}

/** Something a person typed, as the platform adapter understood it. */
export interface ChatMessage extends Asker {
  /** Names this delivery's event: the same for every redelivery of it, at every instance (R2 claims it). */
  readonly eventId: string;
  /** Where it was typed; `thread` is set when it was typed inside one. */
  readonly place: Place;
  /** The platform's id of the message: answers go into the thread under it. Absent for a slash command. */
  readonly messageId?: string;
  /** The text with the platform's escapes undone: what the person meant. */
  readonly text: string;
  /** Ids of the people whom the text names, where the platform marks them; in it they stand by name. */
  readonly mentioned?: readonly string[];
  /**
   * How the bot was addressed. `prefix`: only a text that starts with `commands.prefix` is for us; `bot`: the whole
   * text is for us (direct conversation, mention, slash command), a prefix is optional.
   */
  readonly addressed: 'prefix' | 'bot';
  /** Only the person and the bot can read what was typed (direct conversation, slash command). */
  readonly isPrivate: boolean;
}

/** A press on a button that we posted. */
export interface ChatAction extends Asker {
  readonly eventId: string;
  /** The message that holds the button. */
  readonly messageId?: string;
  readonly action: string;
  readonly value: string;
}

/** What a person entered in a {@link Form}: the text of each text field by its name, and so on ({@link FieldValues}). */
export interface FormSubmission extends Asker {
  readonly eventId: string;
  readonly form: string;
  readonly value: string;
  readonly fields: FieldValues;
}

/**
 * The dialog closes, shows what is wrong by field, or at its top (the dialog stays, with what was entered), or shows a
 * message to this person alone in its place.
 */
export type FormAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'invalid'; readonly faults: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'show'; readonly title: string; readonly post: Post };

/** A person looks at the bot's own page in the platform. */
export interface HomeRequest extends Asker {
  /** What they typed into the page's search. */
  readonly search?: string;
}

/** The bot's own page in the platform, for one person. */
export interface Home {
  readonly parts: readonly (
    | Part
    | { readonly type: 'search'; readonly label: string; readonly initial?: string }
  )[];
}

/** What the bot does with what it hears. An event may be told twice; nothing throws. */
export interface ChatHandler {
  message(message: ChatMessage): Promise<void>;
  /** Answers a form to open, if pressing asks for more. */
  action(action: ChatAction): Promise<Form | undefined>;
  submit(submission: FormSubmission): Promise<FormAnswer>;
  home(request: HomeRequest): Promise<Home>;
  /** The person's account was closed, or (without `id`) the workspace has removed the bot: their sessions end. */
  left(who: { readonly platform: string; readonly workspace: string; readonly id?: string }): Promise<void>;
}

/** A button opens a URL, or comes back as a {@link ChatAction}. */
export type Button =
  | { readonly label: string; readonly url: string; readonly style?: 'primary' | 'danger' }
  | {
      readonly label: string;
      readonly action: string;
      readonly value: string;
      readonly style?: 'primary' | 'danger';
    };

/** One piece of a message. Text is plain text: the platform escapes it, so that nothing in it is markup or pings anybody. */
export type Part =
  /**
   * `isFormatted`: whoever wrote it (the author of an alias) wrote it in the platform's own markup, so formatting and
   * links may show. It still pings nobody.
   */
  | { readonly type: 'text'; readonly text: string; readonly isFormatted?: true }
  | { readonly type: 'heading'; readonly text: string }
  /** Shown as typed, fixed width. */
  | { readonly type: 'code'; readonly text: string }
  | {
      readonly type: 'fields';
      readonly fields: readonly { readonly label: string; readonly value: string }[];
    }
  /** Flat data, a cell a column in each row. Where a platform has no tables, chat/table-text.ts says what it shows. */
  | {
      readonly type: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  /** Small print. */
  | { readonly type: 'context'; readonly text: string }
  | { readonly type: 'buttons'; readonly buttons: readonly Button[] };

/** A message that the bot sends. */
export interface Post {
  /** The whole message in words: notifications, screen readers, platforms without rich messages. */
  readonly text: string;
  readonly parts?: readonly Part[];
  /** `extra` of an announcement or an acknowledgement: `{ slack: {...} }`, given to the platform that it names. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A message that was posted, to be edited later. Plain data: it is stored. */
export interface PostRef {
  readonly place: Place;
  readonly id: string;
}

/** What a person is called, for the login page and logs that people read. */
export interface ChatProfile {
  readonly platformName: string;
  readonly workspaceName: string;
  readonly userName: string;
  /** Absent where the platform does not say. */
  readonly userKind?: UserKind;
  /** Their e-mail address, which the platform has seen confirmed; absent where it does not say, or may not. */
  readonly email?: string;
}

/** Why a platform could not do what was asked. Turned into retries and dead letters by chat/delivery.ts. */
export type ChatErrorCode = 'rate-limited' | 'unavailable' | 'gone' | 'too-long' | 'cannot-deliver';

/**
 * `rate-limited` and `unavailable` pass: try again (after `retryAfterMs`, when given). `gone` (channel, message or thread
 * does not exist any more), `too-long` (cut it) and `cannot-deliver` (not a member, archived, account closed) do not.
 * `reason` is the platform's own code (`not_in_channel`), safe for logs.
 */
export class ChatError extends Error {
  readonly code: ChatErrorCode;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: ChatErrorCode, reason: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(`chat: ${code} (${reason})`, { cause: options.cause });
    this.name = 'ChatError';
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A chat platform. Every method may throw {@link ChatError}. */
export interface ChatPlatform {
  /** The word in chat user keys: `slack`, `playground`. */
  readonly name: string;
  /** What one types there to ask the bot so that nobody else sees it: `/st2`. Absent where there is no such thing. */
  readonly slashCommand?: string;
  start(handler: ChatHandler): Promise<void>;
  /** No more events after it resolves; posting still works until the process ends. */
  stop(): Promise<void>;
  /**
   * Posts in a place that others may read. `key` names this post for ever: where the platform can tell that a post
   * with this key stands already, it answers that one instead of posting twice (a crash between post and note).
   */
  post(place: Place, post: Post, key: string): Promise<PostRef>;
  edit(ref: PostRef, post: Post): Promise<void>;
  /**
   * Says something to one person alone; `near` is where they are looking, if the platform can whisper there. With
   * `mustArrive` it goes where it is sure to be found (a direct message), and `near` at most says so.
   */
  whisper(
    user: ChatUser,
    post: Post,
    options: { key: string; near?: Place; mustArrive?: boolean },
  ): Promise<PostRef>;
  /** The post that carries `key`, if the platform can still find it. */
  findPost(place: Place, key: string): Promise<PostRef | undefined>;
  /** A channel's place by id or by name (with or without `#`). */
  resolveChannel(workspace: string | undefined, channel: string): Promise<Place | undefined>;
  /** The user that a platform id names, in the workspace of the installation. */
  resolveUser(workspace: string | undefined, id: string): Promise<ChatUser | undefined>;
  profile(user: ChatUser): Promise<ChatProfile>;
  /** Ids of the user groups that the person is in, for access rules; none where the platform has no groups. */
  groupsOf(user: ChatUser): Promise<readonly string[]>;
  /**
   * Puts our mark on a message, in place of `instead`: both are names of emoji. A mark that stands already, and one that
   * is not there to be taken away, are fine. Absent where there is no such thing.
   */
  react?(message: PostRef, mark: string, instead?: string): Promise<void>;
  /** Shows this person's page anew after something on it changed; nothing where the platform has none. */
  refreshHome?(user: ChatUser): Promise<void>;
  /** Proves in a browser who somebody is here; absent where the platform, or its config, has no such thing. */
  readonly signIn?: ChatSignIn;
}
