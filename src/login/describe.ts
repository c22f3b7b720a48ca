import type { ChatProfile, ChatUser } from '../chat/chat.ts';
import { shownName } from '../chat/shown-name.ts';
import type { LoginView } from '../sessions/open.ts';
import type { LoginDeps, LoginOptions } from './app.ts';

/** What the page shows, so that a victim of a passed-on link can see whose account is being linked (security.md T1). */
export async function describeLogin(deps: LoginDeps, options: LoginOptions, login: LoginView) {
  return {
    login: login.session,
    chatUser: await describeUser(deps, login.user),
    asked: {
      at: new Date(login.askedAt).toISOString(),
      ...(login.placeName === undefined ? {} : { place: shownName(login.placeName) }),
    },
    methods: options.methods,
    expiresAt: new Date(login.expiresAt).toISOString(),
    attemptsLeft: login.attemptsLeft,
    ...signInOf(deps, login),
  };
}

export async function describeUser(deps: LoginDeps, user: ChatUser) {
  const { platformName, workspaceName, userName } = await profileOf(deps, user);
  // An empty name names nobody: the id does.
  const name = shownName(userName) || user.id;
  return { platform: shownName(platformName), workspace: shownName(workspaceName), name, id: user.id };
}

/** Undone: the page asks for it before the form. */
function signInOf({ signIn }: LoginDeps, { user, signedIn }: LoginView) {
  if (signIn === undefined || signedIn) return {};
  return { signIn: { needed: true, label: signIn.of(user)?.label ?? 'Sign in' } };
}

/** The platform's ids name the person too: a chat that does not answer must not cost them their link. */
async function profileOf(deps: LoginDeps, user: ChatUser): Promise<ChatProfile> {
  try {
    return await deps.profile(user);
  } catch (error) {
    deps.logger.warn({ err: error }, 'the chat platform did not say what a person is called');
    return { platformName: user.platform, workspaceName: user.workspace, userName: user.id };
  }
}
