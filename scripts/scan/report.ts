/** A part of what was found: a table, and what in it is not as it should be. */
export interface Part {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly faults: readonly string[];
}

/** The parts as Markdown, and what is to be said at the end. */
export function report(parts: readonly Part[]): string {
  const faults = parts.flatMap((part) => part.faults);
  const end =
    faults.length === 0
      ? 'Everything is as it should be.'
      : [`**${faults.length} not as it should be:**`, '', ...faults.map((fault) => `- ${fault}`)].join('\n');
  return [...parts.map(table), end].join('\n\n');
}

function table({ title, columns, rows }: Part): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [`### ${title}`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What a server says goes to a terminal and into a page: one line, no markup of its own. */
function cell(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;');
}

export function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
