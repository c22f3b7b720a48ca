import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatResult, middleCut, sectionsOf } from '../../src/executions/format-result.ts';
import { hasNotifyRule } from '../../src/executions/notify-rules.ts';
import { execution } from '../../src/stackstorm/wire.ts';
import { notifyRule } from '../support/scripted-stackstorm.ts';
import { needsShared, readSharedJson } from '../support/shared.ts';

const ended = {
  id: '6b03',
  status: 'succeeded',
  elapsed_seconds: 61.4,
  web_url: 'https://st2/#/history/6b03/general',
};
const options = { maxLength: 1000 };

for (const [name, result, sections] of [
  [
    'a local shell',
    { stdout: 'hi\n', stderr: '', return_code: 0, failed: false, succeeded: true },
    [{ label: 'stdout', text: 'hi' }],
  ],
  [
    'a local shell that failed',
    { stdout: '', stderr: 'oops', return_code: 3, failed: true, succeeded: false },
    [
      { label: 'stderr', text: 'oops' },
      { label: 'return code 3', text: '' },
    ],
  ],
  [
    'a shell that says nothing',
    { stdout: '', stderr: '', return_code: 0 },
    [{ label: 'no output', text: '' }],
  ],
  [
    'remote shells',
    { web1: { stdout: 'a', stderr: '', return_code: 0 }, web2: { stdout: '', stderr: 'b', return_code: 1 } },
    [
      { label: 'web1: stdout', text: 'a' },
      { label: 'web2: stderr', text: 'b' },
      { label: 'web2: return code 1', text: '' },
    ],
  ],
  [
    'Python',
    { exit_code: 0, result: { vms: ['a'] }, stdout: '', stderr: 'log\n' },
    [
      { label: 'result', text: '{\n  "vms": [\n    "a"\n  ]\n}' },
      { label: 'stderr', text: 'log' },
    ],
  ],
  [
    'HTTP',
    { status_code: 200, body: 'BLAH', headers: {}, parsed: false },
    [
      { label: 'HTTP 200', text: '' },
      { label: 'body', text: 'BLAH' },
    ],
  ],
  [
    'an error',
    { error: 'no such host', traceback: 'Traceback …' },
    [
      { label: 'error', text: 'no such host' },
      { label: 'traceback', text: 'Traceback …' },
    ],
  ],
  ['a workflow', { output: { vm: 'a' }, errors: [] }, [{ label: 'output', text: '{\n  "vm": "a"\n}' }]],
  ['a list', [1, 2], [{ label: '', text: '[\n  1,\n  2\n]' }]],
  ['a text', 'plain', [{ label: '', text: 'plain' }]],
  ['nothing', undefined, []],
  ['null', null, []],
] as const) {
  test(`the result of ${name} reads as text`, () => {
    assert.deepEqual(sectionsOf(result), sections);
  });
}

test('a result names status, time, execution, account and address', () => {
  const post = formatResult({ ...ended, result: 'done' }, 'core.local', 'alice', options);
  assert.equal(
    post.text,
    'core.local: succeeded after 1 min 1 s\ndone\nexecution 6b03 · run as alice · https://st2/#/history/6b03/general',
  );
  const elsewhere = formatResult(ended, 'core.local', undefined, { ...options, webUrl: 'https://web/' });
  assert.match(elsewhere.text, /https:\/\/web\/#\/history\/6b03\/general/);
  const none = formatResult({ ...ended, web_url: 'javascript:alert(1)' }, 'core.local', undefined, options);
  assert.doesNotMatch(none.text, /javascript/);
});

test('a result of 1 MB is cut, with its beginning, its end and the way to the whole', () => {
  const stdout = `first line\n${'x'.repeat(1024 * 1024)}\nlast line`;
  const post = formatResult(
    { ...ended, result: { stdout, stderr: 'late', return_code: 0 } },
    'core.local',
    'alice',
    options,
  );
  assert.ok(post.text.length < 1500, String(post.text.length));
  assert.match(post.text, /first line/);
  assert.match(post.text, /characters left out[\s\S]*last line/);
  assert.match(post.text, /The whole: https:\/\/st2\/#\/history\/6b03\/general/);
  const { web_url: _, ...noAddress } = ended;
  assert.match(
    formatResult({ ...noAddress, result: stdout }, 'core.local', undefined, options).text,
    /The whole: st2 execution get 6b03/,
  );
});

test('a cut never divides a character', () => {
  const cut = middleCut('😀'.repeat(500), 301);
  assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(cut));
});

test('the recorded executions of each runner read as text', needsShared, () => {
  const texts = ['http', 'local_cmd', 'python_action', 'remote_cmd'].map((name) => {
    const recorded = execution.parse(readSharedJson(`stackstorm/executions/${name}_execution.json`));
    return formatResult(recorded, 'alias', undefined, options).text;
  });
  assert.match(texts[0] ?? '', /HTTP 200\nbody\nBLAH BLAH BLAH/);
  assert.match(texts[1] ?? '', /stdout\nThu Jul 28/);
  assert.match(texts[2] ?? '', /result\ntrue\nstderr/);
  assert.match(texts[3] ?? '', /localhost: stdout\nMon Jul 25/);
});

test('a rule for our route is one that StackStorm would fire', () => {
  assert.equal(hasNotifyRule([], 'errbot'), false);
  const rule = { ref: 'a', enabled: true };
  const rules = (more: Record<string, unknown>) => [
    { ...rule, ...notifyRule('errbot'), ref: 'a', enabled: true, ...more },
  ];
  assert.equal(hasNotifyRule(rules({}), 'errbot'), true);
  assert.equal(hasNotifyRule(rules({}), 'hubot'), false);
  assert.equal(hasNotifyRule(rules({ enabled: false }), 'errbot'), false);
  assert.equal(hasNotifyRule(rules({ criteria: {} }), 'anything'), true);
  assert.equal(hasNotifyRule(rules({ criteria: null }), 'anything'), true);
  assert.equal(hasNotifyRule(rules({ trigger: 'core.st2.generic.notifytrigger' }), 'errbot'), true);
  assert.equal(hasNotifyRule(rules({ trigger: { type: 'core.st2.webhook' } }), 'errbot'), false);
  const criteria = (type: string, pattern: string) => ({ criteria: { 'trigger.route': { type, pattern } } });
  assert.equal(hasNotifyRule(rules(criteria('iequals', 'ERRBOT')), 'errbot'), true);
  assert.equal(hasNotifyRule(rules(criteria('matchregex', 'err.*')), 'errbot'), true);
});
