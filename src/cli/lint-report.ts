import type { Finding, LintReport } from '../aliases/lint/finding.ts';
import { printable } from './printable.ts';

/** Conflicts of one pattern that are shown; --json has all. */
const mostShown = 3;
/** Characters of a column that others are aligned to; longer ones stand out. */
const widest = 80;

type Row = readonly [alias: string, pattern: string, example: string];

/** The findings for a person: one table for each thing that is wrong, worst first, and one line about all. */
export function lintText(report: LintReport): string {
  const groups = new Map<string, Finding[]>();
  for (const finding of report.findings) {
    const key = printable(`${finding.severity} ${finding.kind}: ${finding.detail}`);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const tables = [...groups].map(([title, findings]) => `${title}\n${table(findings.flatMap(rowsOf))}`);
  return [...tables, summary(report)].join('\n\n');
}

function rowsOf({ kind, ref, representation, example, others }: Finding): Row[] {
  const shown = others.slice(0, mostShown);
  const more = others.length - shown.length;
  // An ambiguous pattern has an example with each of the others.
  const own = kind === 'ambiguous' ? '' : quoted(example);
  return [
    [printable(ref), quoted(representation), own],
    ...shown.map(
      (other): Row => [
        `  with ${printable(other.ref)}`,
        quoted(other.representation),
        kind === 'ambiguous' ? quoted(other.example) : '',
      ],
    ),
    ...(more > 0 ? [[`  and ${more} more`, '', ''] satisfies Row] : []),
  ];
}

function table(rows: readonly Row[]): string {
  const all: readonly Row[] = [['alias', 'pattern', 'example command'], ...rows];
  const width = (column: 0 | 1) =>
    Math.max(...all.map((row) => row[column].length).filter((length) => length <= widest));
  const [first, second] = [width(0), width(1)];
  return all
    .map(([alias, pattern, example]) =>
      `  ${alias.padEnd(first)}  ${pattern.padEnd(second)}  ${example}`.trimEnd(),
    )
    .join('\n');
}

function summary({ aliases, patterns, errors, warnings, undecided }: LintReport): string {
  const read = `${count(aliases, 'alias', 'aliases')} with ${count(patterns, 'pattern', 'patterns')} read`;
  const found = `${count(errors, 'error', 'errors')}, ${count(warnings, 'warning', 'warnings')}`;
  const open =
    undecided === 0
      ? ''
      : ` ${count(undecided, 'comparison', 'comparisons')} could not be brought to an end.`;
  return `${read}: ${found}.${open}`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function quoted(text: string): string {
  return printable(JSON.stringify(text));
}
