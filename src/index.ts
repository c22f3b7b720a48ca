/**
 * The library: the bot as a part of another program. `stackstorm` adds it to a Bolt App (docs/slack.md). By hand:
 * `openParts` opens what a config names, `createBot` wires it to the chat platforms that are given; docs/chat-platforms.md
 * shows how to write one.
 * @module
 */
export { type Bot, type BotParts, createBot } from './bot.ts';
export {
  type Asker,
  type Button,
  type ChannelKind,
  type ChatAction,
  ChatError,
  type ChatErrorCode,
  type ChatHandler,
  type ChatMessage,
  type ChatPlatform,
  type ChatProfile,
  type ChatUser,
  chatUserKey,
  type Form,
  type FormAnswer,
  type FormField,
  type FormSubmission,
  type Home,
  type HomeRequest,
  type Part,
  type Place,
  type PlaceKind,
  type Post,
  type PostRef,
  type UserKind,
} from './chat/chat.ts';
export { type FieldValue, type FieldValues, type FormOption, formLimits, whyNoForm } from './chat/form.ts';
export { ConfigError, type ConfigFault, type ConfigSources, parseConfig } from './config/load.ts';
export type { Config } from './config/schema.ts';
export { type LibraryOptions, stackstorm } from './library.ts';
export { type Environment, type OpenParts, openParts } from './parts.ts';
export { NoPlatformError, type OpenPlatforms, openPlatforms } from './platforms.ts';
