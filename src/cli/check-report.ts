import { printable } from './printable.ts';

/** How one thing that `check` looked at stands. */
export type CheckState = 'ok' | 'note' | 'warning' | 'failed' | 'skipped';

export interface CheckRow {
  readonly state: CheckState;
  /** What was looked at, in few words. */
  readonly what: string;
  /** What was found, and where it is not good, what to do. */
  readonly detail: string;
}

const words: Readonly<Record<CheckState, string>> = {
  ok: 'ok',
  note: '-',
  warning: 'WARNING',
  failed: 'FAILED',
  skipped: 'not tried',
};

/** The rows as a table of three columns; long details go on under themselves. */
export function checkTable(rows: readonly CheckRow[], width = 100): string {
  const state = Math.max(...rows.map((row) => words[row.state].length), 0);
  const what = Math.max(...rows.map((row) => row.what.length), 0);
  const indent = ' '.repeat(state + what + 4);
  return rows
    .map((row) => {
      const head = `${words[row.state].padEnd(state)}  ${row.what.padEnd(what)}  `;
      return head + folded(printable(row.detail), Math.max(width - indent.length, 40)).join(`\n${indent}`);
    })
    .map((line) => line.trimEnd())
    .join('\n');
}

/** One line about all rows. */
export function checkSummary(rows: readonly CheckRow[]): string {
  const failed = rows.filter(({ state }) => state === 'failed').length;
  const warnings = rows.filter(({ state }) => state === 'warning').length;
  const parts = [
    failed === 0 ? 'Everything that was tried works' : `${failed} of ${rows.length} failed`,
    ...(warnings === 0 ? [] : [`${warnings} to be warned about`]),
  ];
  return `${parts.join('; ')}.`;
}

function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines;
}
