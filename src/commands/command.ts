import type { ChatMessage, ChatUser, Place, Post } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import type { AccessView } from './access.ts';
import type { CommandName } from './names.ts';

/** Answers a person; each answer has its own key, so that a retry never doubles it. */
export interface Answers {
  /**
   * To the person alone: what a run has to say to everyone is posted by the executions. `mustArrive`: not where it may
   * be lost, as ephemeral messages are.
   */
  whisper(post: Post, options?: { readonly mustArrive?: boolean }): Promise<void>;
}

/** What a command of the bot's is given. */
export interface CommandContext extends Answers {
  readonly message: ChatMessage;
  /** What the rules let this person do here. */
  readonly view: AccessView;
  /** What stands after the command's name, trimmed. */
  readonly rest: string;
}

/** A command of the bot's own. */
export interface Command {
  readonly name: CommandName;
  /** The words after the name, for help: `<secret>`. */
  readonly usage: string;
  readonly summary: string;
  run(context: CommandContext): Promise<void>;
}

/** Where answers to a message go: the thread that it stands in, else the one under it, else the conversation. */
export function answerPlace(message: ChatMessage): Place {
  const thread = message.place.thread ?? (message.place.kind === 'channel' ? message.messageId : undefined);
  return thread === undefined ? message.place : { ...message.place, thread };
}

/** Answers to a person, near where they asked. */
export function answersTo(delivery: Delivery, user: ChatUser, near: Place, correlationId: string): Answers {
  let count = 0;
  return {
    async whisper(post, options = {}) {
      await delivery.whisper(user, post, { ...options, key: `answer:${correlationId}:${count++}`, near });
    },
  };
}

/** For whoever is told nothing: a bot that is answered may answer, and so on without end. */
export const silent: Answers = { whisper: async () => undefined };
