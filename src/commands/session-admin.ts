import { type ChatMessage, chatUserKey } from '../chat/chat.ts';
import type { Audit } from '../ops/audit.ts';
import type { Scope } from '../sessions/list.ts';
import type { SessionService } from '../sessions/service.ts';
import type { Access } from './access.ts';
import type { Command, CommandContext } from './command.ts';
import type { CommandSyntax } from './parse.ts';
import { timeWords } from './words.ts';

interface AdminDeps {
  readonly sessions: SessionService | undefined;
  readonly access: Access;
  readonly audit: Audit;
  readonly syntax: CommandSyntax;
}

/** More sessions than these are counted, not listed. */
const listLimit = 50;

/** `session_list`: the live sessions in the admin's scope, without credentials. */
export function sessionList(deps: AdminDeps): Command {
  return {
    name: 'session_list',
    usage: '',
    summary: 'The live sessions of your workspace.',
    async run(context) {
      const scope = await adminScope(deps, context);
      if (scope === undefined) return;
      await deps.audit.record({
        event: 'admin.session_list',
        outcome: 'ok',
        chatUser: chatUserKey(context.message.user),
      });
      const sessions = (await deps.sessions?.list(scope)) ?? [];
      if (sessions.length === 0) {
        await context.whisper({ text: 'Nobody is logged in.' });
        return;
      }
      const lines = sessions
        .slice(0, listLimit)
        .map(
          (session) =>
            `${chatUserKey(session.user)}  as ${session.stackstormUser ?? '?'}  until ${timeWords(session.expiresAt)}  ${session.id}`,
        );
      const rest = sessions.length - lines.length;
      const more = rest > 0 ? [`… and ${rest} more.`] : [];
      const heading = `${sessions.length} live session${sessions.length === 1 ? '' : 's'}`;
      const hint = `End one with ${deps.syntax.prefix}session_cancel <chat user or id>`;
      await context.whisper({
        text: [heading, ...lines, ...more, hint].join('\n'),
        parts: [
          { type: 'heading', text: heading },
          { type: 'code', text: [...lines, ...more].join('\n') },
          { type: 'context', text: hint },
        ],
      });
    },
  };
}

/** `session_cancel <user|id>`: an admin ends somebody's session; the person is told. `--all`: everybody's in their scope. */
export function sessionCancel(deps: AdminDeps): Command {
  return {
    name: 'session_cancel',
    usage: '<chat user or session id>|--all',
    summary: 'End somebody’s session, or all of your workspace; they are told.',
    async run(context) {
      const scope = await adminScope(deps, context);
      if (scope === undefined) return;
      const { message, rest, whisper } = context;
      if (rest === '') {
        await whisper({
          text: `Whose? ${deps.syntax.prefix}session_cancel <chat user or session id>, as ${deps.syntax.prefix}session_list shows them; or all: ${deps.syntax.prefix}session_cancel --all`,
        });
        return;
      }
      // Some keyboards make one long dash of two.
      if (/^\p{Pd}+all$/iu.test(rest)) {
        const count = (await deps.sessions?.cancelAll(scope, message.user)) ?? 0;
        await whisper({ text: allCancelledWords(count, scope) });
        return;
      }
      const ended = await deps.sessions?.cancel(target(rest, message), scope, message.user);
      if (ended === undefined) {
        await deps.audit.record({
          event: 'session.cancelled',
          outcome: 'unknown-session',
          chatUser: chatUserKey(message.user),
        });
      }
      await whisper({
        text:
          ended === undefined
            ? 'I know no such session. Give me a chat user or a session id as session_list shows them.'
            : `The session of ${chatUserKey(ended.user)} has ended, and they are told. What already runs in StackStorm runs on.`,
      });
    },
  };
}

function allCancelledWords(count: number, scope: Scope): string {
  const where = scope.kind === 'all' ? 'Nobody anywhere' : 'Nobody in your workspace';
  if (count === 0) return `${where} had a session or a login on its way.`;
  const whose = count === 1 ? '1 person has' : `${count} people have`;
  return `Ended: ${whose} no session and no login on its way any more, and ${count === 1 ? 'is' : 'are'} told. What already runs in StackStorm runs on.`;
}

/**
 * A session's UUID and a whole chat user key stand as they are; a mention, a bare id or `@id` is one of the admin's own
 * workspace.
 */
function target(typed: string, { user: admin, mentioned = [] }: ChatMessage): string {
  const [named, ...others] = mentioned;
  if (typed.startsWith('@') && named !== undefined && others.length === 0)
    return chatUserKey({ ...admin, id: named });
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(typed);
  if (isUuid || typed.includes(':')) return typed;
  return chatUserKey({ ...admin, id: typed.replace(/^@/u, '') });
}

/** The admin's scope; anybody else is told no, and that stands in the audit log. */
async function adminScope(deps: AdminDeps, { message, whisper }: CommandContext): Promise<Scope | undefined> {
  const scope = deps.access.adminScope(message.user);
  if (scope !== undefined) return scope;
  await deps.audit.record({
    event: 'command.refused',
    outcome: 'not-admin',
    chatUser: chatUserKey(message.user),
    channel: message.place.channel,
  });
  await whisper({
    text: 'Only admins may do that. Admins stand in the bot’s configuration, under access.admins.',
  });
  return undefined;
}
