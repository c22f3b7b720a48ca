import type { Auth } from '../auth/auth.ts';
import { type ChatUser, chatUserKey } from '../chat/chat.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { StackStorm } from '../stackstorm/stackstorm.ts';
import type { Access } from './access.ts';
import type { Command, CommandContext } from './command.ts';
import type { CommandSyntax } from './parse.ts';
import { failureWords, loginCommand, spanWords, timeWords } from './words.ts';

type Field = { readonly label: string; readonly value: string };

/** `whoami`: who the person is here and in StackStorm, and until when. */
export function whoami(deps: {
  readonly auth: Auth;
  readonly stackstorm: StackStorm;
  readonly access: Access;
  readonly syntax: CommandSyntax;
  readonly now: () => number;
}): Command {
  return {
    name: 'whoami',
    usage: '',
    summary: 'Who you are here and in StackStorm, and until when.',
    run: async ({ message, whisper }) => {
      const fields = [
        { label: 'Chat', value: chatUserKey(message.user) },
        ...adminField(deps.access, message.user),
        ...(await stackstormFields(deps, message)),
      ];
      await whisper({
        text: fields.map(({ label, value }) => `${label}: ${value}`).join('\n'),
        parts: [{ type: 'fields', fields }],
      });
    },
  };
}

function adminField(access: Access, user: ChatUser): Field[] {
  const scope = access.adminScope(user);
  if (scope === undefined) return [];
  return [{ label: 'Admin', value: scope.kind === 'all' ? 'of every workspace' : 'of this workspace' }];
}

async function stackstormFields(
  deps: Parameters<typeof whoami>[0],
  message: CommandContext['message'],
): Promise<Field[]> {
  const grant = await deps.auth.credentialFor(message.user);
  if (grant.kind === 'refused') {
    if (grant.reason === 'code-awaited')
      return [
        {
          label: 'StackStorm',
          value: `your login waits for its code: ${deps.syntax.prefix}session_confirm <code>`,
        },
      ];
    if (grant.reason === 'not-mapped')
      return [{ label: 'StackStorm', value: 'nothing says who you are there' }];
    return [
      { label: 'StackStorm', value: `not logged in; ${loginCommand(deps.syntax)} in a direct message` },
    ];
  }
  try {
    const user = await deps.stackstorm.user(grant.credential);
    const roles = user.rbac?.enabled === true ? (user.rbac.roles ?? []).join(', ') || 'none' : 'RBAC is off';
    const asBot = deps.auth.mode === 'standalone' ? ' (the bot’s own account: standalone)' : '';
    return [
      { label: 'StackStorm', value: `${user.username}${asBot}` },
      { label: 'Roles', value: roles },
      ...(grant.expiresAt === undefined
        ? []
        : [
            {
              label: 'Session ends',
              value: `${timeWords(grant.expiresAt)}, in ${spanWords(grant.expiresAt - deps.now())}`,
            },
          ]),
    ];
  } catch (error) {
    if (!(error instanceof StackStormError)) throw error;
    if (error.code !== 'unauthorized') {
      return [
        { label: 'StackStorm', value: grant.stackstormUser },
        { label: 'More', value: failureWords(error) },
      ];
    }
    await deps.auth.rejected(message.user, grant);
    if (deps.auth.mode !== 'clientside') return [{ label: 'StackStorm', value: failureWords(error) }];
    return [
      {
        label: 'StackStorm',
        value: `your session has ended; ${loginCommand(deps.syntax)} in a direct message`,
      },
    ];
  }
}
