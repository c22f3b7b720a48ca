import { ChatError, type ChatPlatform, type ChatProfile, type ChatUser } from './chat.ts';
import type { ChatSignIn } from './sign-in.ts';

/**
 * What is asked of the platform that a person is on.
 * @module
 */

/** What a person is called, asked of the platform that knows them. */
export function profileOf(platforms: readonly ChatPlatform[]): (user: ChatUser) => Promise<ChatProfile> {
  return async (user) => {
    const platform = platforms.find(({ name }) => name === user.platform);
    if (platform === undefined) throw new ChatError('gone', 'unknown-platform');
    return platform.profile(user);
  };
}

/** How a person's platform proves who somebody is, where it can. */
export function signInOf(platforms: readonly ChatPlatform[]): (user: ChatUser) => ChatSignIn | undefined {
  return (user) => platforms.find(({ name }) => name === user.platform)?.signIn;
}

/** The user groups that a person is in; none where their platform is not here. */
export function groupsOf(platforms: readonly ChatPlatform[]): (user: ChatUser) => Promise<readonly string[]> {
  return async (user) => (await platforms.find(({ name }) => name === user.platform)?.groupsOf(user)) ?? [];
}
