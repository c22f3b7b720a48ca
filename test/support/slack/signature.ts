import { createHmac } from 'node:crypto';

/** What Slack signs: https://docs.slack.dev/authentication/verifying-requests-from-slack. `timestamp` is in seconds. */
export function slackSignature(signingSecret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}
