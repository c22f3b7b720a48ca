import { oneOf, yesOrNo } from './fields.ts';
import { has } from './group.ts';
import type { Config } from './schema.ts';

/** The keys of `auth` against link injection (security.md T1). */
export const confirmKeys = {
  confirm: oneOf(['off', 'code', 'slack'])
    .prefault('code')
    .describe(
      'What shows that who logs in is who asked for the link. `code`: the page shows a code, which that person enters in chat. `slack`: they sign in with Slack before the form. `off`: nothing.',
    ),
  allowInsecureUnconfirmedLogin: yesOrNo()
    .default(false)
    .describe(
      'Lets `auth.confirm` be `off` where people of several organisations reach the bot (`chat.slack.install`, or an access rule that allows strangers).',
    ),
};

/** For whoever has `off` where it is not to be. */
export const unconfirmedFault =
  '"code" or "slack": people of other organisations reach this bot (chat.slack.install, or an access rule that allows strangers), and with "off" anyone who gets somebody to log in on their link acts as them. To have it all the same, write "allowInsecureUnconfirmedLogin": true beside it';

/** Whether a config, as far as it can be read, lets people of other organisations log in without any confirmation. */
export function isUnconfirmedAmongStrangers({
  auth,
  chat,
  access,
}: {
  readonly auth: unknown;
  readonly chat: unknown;
  readonly access: unknown;
}): boolean {
  if (at(auth, 'confirm') !== 'off' || at(auth, 'allowInsecureUnconfirmedLogin') === true) return false;
  if (!has(auth, 'clientside') && at(auth, 'mode') !== 'clientside') return false;
  return has(at(chat, 'slack'), 'install') || allowsStrangers(at(access, 'rules'));
}

/** A bot in one workspace hears the people of another only by Slack Connect, and serves them only by such a rule. */
function allowsStrangers(rules: unknown): boolean {
  if (!Array.isArray(rules)) return false;
  return rules.some((rule: unknown) => {
    const kinds = at(rule, 'userKinds');
    return has(rule, 'allow') && Array.isArray(kinds) && kinds.includes('stranger');
  });
}

/** What `off` means, for `check` and every start. */
export function confirmWarnings({ auth }: Config): string[] {
  if (auth.mode !== 'clientside' || auth.confirm !== 'off') return [];
  return [
    'auth.confirm: it is "off", so a person who is sent someone else\'s link and logs in with it gives that person their StackStorm rights. Set it to "code" or "slack"; until then tell people to open only links that they asked for themselves.',
    ...(auth.allowInsecureUnconfirmedLogin
      ? [
          'auth.allowInsecureUnconfirmedLogin: logins stay unconfirmed though people of other organisations may reach the bot and send such links.',
        ]
      : []),
  ];
}

function at(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}
