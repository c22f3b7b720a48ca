import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asker, ChatError, chatUserKey } from '../../src/chat/chat.ts';
import { Access, type AccessView } from '../../src/commands/access.ts';
import { type AccessRule, globTest } from '../../src/commands/access-rules.ts';

type Who = Pick<Asker, 'userKind' | 'channelKind'> & {
  readonly id?: string;
  readonly workspace?: string;
  readonly channel?: string;
};

function asker({ id = 'U1', workspace = 'T1', channel = 'C1', ...kinds }: Who = {}): Asker {
  const kind = kinds.channelKind === 'direct' ? 'direct' : 'channel';
  return {
    user: { platform: 'slack', workspace, id },
    place: { platform: 'slack', workspace: 'T1', channel, kind },
    ...kinds,
  };
}

const noGroups = () => assert.fail('groups were read');

function access(
  rules: readonly AccessRule[],
  groupsOf: () => Promise<readonly string[]> = async () => noGroups(),
  standard: 'allow' | 'deny' = 'allow',
) {
  return new Access({ admins: [], globalAdmins: [], default: standard, rules }, groupsOf);
}

/** At once: a promise here is a failure. */
function viewNow(rules: readonly AccessRule[], who?: Who, standard?: 'allow' | 'deny'): AccessView {
  const view = access(rules, undefined, standard).viewFor(asker(who));
  assert.ok(!(view instanceof Promise), 'the view had to be waited for');
  return view;
}

const number = (decision: { readonly rule?: { readonly number: number } }) => decision.rule?.number;

