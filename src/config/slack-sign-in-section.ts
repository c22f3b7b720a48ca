import { text, yesOrNo } from './fields.ts';
import { group, has } from './group.ts';

/** Sign in with Slack (docs/slack.md). */
export const slackSignIn = group({
  clientId: text('the "Client ID" (page Basic Information)').describe('The app’s client id.'),
  clientSecret: text('the "Client Secret" (page Basic Information)')
    .meta({ writeOnly: true })
    .describe('Its client secret.'),
  pkce: yesOrNo()
    .default(false)
    .describe('Whether the app has Slack’s setting for PKCE, which makes it a public client for good.'),
});

/** For whoever confirms logins with Slack and has not told how. */
export const signInFault = `an object such as {"clientId": "\${SLACK_CLIENT_ID}", "clientSecret": "\${SLACK_CLIENT_SECRET}"}: auth.confirm is "slack", so people sign in with Slack before they log in (docs/slack.md); or chat.slack.install, which has both`;

/** Whether a config, as far as it can be read, confirms logins with Slack and can ask Slack; without Slack there is none to ask. */
export function canSignIn({ auth, chat }: { readonly auth: unknown; readonly chat: unknown }): boolean {
  if (!isObject(auth) || auth['confirm'] !== 'slack') return true;
  if (!has(auth, 'clientside') && auth['mode'] !== 'clientside') return true;
  if (!isObject(chat) || !isObject(chat['slack'])) return true;
  return has(chat['slack'], 'signIn') || has(chat['slack'], 'install');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
