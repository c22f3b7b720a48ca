import { isValidSlackRequest } from '@slack/bolt';

/** How far a request's time may lie from ours, either way, in ms. */
const signatureWindowMs = 5 * 60_000;

export interface SignedRequest {
  /** The bytes as they came, not what a parser made of them. */
  readonly body: string;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** `unsigned`: without signature or time. `stale`: not of these minutes, by our clock. `forged`: not by this secret. */
export type SignatureFault = 'unsigned' | 'stale' | 'forged';

/**
 * What speaks against Slack having sent this, lately; undefined: nothing. HMAC-SHA256 over the raw body, compared in
 * constant time by Bolt, which refuses what is more than five minutes old; what comes from the future is refused here
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack). `now` in ms since the epoch.
 */
export function signatureFault(
  request: SignedRequest,
  signingSecret: string,
  now: number,
): SignatureFault | undefined {
  const { body, timestamp, signature } = request;
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp)) return 'unsigned';
  const seconds = Number(timestamp);
  if (Math.abs(seconds * 1000 - now) > signatureWindowMs) return 'stale';
  const isSlacks = isValidSlackRequest({
    signingSecret,
    body,
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': seconds },
    nowMilliseconds: now,
  });
  return isSlacks ? undefined : 'forged';
}
