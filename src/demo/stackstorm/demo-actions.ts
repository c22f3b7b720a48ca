import { release } from './demo-release.ts';
import { rollOut } from './demo-roll-out.ts';
import type { ActionSeed, RunnerSeed } from './packs.ts';
import { python, type Run, succeeded } from './runners.ts';

/** The runners of StackStorm that the demo's actions use, with the parameters that a person may meet. */
export const stockRunners: readonly RunnerSeed[] = [
  {
    name: 'noop',
    description: 'A runner that returns a static response regardless of input parameters',
    runner_package: 'noop_runner',
    runner_module: 'noop_runner',
    runner_parameters: {},
  },
  shellRunner('local-shell-cmd', 'A runner to execute local actions as a fixed user.', 'local_runner', {}),
  shellRunner(
    'remote-shell-cmd',
    'A remote execution runner that executes commands on hosts.',
    'remote_runner',
    {
      hosts: { description: 'A comma delimited string of a list of hosts.', type: 'string', required: true },
    },
  ),
  {
    name: 'python-script',
    description: 'A runner for launching python actions.',
    runner_package: 'python_runner',
    runner_module: 'python_runner',
    runner_parameters: {
      timeout: { default: 600, type: 'integer', description: 'Action timeout in seconds.' },
    },
  },
  {
    name: 'http-request',
    description: 'A HTTP client for running HTTP actions.',
    runner_package: 'http_runner',
    runner_module: 'http_runner',
    runner_parameters: { url: { type: 'string', description: 'URL to the HTTP endpoint.', required: true } },
  },
  {
    name: 'announcement',
    description: 'A runner for emitting an announcement event on the stream.',
    runner_package: 'announcement_runner',
    runner_module: 'announcement_runner',
    runner_parameters: {
      experimental: { default: false, type: 'boolean', required: true },
      route: { default: 'general', type: 'string' },
    },
  },
  {
    name: 'orquesta',
    description: 'A runner for executing orquesta workflow.',
    runner_package: 'orquesta_runner',
    runner_module: 'orquesta_runner',
    runner_parameters: {},
  },
  {
    name: 'inquirer',
    description: 'A runner for Inquiries',
    runner_package: 'inquirer_runner',
    runner_module: 'inquirer_runner',
    runner_parameters: {
      schema: {
        default: {
          title: 'response_data',
          type: 'object',
          properties: {
            continue: {
              type: 'boolean',
              description: 'Would you like to continue the workflow?',
              required: true,
            },
          },
        },
        required: true,
        description: 'A JSON schema that will be used to validate the response data',
        type: 'object',
      },
      route: { default: '', required: false, type: 'string' },
      roles: { default: [], required: false, type: 'array' },
      users: { default: [], required: false, type: 'array' },
      ttl: { default: 1440, required: true, description: 'Time (in minutes) to wait.', type: 'integer' },
    },
  },
];

function shellRunner(
  name: string,
  description: string,
  module: string,
  more: RunnerSeed['runner_parameters'],
): RunnerSeed {
  return {
    name,
    description,
    runner_package: module,
    runner_module: module,
    runner_parameters: {
      cmd: { description: 'Arbitrary Linux command to be executed on the host.', type: 'string' },
      cwd: {
        description: 'Working directory where the command will be executed in',
        type: 'string',
      },
      env: { description: 'Environment variables which will be available to the command', type: 'object' },
      kwarg_op: { default: '--', description: 'Operator to use in front of keyword args.', type: 'string' },
      sudo: { default: false, description: 'The command will be executed with sudo.', type: 'boolean' },
      sudo_password: { default: null, type: 'string', secret: true, required: false },
      timeout: { default: 60, description: 'Action timeout in seconds.', type: 'integer' },
      ...more,
    },
  };
}

/** Actions of StackStorm's own packs. */
export const stockActions: readonly ActionSeed[] = [
  {
    pack: 'core',
    name: 'noop',
    description: 'Action that does nothing',
    runner_type: 'noop',
    metadata_file: 'actions/noop.yaml',
  },
  {
    pack: 'core',
    name: 'local',
    description: 'Action that executes an arbitrary Linux command on the localhost.',
    runner_type: 'local-shell-cmd',
    metadata_file: 'actions/local.yaml',
    parameters: {
      cmd: {
        description: 'Arbitrary Linux command to be executed on the local host.',
        required: true,
        type: 'string',
      },
      sudo: { immutable: true },
    },
  },
  {
    pack: 'core',
    name: 'ask',
    description: 'Action for initiating an Inquiry (usually in a workflow)',
    runner_type: 'inquirer',
    metadata_file: 'actions/ask.yaml',
  },
  {
    pack: 'chatops',
    name: 'post_message',
    description: 'Post a message to stream for chatops',
    runner_type: 'announcement',
    metadata_file: 'actions/post_message.yaml',
    parameters: {
      experimental: { immutable: true, default: true },
      route: { default: 'chatops' },
      user: { type: 'string', description: 'Explicitly notify a user', default: null },
      whisper: { type: 'boolean', description: 'Send a private message to user', default: false },
      message: { type: 'string', description: 'Message to send.', required: true },
      channel: { type: 'string', description: 'Channel to post to', required: true },
      context: { type: 'object', description: 'Context for channel', required: false, default: null },
      extra: { type: 'object', description: 'Extra adapter-specific parameters.', default: null },
    },
  },
];

