import type { AliasSeed } from './packs.ts';

/** An alias for each thing that an alias can do, so that the demo and the tests meet all of them. */
export const demoAliases: readonly AliasSeed[] = [
  alias('list_vms', 'demo.list_vms', 'List the virtual machines', ['list vms'], {
    result: {
      format:
        '{{ execution.status }}: {{ execution.result.result | length }} machines{~}{% for vm in execution.result.result %}\n• {{ vm.name }} {{ vm.state }} ({{ vm.cpu }})\n{% endfor %}\n',
    },
  }),
  alias('run', 'demo.run', 'Run a command on hosts', ['run {{cmd}} on {{hosts}}']),
  alias('run_local', 'core.local', 'Run a command on the StackStorm host', ['localrun {{cmd}}']),
  alias(
    'deploy',
    'demo.deploy',
    'Deploy an application',
    [
      {
        display: 'deploy <app> to <env>',
        representation: ['deploy {{app}} to {{env=staging}}', 'ship {{app}} to {{env=staging}}'],
      },
    ],
    {
      ack: { format: 'Deploying `{{ execution.parameters.app }}` as {{ execution.context.user }}.' },
    },
  ),
  alias('scale', 'demo.scale', 'Set how many instances run', ['scale {{app}} to {{count}}']),
  alias('status', 'demo.status', 'How a service does', ['status {{service}}'], {
    result: {
      format:
        '{{ execution.parameters.service }} is {% if execution.status == "succeeded" %}healthy{% else %}not known{% endif %} ({{ execution.status }}){~}Asked by {{ execution.context.user }}.',
      extra: {
        slack: { color: "{% if execution.status == 'succeeded' %}good{% else %}danger{% endif %}" },
      },
    },
  }),
  alias('hello', 'core.noop', 'Do nothing, politely', ['hello']),
  alias('quiet', 'core.noop', 'No acknowledgement, only the result', ['ping quietly'], {
    ack: { enabled: false },
  }),
  alias('pack_install', 'core.noop', 'An acknowledgement without a link, with a colour', ['pack install'], {
    ack: {
      format: 'Installing the requested pack(s) for you.',
      append_url: false,
      extra: { slack: { color: '#439FE0', footer: 'execution {{ execution.id }}' } },
    },
  }),
  alias('silent', 'core.noop', 'No result is posted', ['rebuild index'], { result: { enabled: false } }),
  alias('wait', 'demo.wait', 'Run for some seconds', ['wait {{seconds=5}} seconds', 'wait']),
  alias('fail', 'demo.fail', 'Fail', ['fail']),
  alias('time_out', 'demo.time_out', 'Run into a time limit', ['time out']),
  alias('dump', 'demo.dump', 'Answer a megabyte', ['dump everything']),
  alias('rotate', 'demo.rotate', 'Set a password', ['rotate {{database}} {{password}}']),
  alias('fetch', 'demo.fetch', 'Fetch a page', ['fetch {{url}}']),
  alias('approve', 'demo.approve', 'Ask for an approval', ['approve {{change}}'], {
    immutable_parameters: {
      schema: {
        type: 'object',
        properties: { approve: { type: 'boolean', description: 'Go ahead?', required: true } },
      },
    },
  }),
  alias('release', 'demo.release', 'Release an application: asks how, deploys, asks whether to go on', [
    'release {{app}}',
  ]),
  alias('roll_out', 'demo.roll_out', 'Roll a version out: needs an approval, asks why, then for a go', [
    { display: 'roll out <app> <version>', representation: ['roll out {{app}} {{version}}'] },
  ]),
  alias('whoami', 'core.local', 'Who StackStorm says is asking', ['who asks'], {
    immutable_parameters: { cmd: 'echo {{ user }}' },
  }),
  alias('post', 'chatops.post_message', 'Post a message to a channel', ['post {{message}} in {{channel}}']),
  alias('look_up', 'demo.look_up', 'Look up every issue that a text names', [
    {
      display: 'a text that names BUG-1, BUG-2, ...',
      representation: [String.raw`(?:\b|^)(?P<issue>BUG-[0-9]+)(?:\b|$)`],
      match_multiple: true,
    },
  ]),
  alias('page_team', 'demo.page', 'Page a team', ['page {{team}}']),
  alias('page_person', 'demo.page', 'Page a person', ['page {{person}}']),
  alias('wipe', 'core.local', 'Not to be used', ['wipe {{cmd}}'], { enabled: false }),
  alias('reboot', 'core.noop', 'Reboot, the new way', ['reboot now']),
  { ...alias('reboot', 'core.noop', 'Reboot, the old way', ['old reboot']), pack: 'demo_legacy' },
];

function alias(
  name: string,
  action: string,
  description: string,
  formats: AliasSeed['formats'],
  more: Partial<AliasSeed> = {},
): AliasSeed {
  return { pack: 'demo', name, action_ref: action, description, formats, ...more };
}
