import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import type { Post } from '../../../src/chat/chat.ts';
import { slackMessage } from '../../../src/chat/slack/message.ts';
import { announcementPost } from '../../../src/executions/announcement-post.ts';
import { formatResult } from '../../../src/executions/format-result.ts';
import { finalAcknowledgement, groupAcknowledgement, words } from '../../../src/executions/messages.ts';
import { StackStormError } from '../../../src/stackstorm/errors.ts';
import { type BotRig, startBot } from '../../support/bot.ts';
import { assertGolden } from '../../support/slack/golden.ts';
import { faultsIn } from '../../support/slack/message-faults.ts';

/** What each kind of message looks like on Slack: golden/<name>.json. */
function golden(name: string, posts: readonly Post[]): void {
  const messages = posts.map((post) => slackMessage(post, { files: true }));
  for (const message of messages) assert.deepEqual(faultsIn(message), []);
  assertGolden(name, messages);
}

/** Everything that the bot says, whoever it is for. */
class Heard {
  readonly #posts: (Post & { readonly isEdit: boolean })[] = [];
  readonly #emitter = new EventEmitter();
  #taken = 0;

  constructor({ playground }: BotRig) {
    const post = playground.post.bind(playground);
    const whisper = playground.whisper.bind(playground);
    const edit = playground.edit.bind(playground);
    playground.post = (place, said, key) => {
      this.#hear(said);
      return post(place, said, key);
    };
    playground.whisper = (user, said, options) => {
      this.#hear(said);
      return whisper(user, said, options);
    };
    playground.edit = (ref, said) => {
      this.#hear(said, true);
      return edit(ref, said);
    };
  }

  #hear(post: Post, isEdit = false): void {
    this.#posts.push({ ...post, isEdit });
    this.#emitter.emit('post');
  }

  /** The next `count` posts, edits after the others: nothing says when an edit comes. */
  async next(count: number): Promise<readonly Post[]> {
    while (this.#posts.length < this.#taken + count) await once(this.#emitter, 'post');
    this.#taken += count;
    const heard = this.#posts.slice(this.#taken - count, this.#taken);
    return [...heard.filter(({ isEdit }) => !isEdit), ...heard.filter(({ isEdit }) => isEdit)];
  }
}

test('what the bot says to commands of its own', async (t) => {
  const rig = await startBot(t);
  const heard = new Heard(rig);
  const ask = async (who: 'alice' | 'admin', channel: string, text: string, posts = 1) => {
    await rig[who].say(channel, text);
    return heard.next(posts);
  };
  golden('no-session', await ask('alice', 'general', '!st2 list vms'));
  golden('help-without-session', await ask('alice', 'general', '!help'));
  golden('session-start-in-channel', await ask('alice', 'general', '!session_start plum'));
  golden('session-start-bad-word', await ask('alice', 'dm', '!session_start abc'));
  golden('login-link', await ask('alice', 'dm', '!session_start plum'));
  golden('whoami-without-session', await ask('alice', 'general', '!whoami'));

  await rig.logIn('alice');
  const [, started] = await heard.next(2);
  assert.ok(started !== undefined);
  golden('session-started', [started]);
  golden('whoami', await ask('alice', 'general', '!whoami'));
  golden('help', await ask('alice', 'general', '!help --limit 50'));
  golden('help-filtered', await ask('alice', 'general', '!help --limit 2 run'));
  golden('help-of-an-alias', await ask('alice', 'general', '!help deploy'));
  golden('help-page', await ask('alice', 'general', '!help --limit 3 --offset 3'));
  golden('no-match', await ask('alice', 'general', '!st2 lisst vms'));
  golden('no-command', await ask('alice', 'general', '!helpp'));
  golden('not-admin', await ask('alice', 'general', '!session_list'));
  golden('session-list', await ask('admin', 'general', '!session_list'));
  golden('session-cancelled', await ask('admin', 'general', '!session_cancel alice', 2));
  golden('session-end-without-session', await ask('alice', 'dm', '!session_end'));
});

