import { dataSections, isObject } from './data.ts';
import { line, prefixed, type Section } from './section.ts';

/** With more hosts than this only those that failed are shown one by one. */
const mostHosts = 10;

/**
 * One host's result of a shell runner, local, remote or winrm: `{failed, succeeded, return_code, stdout, stderr}`, or a
 * part of it (noop). StackStorm gives output that is JSON as data.
 */
export function isShell(value: Readonly<Record<string, unknown>>): boolean {
  return 'return_code' in value && ('stdout' in value || 'succeeded' in value);
}

/** Each value is one host's: what remote runners answer. */
export function isHosts(value: Readonly<Record<string, unknown>>): boolean {
  const hosts = Object.values(value);
  return hosts.length > 0 && hosts.every(isHost);
}

/** A host that could not be reached has an error in place of a return code. */
function isHost(value: unknown): boolean {
  return isObject(value) && (isShell(value) || ('error' in value && 'failed' in value));
}

export function shellSections(value: Readonly<Record<string, unknown>>): Section[] {
  const failed = hasFailed(value);
  const stdout = dataSections('stdout', value['stdout']);
  const stderr = dataSections('stderr', value['stderr']);
  const sections = [
    ...dataSections('error', value['error']),
    ...(failed ? [...exitLine(value), ...stderr, ...stdout] : [...stdout, ...stderr]),
    ...dataSections('traceback', value['traceback']),
  ];
  const isSilent = stdout.length + stderr.length === 0;
  return isSilent && value['error'] === undefined ? [...sections, line('no output')] : sections;
}

/** Failing hosts first; of many hosts, short answers side by side. */
export function hostSections(hosts: Readonly<Record<string, unknown>>): Section[] {
  const all = Object.entries(hosts).flatMap(([host, value]) => (isObject(value) ? [{ host, value }] : []));
  const [only] = all;
  if (only !== undefined && all.length === 1) return prefixed(only.host, shellSections(only.value));
  const failed = all.filter(({ value }) => hasFailed(value));
  const good = all.filter(({ value }) => !hasFailed(value));
  const names = failed.map(({ host }) => host).join(', ');
  const summary = line(
    failed.length === 0
      ? `all ${all.length} hosts succeeded`
      : `${failed.length} of ${all.length} hosts failed: ${names}`,
  );
  const table = hostTable([...failed, ...good]);
  if (table !== undefined) return [summary, table];
  const shown = all.length > mostHosts && failed.length > 0 ? failed : [...failed, ...good];
  const left = all.length - shown.length;
  return [
    summary,
    ...shown.flatMap(({ host, value }) => prefixed(host, shellSections(value))),
    ...(left === 0 ? [] : [line(`${left} hosts that succeeded are not shown here`)]),
  ];
}

/** One short line of output a host reads best as a table. */
function hostTable(
  hosts: readonly { readonly host: string; readonly value: Readonly<Record<string, unknown>> }[],
): Section | undefined {
  const rows = hosts.map(({ host, value }) => {
    const sections = shellSections(value).filter((section) => section.kind !== 'line');
    const [only] = sections;
    if (sections.length > 1) return undefined;
    if (only === undefined) return [host, textOf(value['return_code']), ''];
    if (only.kind !== 'code' || only.text.includes('\n') || only.text.length > 60) return undefined;
    const output = only.label === 'stdout' ? only.text : `${only.label}: ${only.text}`;
    return [host, textOf(value['return_code']), output];
  });
  const whole = rows.filter((row) => row !== undefined);
  if (whole.length < rows.length) return undefined;
  return { kind: 'table', label: '', columns: ['host', 'exit code', 'output'], rows: whole };
}

function hasFailed(value: Readonly<Record<string, unknown>>): boolean {
  return value['failed'] === true || value['succeeded'] === false || exitLine(value).length > 0;
}

function exitLine(value: Readonly<Record<string, unknown>>): Section[] {
  const exit = value['return_code'];
  return exit === 0 || exit === undefined || exit === null ? [] : [line(`exit code ${textOf(exit)}`)];
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
