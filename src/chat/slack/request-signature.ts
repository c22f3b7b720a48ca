import { isValidSlackRequest } from '@slack/bolt';

/** How far a request's time may lie from ours, either way, in ms. */
export const signatureWindowMs = 5 * 60_000;

export interface SignedRequest {
  /** The bytes as they came, not what a parser made of them. */
  readonly body: string;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/**
 * Whether Slack sent this, lately: HMAC-SHA256 over the raw body, compared in constant time by Bolt, which refuses
 * what is more than five minutes old; what comes from the future is refused here
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack). `now` in ms since the epoch.
 */
export function isFromSlack(request: SignedRequest, signingSecret: string, now: number): boolean {
  const { body, timestamp, signature } = request;
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp)) return false;
  const seconds = Number(timestamp);
  if (seconds * 1000 > now + signatureWindowMs) return false;
  return isValidSlackRequest({
    signingSecret,
    body,
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': seconds },
    nowMilliseconds: now,
  });
}
