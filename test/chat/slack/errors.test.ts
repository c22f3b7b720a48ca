/** What Slack answers, and what becomes of the message (chat/delivery.ts acts on the code). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError, type ChatErrorCode } from '../../../src/chat/chat.ts';
import type { Blow } from '../../support/slack/weather.ts';
import { slackAdapter } from '../../support/slack-adapter.ts';

const place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;

const answers: readonly (readonly [Blow, ChatErrorCode, string, number?])[] = [
  [{ status: 429, retryAfter: 7 }, 'rate-limited', 'ratelimited', 7_000],
  [{ error: 'ratelimited' }, 'rate-limited', 'ratelimited'],
  [{ status: 500 }, 'unavailable', 'http_500'],
  [{ status: 503, body: '<html>busy</html>' }, 'unavailable', 'http_503'],
  [{ status: 404, body: '<html>what?</html>' }, 'cannot-deliver', 'http_404'],
  [{ cut: 'before' }, 'unavailable', 'no_answer'],
  [{ cut: 'after' }, 'unavailable', 'no_answer'],
  [{ error: 'internal_error' }, 'unavailable', 'internal_error'],
  [{ error: 'fatal_error' }, 'unavailable', 'fatal_error'],
  [{ error: 'service_unavailable' }, 'unavailable', 'service_unavailable'],
  [{ error: 'request_timeout' }, 'unavailable', 'request_timeout'],
  [{ error: 'team_added_to_org' }, 'unavailable', 'team_added_to_org'],
  [{ error: 'channel_not_found' }, 'gone', 'channel_not_found'],
  [{ error: 'user_not_found' }, 'gone', 'user_not_found'],
  [{ error: 'message_not_found' }, 'gone', 'message_not_found'],
  [{ error: 'cant_update_message' }, 'gone', 'cant_update_message'],
  [{ error: 'thread_not_found' }, 'gone', 'thread_not_found'],
  [{ error: 'msg_too_long' }, 'too-long', 'msg_too_long'],
  [{ error: 'message_too_long' }, 'too-long', 'message_too_long'],
  [{ error: 'msg_blocks_too_long' }, 'too-long', 'msg_blocks_too_long'],
  [{ error: 'too_many_attachments' }, 'too-long', 'too_many_attachments'],
  [{ error: 'not_in_channel' }, 'cannot-deliver', 'not_in_channel'],
  [{ error: 'is_archived' }, 'cannot-deliver', 'is_archived'],
  [{ error: 'restricted_action' }, 'cannot-deliver', 'restricted_action'],
  [{ error: 'user_disabled' }, 'cannot-deliver', 'user_disabled'],
  [{ error: 'missing_scope', extra: { needed: 'chat:write' } }, 'cannot-deliver', 'missing_scope'],
  [{ error: 'account_inactive' }, 'cannot-deliver', 'account_inactive'],
  [{ error: 'invalid_auth' }, 'cannot-deliver', 'invalid_auth'],
  [{ error: 'token_revoked' }, 'cannot-deliver', 'token_revoked'],
  [{ error: 'invalid_blocks' }, 'cannot-deliver', 'invalid_blocks'],
  [{ error: 'something_new' }, 'cannot-deliver', 'something_new'],
  [{ status: 200, body: '<html>a proxy says hello</html>' }, 'unavailable', 'unreadable_answer'],
];

test('every answer of Slack’s is retried or is final, with its reason', async (t) => {
  const { adapter, slack, start } = await slackAdapter(t);
  await start();
  for (const [blow, code, reason, retryAfterMs] of answers) {
    slack.world.weather.on('chat.postMessage', blow);
    const failed = adapter.platform.post(place, { text: 'x' }, 'k');
    await assert.rejects(failed, (error) => {
      assert.ok(error instanceof ChatError);
      assert.deepEqual([error.code, error.reason, error.retryAfterMs], [code, reason, retryAfterMs]);
      return true;
    });
  }
  assert.equal(slack.calls.filter(({ method }) => method === 'chat.postMessage').length, answers.length);
});