/** Actions of the demo's own pack. */
export const demoActions: readonly ActionSeed[] = [
  action('list_vms', 'python-script', 'Lists the virtual machines of the demo'),
  action('run', 'remote-shell-cmd', 'Runs a command on hosts', {
    cmd: { type: 'string', required: true },
  }),
  action('deploy', 'python-script', 'Deploys an application', {
    app: { type: 'string', required: true },
    env: { type: 'string', default: 'staging', enum: ['staging', 'prod'] },
    version: { type: 'string', default: 'latest' },
  }),
  action('scale', 'python-script', 'Sets how many instances of an application run', {
    app: { type: 'string', required: true },
    count: { type: 'integer', required: true, minimum: 0 },
  }),
  action('status', 'python-script', 'Tells how a service does', {
    service: { type: 'string', required: true },
  }),
  action('wait', 'python-script', 'Runs for some seconds', {
    seconds: { type: 'integer', default: 5, minimum: 0 },
  }),
  action('fail', 'python-script', 'Always fails'),
  action('time_out', 'python-script', 'Runs into its time limit'),
  action('dump', 'python-script', 'Answers a megabyte of text'),
  action('rotate', 'python-script', 'Sets the password of a database', {
    database: { type: 'string', required: true },
    password: { type: 'string', required: true, secret: true },
  }),
  action('look_up', 'python-script', 'Looks up an issue', { issue: { type: 'string', required: true } }),
  action('page', 'python-script', 'Pages somebody', {
    team: { type: 'string' },
    person: { type: 'string' },
  }),
  action('fetch', 'http-request', 'Fetches a page'),
  action('approve', 'inquirer', 'Asks for an approval', { change: { type: 'string', required: true } }),
  action('roll_out', 'orquesta', 'Rolls a version out to production, and asks why and whether to go on', {
    app: { type: 'string', required: true },
    version: { type: 'string', required: true },
  }),
  action('release', 'orquesta', 'Releases an application, and asks how and whether to go on', {
    app: { type: 'string', required: true },
  }),
];

function action(
  name: string,
  runner: string,
  description: string,
  parameters: NonNullable<ActionSeed['parameters']> = {},
): ActionSeed {
  return { pack: 'demo', name, runner_type: runner, description, parameters };
}

const vms = [
  { name: 'web1', state: 'running', cpu: '12 %' },
  { name: 'web2', state: 'running', cpu: '9 %' },
  { name: 'db1', state: 'running', cpu: '41 %' },
  { name: 'batch7', state: 'stopped', cpu: '0 %' },
];
const megabyteLine = 'x'.repeat(1_023);

/** What the demo's actions come to; an action that is not named here is run by its runner. */
export const demoRuns: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['demo.list_vms', (_, base) => succeeded(python(vms), base)],
  [
    'demo.deploy',
    ({ app, env, version }, base) =>
      succeeded(
        python({ app, env, version, url: `https://${String(env)}.example.com/${String(app)}` }),
        base * 3,
      ),
  ],
  [
    'demo.scale',
    ({ app, count }, base) => succeeded(python(`${String(app)} runs ${String(count)} times`), base),
  ],
  ['demo.status', ({ service }, base) => succeeded(python({ service, healthy: true }), base)],
  [
    'demo.wait',
    ({ seconds }) => {
      const shown = Math.min(Number(seconds), 60);
      const lines = Array.from({ length: shown }, (_, at) => `${at + 1} of ${String(seconds)} s`);
      return succeeded(python(`waited ${String(seconds)} s`, lines.join('\n')), Number(seconds) * 1000);
    },
  ],
  [
    'demo.fail',
    (_, base) => ({
      status: 'failed',
      result: python(null, '', 'Traceback (most recent call last):\nRuntimeError: the disk is full\n', 1),
      takesMs: base,
    }),
  ],
  [
    'demo.time_out',
    (_, base) => ({
      status: 'timeout',
      result: {
        ...python(null, '', '', -9),
        error: 'Action failed to complete in 1 seconds',
      },
      takesMs: base * 2,
    }),
  ],
  [
    'demo.dump',
    (_, base) => succeeded(python(null, Array.from({ length: 1_024 }, () => megabyteLine).join('\n')), base),
  ],
  [
    'demo.rotate',
    ({ database }, base) => succeeded(python(`${String(database)} has its new password`), base),
  ],
  ['demo.look_up', ({ issue }, base) => succeeded(python({ issue, state: 'open' }), base)],
  ['demo.page', (_, base) => succeeded(python('paged'), base)],
  ['demo.release', release],
  ['demo.roll_out', rollOut],
]);
