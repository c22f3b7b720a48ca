import { type Execution, execution } from '../../src/stackstorm/wire.ts';

/**
 * Ended executions, written by hand in the shapes that the captures and StackStorm's runners have
 * (contrib/runners/*_runner; for Orquesta st2common/services/workflows.py, for action chains
 * contrib/runners/action_chain_runner): none is a recording.
 * @module
 */

function ended(runner: string, status: string, result: unknown, seconds = 1.234): Execution {
  return execution.parse({
    id: '6b0314081a5d216f5746d38e',
    status,
    elapsed_seconds: seconds,
    web_url: 'https://st2.example.com/#/history/6b0314081a5d216f5746d38e/general',
    action: { ref: 'pack.action', runner_type: runner },
    result,
  });
}

function shell(returnCode: number, stdout: unknown, stderr = '') {
  return { failed: returnCode !== 0, succeeded: returnCode === 0, return_code: returnCode, stdout, stderr };
}

const colours =
  '\u001b[1;31mERROR\u001b[0m disk \u001b]8;;https://evil.example\u0007full\u001b]8;;\u0007\u0007';
const mrkdwn = '<!channel> *bold* <https://evil.example|click> ```end``` &amp; <@U024BE7LH>';

export const fixtures: Readonly<Record<string, Execution>> = {
  'local-ok': ended(
    'local-shell-cmd',
    'succeeded',
    shell(0, ' 16:10:51 up 46 min\nload 0.85\n', 'a warning\n'),
  ),
  'local-failed': ended('local-shell-script', 'failed', shell(3, 'before it failed\n', 'no such file\n')),
  'local-silent': ended('local-shell-cmd', 'succeeded', shell(0, '')),
  'local-timeout': ended(
    'local-shell-cmd',
    'timeout',
    {
      ...shell(-9, 'half of it'),
      error: 'Action failed to complete in 60 seconds',
    },
    60.1,
  ),
  'local-json': ended(
    'local-shell-cmd',
    'succeeded',
    shell(0, [
      { pid: 1, name: 'init', up: true },
      { pid: 22, name: 'sshd', up: null },
    ]),
  ),
  'remote-lines': ended('remote-shell-cmd', 'failed', {
    web1: shell(0, 'ok'),
    web2: shell(1, '', 'refused'),
    db1: shell(0, 'ok'),
  }),
  'remote-long': ended('remote-shell-script', 'failed', {
    web1: shell(0, 'one\ntwo'),
    web2: shell(2, 'out', 'first error\nsecond error'),
    web3: { failed: true, succeeded: false, error: 'Unable to connect to the host' },
  }),
  winrm: ended('winrm-ps-cmd', 'failed', shell(1, '', 'Get-Thing : not recognised\r\nAt line:1')),
  'python-value': ended('python-script', 'succeeded', {
    exit_code: 0,
    result: true,
    stdout: '',
    stderr: 'DEBUG value=7\n',
  }),
  'python-table': ended('python-script', 'succeeded', {
    exit_code: 0,
    stdout: '',
    stderr: '',
    result: [
      { name: 'web1', state: 'running', cpu: 0.12, tags: ['a', 'b'] },
      { name: 'データ1', state: 'stopped', cpu: null },
    ],
  }),
  'python-fields': ended('python-script', 'succeeded', {
    exit_code: 0,
    stdout: '',
    stderr: '',
    result: { app: 'api', replicas: 3, healthy: true },
  }),
  'python-nested': ended('python-script', 'succeeded', {
    exit_code: 0,
    stdout: '',
    stderr: '',
    result: { vms: [{ name: 'a', disks: [{ gb: 1 }] }] },
  }),
  'python-failed': ended('python-script', 'failed', {
    exit_code: 1,
    result: 'None',
    stdout: 'printed before\n',
    stderr: 'Traceback (most recent call last):\nRuntimeError: the disk is full\n',
  }),
  'http-json': ended('http-request', 'succeeded', {
    status_code: 200,
    parsed: true,
    headers: { Server: 'nginx' },
    body: [{ id: 1, title: 'x' }],
  }),
  'http-failed': ended('http-request', 'failed', {
    status_code: 503,
    parsed: false,
    headers: {},
    body: 'down for maintenance',
  }),
  'orquesta-ok': ended(
    'orquesta',
    'succeeded',
    { output: { url: 'https://prod.example.com', version: '1.2' } },
    125,
  ),
  'orquesta-failed': ended('orquesta', 'failed', {
    output: null,
    errors: [
      {
        type: 'error',
        task_id: 'deploy',
        message: 'Execution failed. See result for details.',
        result: shell(7, '', 'image not found'),
      },
      {
        type: 'error',
        task_id: 'notify',
        message: "YaqlEvaluationException: Unable to evaluate '<% ctx().nope %>'",
      },
    ],
  }),
  'action-chain-failed': ended('action-chain', 'failed', {
    tasks: [
      {
        id: 'build',
        name: 'build',
        action: 'ci.build',
        state: 'succeeded',
        created_at: '2026-11-22T16:10:51.0Z',
        updated_at: '2026-11-22T16:10:55.5Z',
        result: shell(0, 'built'),
      },
      {
        id: 'test',
        name: 'test',
        action: 'ci.test',
        state: 'failed',
        created_at: '2026-11-22T16:10:56.0Z',
        updated_at: '2026-11-22T16:11:06.0Z',
        result: shell(1, '', '3 tests failed'),
      },
    ],
  }),
  'mistral-failed': ended('mistral-v2', 'failed', {
    extra: { state: 'ERROR', state_info: null },
    tasks: [
      { id: '1', name: 'ask', state: 'SUCCESS', result: 'yes' },
      { id: '2', name: 'act', state: 'ERROR', result: 'no such host' },
    ],
  }),
  'inquiry-answered': ended('inquirer', 'succeeded', {
    schema: { type: 'object' },
    roles: [],
    users: [],
    route: '',
    ttl: 1440,
    response: { approve: true, reason: 'none' },
  }),
  'inquiry-timeout': ended(
    'inquirer',
    'timeout',
    { schema: {}, roles: [], users: [], route: '', ttl: 60 },
    3600,
  ),
  noop: ended('noop', 'succeeded', { failed: false, succeeded: true, return_code: 0 }),
  announcement: ended('announcement', 'succeeded', {
    output: { message: 'hello' },
    message: 'hello',
    channel: 'C1',
    user: null,
    whisper: false,
  }),
  'never-started': ended(
    'local-shell-cmd',
    'failed',
    { error: 'Failed to render parameter', traceback: 'Traceback …\n' },
    0,
  ),
  canceled: ended('local-shell-cmd', 'canceled', { message: 'Action canceled by user.', user: 'alice' }),
  'no-result': ended('local-shell-cmd', 'abandoned', undefined),
  text: ended('own-runner', 'succeeded', 'not JSON at all'),
  colours: ended('local-shell-cmd', 'failed', shell(1, '10 %\r50 %\r100 %\r\ndone', colours)),
  mrkdwn: ended('python-script', 'succeeded', {
    exit_code: 0,
    result: { note: mrkdwn },
    stdout: mrkdwn,
    stderr: '',
  }),
};

export const deployTasks = [
  { name: 'build', status: 'succeeded', action: 'ci.build', seconds: 3.2 },
  { name: 'deploy', status: 'failed', action: 'core.remote', seconds: 61 },
  { name: 'notify', status: 'failed', action: 'chatops.post_message' },
];
