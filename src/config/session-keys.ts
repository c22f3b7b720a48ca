import { z } from 'zod';
import { chatUserKey, duration, oneOf } from './fields.ts';
import type { Config } from './schema.ts';

const admins = 'true (whoever stands in access.admins and access.globalAdmins), or a list of chat user keys';

/** The keys of `auth` on the life of a session, and on who is told of it. */
export const sessionKeys = {
  idleTtl: duration('1m', '30d')
    .describe('A session that nobody used for so long ends. Absent: only `auth.sessionTtl` ends it.')
    .exactOptional(),
  remindBefore: duration('0s', '1d')
    .prefault('15m')
    .describe(
      'How long before its end a person is reminded of a session, with a button to log in again; `"0s"`: not.',
    ),
  oneChatUserPerAccount: oneOf(['off', 'warn', 'refuse'])
    .prefault('warn')
    .describe(
      'A StackStorm user who is logged in from one chat account logs in from a second: `warn` tells both and `auth.notifyAdmins`, `refuse` refuses the second login and tells them.',
    ),
  notifyAdmins: z
    .union([z.boolean({ error: admins }), z.array(chatUserKey(), { error: admins })], { error: admins })
    .meta({ title: 'true, false, or a list of chat user keys' })
    .prefault(false)
    .describe(
      'Who is told of logins, ends and refused logins by direct message, each for their own workspace: `true` for all admins. Those in `access.globalAdmins` are told of every workspace.',
    ),
};

/** What looks as if somebody were told, or a limit held, and is not so; for `check` and every start. */
export function sessionWarnings({ auth, access }: Config): string[] {
  if (auth.mode !== 'clientside') return [];
  const warnings: string[] = [];
  if (auth.notifyAdmins === true && access.admins.length + access.globalAdmins.length === 0) {
    warnings.push(
      'auth.notifyAdmins: it is true, and nobody stands in access.admins or access.globalAdmins, so nobody is told.',
    );
  }
  if (auth.idleTtl !== undefined && auth.idleTtl >= auth.sessionTtl) {
    warnings.push(
      'auth.idleTtl: it is not shorter than auth.sessionTtl, so no session ends because nobody used it.',
    );
  }
  return warnings;
}