test('globs', () => {
  for (const [glob, text, fits] of [
    ['demo.deploy', 'demo.deploy', true],
    ['demo.deploy', 'demo.deploy2', false],
    ['demo.deploy', 'a.demo.deploy', false],
    ['demo.*', 'demo.', true],
    ['demo.*', 'demo.a.b', true],
    ['demo.*', 'demos.a', false],
    ['*', '', true],
    ['*', 'whatever.it is', true],
    ['*.deploy', 'demo.deploy', true],
    ['*.deploy*', 'demo.redeploy', false],
    ['*de*oy*', 'demo.deploy', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?', 'a😀', true],
    ['a+(b)[c]|$', 'a+(b)[c]|$', true],
    ['[ab]', 'a', false],
    ['Demo.*', 'demo.x', false],
    ['', '', true],
    ['?*', '', false],
    ['**a**', 'bab', true],
  ] as const) {
    assert.equal(globTest(glob)(text), fits, `${glob} ${text}`);
  }
});

test('a glob made to take long takes no time', () => {
  const test = globTest(`${'*a'.repeat(100)}b`);
  const started = performance.now();
  assert.equal(test('a'.repeat(20_000)), false);
  assert.ok(performance.now() - started < 1_000);
});

test('the first rule that fits decides; else the default', () => {
  const rules = [{ allow: ['demo.list_*'] }, { deny: ['demo.*'], name: 'not the rest' }, { allow: ['*'] }];
  for (const standard of ['allow', 'deny'] as const) {
    const view = viewNow(rules.slice(0, 2), {}, standard);
    assert.deepEqual([view.alias('demo.list_vms').allowed, number(view.alias('demo.list_vms'))], [true, 1]);
    assert.deepEqual([view.alias('demo.run').allowed, number(view.alias('demo.run'))], [false, 2]);
    assert.deepEqual(
      [view.alias('core.x').allowed, number(view.alias('core.x'))],
      [standard === 'allow', undefined],
    );
  }
  assert.equal(number(viewNow(rules).alias('core.x')), 3);
});

test('every condition must hold; lists hold when one of them does', () => {
  const rule = {
    deny: ['a.b', 'a.c'],
    users: ['U1', 'slack:T1:U2'],
    channels: ['C1', 'C2'],
    channelKinds: ['public', 'private'],
  } as const;
  const denied = (who: Who, ref = 'a.b') => !viewNow([rule], who).alias(ref).allowed;
  assert.ok(denied({}));
  assert.ok(denied({ channel: 'C2', channelKind: 'private' }, 'a.c'));
  assert.ok(denied({ id: 'U2' }));
  assert.ok(!denied({ id: 'U2', workspace: 'T2' }), 'the same id of another workspace is somebody else');
  assert.ok(denied({ id: 'U1', workspace: 'T2' }), 'an id alone is of any workspace');
  assert.ok(!denied({ id: 'U3' }));
  assert.ok(!denied({ channel: 'C3' }));
  assert.ok(!denied({ channelKind: 'group' }));
  assert.ok(!denied({ channelKind: 'direct' }));
  assert.ok(!denied({}, 'a.d'));
});

test('who is no member is refused, unless an allow names their kind; a deny without kinds is for all', () => {
  for (const userKind of ['guest', 'stranger', 'bot'] as const) {
    const none = viewNow([{ allow: ['*'] }, { deny: ['x.*'] }], { userKind });
    assert.equal(none.isServed, false);
    assert.equal(none.alias('a.b').allowed, false);
    assert.equal(none.command('help').allowed, false);
    const rules = [
      { deny: ['a.secret'] },
      { allow: ['*'] },
      { allow: ['a.*', 'help'], userKinds: [userKind], channels: ['C1'] },
    ];
    const view = viewNow(rules, { userKind });
    assert.equal(view.isServed, true);
    assert.deepEqual([view.alias('a.b').allowed, number(view.alias('a.b'))], [true, 3]);
    assert.deepEqual([view.alias('a.secret').allowed, number(view.alias('a.secret'))], [false, 1]);
    assert.equal(view.alias('b.b').allowed, false);
    assert.deepEqual([view.command('help').allowed, view.command('whoami').allowed], [true, false]);
    assert.equal(viewNow(rules, { userKind, channel: 'C2' }).isServed, false);
  }
});

test('the bot’s own commands are a member’s, unless a deny names them by letters', () => {
  const view = viewNow([{ deny: ['*', '?????'] }, { deny: ['session_l*'] }], {}, 'deny');
  assert.equal(view.alias('a.b').allowed, false);
  for (const name of ['help', 'whoami', 'session_start', 'session_end'])
    assert.ok(view.command(name).allowed, name);
  assert.deepEqual([view.command('session_list').allowed, number(view.command('session_list'))], [false, 2]);
});

test('groups are read only where a rule that could fit asks for them', async () => {
  const rules = [{ allow: ['a.*'], groups: ['S1', 'S2'], channels: ['C1'] }, { deny: ['a.*'] }];
  assert.equal(viewNow(rules, { channel: 'C2' }).alias('a.b').allowed, false);
  const asked: string[] = [];
  const inGroup = new Access({ admins: [], globalAdmins: [], default: 'allow', rules }, async (user) => {
    asked.push(chatUserKey(user));
    return user.id === 'U1' ? ['S2', 'S9'] : ['S9'];
  });
  assert.equal((await inGroup.viewFor(asker())).alias('a.b').allowed, true);
  assert.equal((await inGroup.viewFor(asker({ id: 'U2' }))).alias('a.b').allowed, false);
  assert.deepEqual(asked, ['slack:T1:U1', 'slack:T1:U2']);
});

test('groups that cannot be read: a rule about groups fits to deny, not to allow', async () => {
  const unreadable = async () => {
    throw new ChatError('unavailable', 'internal_error');
  };
  const allowing = await access([{ allow: ['a.*'], groups: ['S1'] }], unreadable, 'deny').viewFor(asker());
  const decision = allowing.alias('a.b');
  assert.deepEqual([decision.allowed, decision.withoutGroups], [false, true]);
  const denying = await access([{ deny: ['a.*'], groups: ['S1'] }], unreadable).viewFor(asker());
  assert.equal(denying.alias('a.b').allowed, false);
  assert.equal(denying.alias('b.b').allowed, true);
});