test('what the bot says of runs', async (t) => {
  const rig = await startBot(t);
  const heard = new Heard(rig);
  await rig.logIn('alice');
  await heard.next(2);
  const run = async (text: string, posts = 3) => {
    await rig.alice.say('general', `!st2 ${text}`);
    return heard.next(posts);
  };
  golden('run-with-format', await run('list vms'));
  golden('run-without-format', await run('localrun uptime'));
  golden('run-that-fails', await run('fail'));
  golden('run-with-colour', await run('status api'));
  golden('ack-of-the-author', await run('deploy api to prod'));
  golden('ack-with-older-fields', await run('pack install'));
  golden('ack-alone', await run('rebuild index', 2));
  golden('refused-by-stackstorm', await run('scale api to many', 1));
});

const execution = {
  id: '6b0315341a5d216f5746d471',
  status: 'succeeded',
  web_url: 'https://st2.example/#/history/6b0315341a5d216f5746d471/general',
  elapsed_seconds: 2.3,
} as const;
const facts = { executionId: execution.id, status: 'succeeded', runBy: 'alice', url: execution.web_url };

test('results and announcements that the demo does not make', () => {
  const long = Array.from({ length: 2000 }, (_, line) => `line ${line} of a log`).join('\n');
  const shell = {
    failed: false,
    succeeded: true,
    return_code: 0,
    stderr: '<!channel> & ```co```',
    stdout: 'up 3 days',
  };
  const result = (value: unknown, maxLength = 100_000) =>
    formatResult({ ...execution, result: value }, 'core.local', 'alice', { maxLength });
  golden('result-shell', [result(shell)]);
  golden('result-json', [result({ count: 2, names: ['web1', 'web2'] })]);
  golden('result-cut', [result({ ...shell, stdout: long }, 1000)]);
  const filed = slackMessage(result({ ...shell, stdout: long }), { files: true });
  assert.deepEqual(faultsIn(filed), []);
  assert.ok(filed.file?.content.includes(long));
  assertGolden('result-as-file', { ...filed, file: { ...filed.file, content: '(the whole, as text)' } });

  const announced = (payload: Parameters<typeof announcementPost>[0], of?: typeof facts): Post => {
    const post = announcementPost(payload, 100_000, of);
    assert.ok(post !== undefined);
    return post;
  };
  const ticket = {
    fallback: 'Ticket ONE-1',
    color: '#042A60',
    title: 'ONE-1',
    title_link: 'https://jira.example/ONE-1',
    fields: [{ title: 'Summary', value: 'It burns', short: false }],
  };
  golden('announcement', [announced({ message: 'Build *42* is <https://ci.example/42|green>{~}```ok```' })]);
  golden('announcement-of-a-value', [announced({ message: { build: 42, shout: '<!here>' } })]);
  golden('announcement-with-attachments', [
    announced({
      message: 'gives way',
      extra: { slack: { attachments: [ticket], username: 'Jira', icon_emoji: ':jira:' } },
    }),
  ]);
  golden('result-with-attachments', [
    announced({ message: 'gives way', extra: { slack: { attachments: [ticket] } } }, facts),
  ]);
  golden('result-with-older-fields', [
    announced({ message: 'Ticket made', extra: { slack: ticket } }, facts),
  ]);
  golden('result-with-blocks', [
    announced(
      {
        message: 'Fallback',
        extra: { slack: { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'Done' } }] } },
      },
      facts,
    ),
  ]);
});

test('what the bot says of trouble', () => {
  const refusal = new StackStormError('rejected', 'POST aliasexecution', {
    status: 400,
    faultstring: 'bad <value>',
    requestId: '1e1089ca',
  });
  golden('trouble', [
    words.unauthorized('!session_start <a word of your choice>'),
    words.forbidden(refusal),
    words.rejected(refusal),
    words.unreachable(),
    words.uncertain('1e1089ca'),
    words.notTaken('1e1089ca'),
    words.cannotTell('1e1089ca'),
    words.wrongAlias('one.reboot', 'other.reboot', execution.id, true),
    words.executionGone('core.local', execution.id),
  ]);
  golden('ack-of-several', [
    groupAcknowledgement(
      [
        { command: 'look up BUG-1', executionId: execution.id },
        { command: 'look up *BUG-2*', state: 'StackStorm refused it' },
      ],
      'alice',
    ),
    finalAcknowledgement('demo.silent', execution.id, 'succeeded', execution.web_url),
  ]);
});
