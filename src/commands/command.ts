import type { ChatMessage, ChatUser, Place, Post } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';

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
  /** What stands after the command's name, trimmed. */
  readonly rest: string;
}

/** A command of the bot's own. */
export interface Command {
  /** As typed, with an underscore: `session_start`. */
  readonly name: string;
  /** Other names for the same. */
  readonly aliases?: readonly string[];
  /** The words after the name, for help: `<secret>`. */
  readonly usage: string;
  readonly summary: string;
  /** Shown in help only to admins. */
  readonly adminsOnly?: boolean;
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
