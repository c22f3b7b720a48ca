import { webApi } from '@slack/bolt';
import { ChatError, type ChatErrorCode } from '../chat.ts';

/**
 * Slack's error codes, and what they mean for a message
 * (https://docs.slack.dev/reference/methods/chat.postMessage#errors and those of the other methods that we call). A code
 * that is not here is `cannot-deliver`: repeating what Slack refuses does no good, and its reason stands in the dead letter.
 */
const meanings: Readonly<Record<string, ChatErrorCode>> = {
  // They pass.
  ratelimited: 'rate-limited',
  rate_limited: 'rate-limited',
  message_limit_exceeded: 'rate-limited',
  internal_error: 'unavailable',
  fatal_error: 'unavailable',
  service_unavailable: 'unavailable',
  request_timeout: 'unavailable',
  upload_failed: 'unavailable',
  team_added_to_org: 'unavailable',
  org_login_required: 'unavailable',
  external_channel_migrating: 'unavailable',

  // What it was about is not there any more, or never was.
  channel_not_found: 'gone',
  message_not_found: 'gone',
  thread_not_found: 'gone',
  cannot_reply_to_message: 'gone',
  cant_update_message: 'gone',
  edit_window_closed: 'gone',
  user_not_found: 'gone',
  users_not_found: 'gone',
  not_found: 'gone',

  // Less of it may go.
  msg_too_long: 'too-long',
  message_too_long: 'too-long',
  msg_blocks_too_long: 'too-long',
  too_many_attachments: 'too-long',
  metadata_too_large: 'too-long',

  // Nobody may write there, or not we.
  not_in_channel: 'cannot-deliver',
  user_not_in_channel: 'cannot-deliver',
  is_archived: 'cannot-deliver',
  is_inactive: 'cannot-deliver',
  restricted_action: 'cannot-deliver',
  restricted_action_read_only_channel: 'cannot-deliver',
  restricted_action_thread_only_channel: 'cannot-deliver',
  messages_tab_disabled: 'cannot-deliver',
  user_disabled: 'cannot-deliver',
  user_is_restricted: 'cannot-deliver',
  cannot_dm_bot: 'cannot-deliver',
  not_allowed_token_type: 'cannot-deliver',
  missing_scope: 'cannot-deliver',
  no_permission: 'cannot-deliver',
  access_denied: 'cannot-deliver',
  ekm_access_denied: 'cannot-deliver',
  invalid_auth: 'cannot-deliver',
  not_authed: 'cannot-deliver',
  account_inactive: 'cannot-deliver',
  token_revoked: 'cannot-deliver',
  token_expired: 'cannot-deliver',
  invalid_blocks: 'cannot-deliver',
  invalid_blocks_format: 'cannot-deliver',
  no_text: 'cannot-deliver',
};

/** The token is no use any more: the app was removed, the token revoked, the account closed. */
const deadTokens: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
]);

/** The conversation is not one where this person can be whispered to: a direct message is the way. */
const notThere: ReadonlySet<string> = new Set([
  'user_not_in_channel',
  'not_in_channel',
  'channel_not_found',
  'is_archived',
  'messages_tab_disabled',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'restricted_action_non_threadable_channel',
]);

const parentGone: ReadonlySet<string> = new Set(['thread_not_found', 'cannot_reply_to_message']);

export function isDeadToken(error: ChatError): boolean {
  return deadTokens.has(error.reason);
}

export function isNotThere(error: ChatError): boolean {
  return notThere.has(error.reason);
}

/** The message under which the thread hung was deleted. */
export function isParentGone(error: ChatError): boolean {
  return parentGone.has(error.reason);
}

/**
 * What Slack's SDK threw, for chat/delivery.ts. No answer (network, 5xx, a cut or unreadable one) is `unavailable`: what
 * was asked may have been done all the same. A ChatError stays what it is.
 */
export function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return new ChatError('rate-limited', 'ratelimited', {
      retryAfterMs: error.retryAfter * 1000,
      cause: error,
    });
  }
  if (error instanceof webApi.WebAPIPlatformError) {
    const reason = error.data.error;
    // The SDK puts there what it could not read: a page of somebody's proxy, not repeated here.
    if (!/^[a-z0-9_]{1,60}$/i.test(reason)) return new ChatError('unavailable', 'unreadable_answer');
    const meaning = Object.hasOwn(meanings, reason) ? meanings[reason] : undefined;
    return new ChatError(meaning ?? 'cannot-deliver', reason, { cause: error });
  }
  if (error instanceof webApi.WebAPIHTTPError) {
    const { statusCode } = error;
    const passes = statusCode >= 500 || statusCode === 408 || statusCode === 429;
    return new ChatError(passes ? 'unavailable' : 'cannot-deliver', `http_${statusCode}`, { cause: error });
  }
  return new ChatError('unavailable', 'no_answer', { cause: error });
}

/** Slack does not let the app start as it is configured: what to do stands in the message. */
export class SlackStartError extends Error {
  readonly code: 'bot-token-refused' | 'app-token-refused' | 'socket-mode-off';
  /** Slack's own code (`invalid_auth`). */
  readonly reason: string;

  constructor(code: SlackStartError['code'], reason: string, options: { cause?: unknown } = {}) {
    super(`${startWords[code]} (Slack says: ${reason})`, options);
    this.name = 'SlackStartError';
    this.code = code;
    this.reason = reason;
  }
}

const startWords: Readonly<Record<SlackStartError['code'], string>> = {
  'bot-token-refused':
    'Slack does not take chat.slack.botToken: install the app to the workspace again (the app’s page, OAuth & Permissions) and put the Bot User OAuth Token (xoxb-…) there',
  'app-token-refused':
    'Slack does not take chat.slack.appToken: make an app-level token with the scope connections:write (the app’s page, Basic Information) and put it there',
  'socket-mode-off':
    'Slack does not let the app connect: turn Socket Mode on (the app’s page, Socket Mode), or set chat.slack.mode to http',
};
