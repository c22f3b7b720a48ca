import type { Part } from '../../chat/chat.ts';
import { tableText } from '../../chat/table-text.ts';
import { cleanText, middleCut } from './text.ts';

/** A piece of a result, in the order in which it is read: what went wrong stands first. */
export type Section =
  /** Words of ours, which are never cut: an exit code, who failed. */
  | { readonly kind: 'line'; readonly text: string }
  /** What came out, as it came out. */
  | { readonly kind: 'code'; readonly label: string; readonly text: string }
  | {
      readonly kind: 'table';
      readonly label: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | {
      readonly kind: 'fields';
      readonly fields: readonly { readonly label: string; readonly value: string }[];
    };

export function line(text: string): Section {
  return { kind: 'line', text };
}

/** One section, or none where there is nothing to show. */
export function code(label: string, text: string): Section[] {
  const clean = cleanText(text);
  return clean.trim() === '' ? [] : [{ kind: 'code', label, text: clean }];
}

/** `before` in front of each label: the host or the task that the sections are of. */
export function prefixed(before: string, sections: readonly Section[]): Section[] {
  return sections.map((section): Section => {
    if (section.kind === 'line') return line(`${before}: ${section.text}`);
    if (section.kind === 'fields') {
      const fields = section.fields.map(({ label, value }) => ({ label: `${before}: ${label}`, value }));
      return { kind: 'fields', fields };
    }
    return { ...section, label: section.label === '' ? before : `${before}: ${section.label}` };
  });
}

/** Sections within `limit` characters over all of them; `all` is how many there were. */
export function fitSections(
  sections: readonly Section[],
  limit: number,
): { readonly shown: Section[]; readonly all: number; readonly wasCut: boolean } {
  const all = sections.reduce((sum, section) => sum + lengthOf(section), 0);
  if (all <= limit) return { shown: [...sections], all, wasCut: false };
  let left = limit;
  const shown: Section[] = [];
  for (const section of sections) {
    const kept = section.kind === 'line' ? section : cutSection(section, left);
    if (kept === undefined) continue;
    left = Math.max(0, left - lengthOf(kept));
    shown.push(kept);
  }
  return { shown, all, wasCut: true };
}

function cutSection(section: Exclude<Section, { kind: 'line' }>, left: number): Section | undefined {
  if (lengthOf(section) <= left) return section;
  if (section.kind === 'fields') return undefined;
  const whole = section.kind === 'table' ? tableOf(section) : section.text;
  const text = middleCut(whole, left);
  return text === '' ? undefined : { kind: 'code', label: section.label, text };
}

function lengthOf(section: Section): number {
  switch (section.kind) {
    case 'line':
      return 0;
    case 'code':
      return section.text.length;
    case 'table':
      return tableOf(section).length;
    case 'fields':
      return section.fields.reduce((sum, { label, value }) => sum + label.length + value.length, 0);
  }
}

/** What of a chat message a section is. */
export function partsOf(section: Section): Part[] {
  switch (section.kind) {
    case 'line':
      return [{ type: 'text', text: section.text }];
    case 'code':
      return [...labelPart(section.label), { type: 'code', text: section.text }];
    case 'table':
      return [...labelPart(section.label), { type: 'table', columns: section.columns, rows: section.rows }];
    case 'fields':
      return [{ type: 'fields', fields: section.fields }];
  }
}

function labelPart(label: string): Part[] {
  return label === '' ? [] : [{ type: 'context', text: label }];
}

/** A section in words. */
export function wordsOf(section: Section): string[] {
  switch (section.kind) {
    case 'line':
      return [section.text];
    case 'code':
      return section.label === '' ? [section.text] : [section.label, section.text];
    case 'table':
      return section.label === '' ? [tableOf(section)] : [section.label, tableOf(section)];
    case 'fields':
      return section.fields.map(({ label, value }) => `${label}: ${value}`);
  }
}

function tableOf({ columns, rows }: Extract<Section, { kind: 'table' }>): string {
  return tableText({ type: 'table', columns, rows });
}
