/** What a command line came to. */
export interface ShellRun {
  readonly returnCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/**
 * A shell that runs nothing: it answers a few commands as a host of the demo would, so that a chat can be tried without
 * any command reaching this machine.
 */
export function runShell(command: string, host: string): ShellRun {
  const line = command.trim().replace(/^(['"])(.*)\1$/s, '$2');
  const [program = '', ...rest] = line.split(/\s+/);
  const argument = line.slice(program.length).trim();
  switch (program) {
    case 'echo':
      return printed(argument.replace(/^(['"])(.*)\1$/s, '$2'));
    case 'hostname':
      return printed(host);
    case 'whoami':
      return printed('stanley');
    case 'uptime':
      return printed(' 10:14:07 up 41 days,  3:12,  0 users,  load average: 0.08, 0.11, 0.09');
    case 'date':
      return printed('Sun Nov 22 10:14:07 UTC 2026');
    case 'true':
      return printed('');
    case 'false':
      return failed(1, '');
    case 'exit':
      return Number(rest[0] ?? 0) === 0 ? printed('') : failed(Number(rest[0]) || 2, '');
    case 'sleep':
      return { ...printed(''), seconds: Math.min(Math.max(Number(rest[0]) || 0, 0), 86_400) };
    case 'df':
      return printed(
        'Filesystem      Size  Used Avail Use% Mounted on\n/dev/vda1        40G   12G   28G  30% /',
      );
    case 'ls':
    case 'cat':
      return failed(2, `${program}: cannot access '${rest.at(-1) ?? '.'}': No such file or directory`);
    default:
      return failed(127, `bash: line 1: ${program}: command not found`);
  }
}

function printed(stdout: string): ShellRun {
  return { returnCode: 0, stdout, stderr: '', seconds: 0 };
}

function failed(returnCode: number, stderr: string): ShellRun {
  return { returnCode, stdout: '', stderr, seconds: 0 };
}
