import type { Button, Part } from '../chat.ts';
import { type PartWithoutTable, withoutTables } from '../table-text.ts';
import { type Block, blocksOf, bold, fences, sizeOf, verbatim } from './blocks.ts';
import { limits } from './limits.ts';
import { cutEscaped, escapedLength, readable, shortened } from './mrkdwn.ts';

/** Of a message whose whole goes into a file, this much is shown beside it. */
const headLength = 3000;
/** More buttons than fit into a few blocks are no choice for anybody. */
const mostButtons = 100;
/** Room for the words that say what is missing. */
const noteLength = 300;

export interface Fitted {
  readonly blocks: Block[];
  /** Characters of text that are shown, where not all are. */
  readonly cut?: { readonly shown: number; readonly all: number };
}

/**
 * Parts as the blocks of one message. Where they are too many or too long, headings and code share blocks; where that is
 * not enough, the longest parts lose their ends, and the last small print and the buttons stay. `note` then says what is
 * missing; `isFiled` tells that the whole stands elsewhere, so that a short beginning will do.
 */
export function fit(
  given: readonly Part[],
  options: { readonly isFiled: boolean; readonly note: (shown: number, all: number) => string },
): Fitted {
  const parts = withoutTables(given);
  const all = parts.reduce((sum, part) => sum + lengthOf(part), 0);
  if (all <= limits.total) {
    const whole = blocksOf(parts);
    if (fits(whole)) return { blocks: whole };
    const compact = compactBlocks(parts);
    if (fits(compact)) return { blocks: compact };
  }
  let budget = (options.isFiled ? headLength : limits.total) - noteLength;
  for (;;) {
    const kept = shrunk(parts, budget);
    const shown = kept.reduce((sum, part) => sum + lengthOf(part), 0);
    const note: PartWithoutTable = { type: 'context', text: options.note(shown, all) };
    const tail = tailStart(kept);
    const blocks = compactBlocks([...kept.slice(0, tail), note, ...kept.slice(tail)]);
    if (fits(blocks) || budget < limits.text / 100) return { blocks, cut: { shown, all } };
    budget = Math.floor(budget * 0.8);
  }
}

function fits(blocks: readonly Block[]): boolean {
  return blocks.length <= limits.blocks && sizeOf(blocks) <= limits.total;
}

/** Characters that a part shows, buttons aside. */
function lengthOf(part: PartWithoutTable): number {
  switch (part.type) {
    case 'fields':
      return part.fields.reduce((sum, { label, value }) => sum + label.length + value.length, 0);
    case 'buttons':
      return 0;
    default:
      return part.text.length;
  }
}

/** Where the small print and buttons at the end begin. */
function tailStart(parts: readonly PartWithoutTable[]): number {
  let start = parts.length;
  while (start > 0) {
    const part = parts[start - 1];
    if (part?.type !== 'context' && part?.type !== 'buttons') break;
    start -= 1;
  }
  return start;
}

/**
 * The parts with about `budget` escaped characters in as many parts as a message may have: short ones whole, longer ones
 * cut to one length that all of them share.
 */
function shrunk(parts: readonly PartWithoutTable[], budget: number): PartWithoutTable[] {
  const start = tailStart(parts);
  const most = Math.max(2, Math.floor(limits.blocks * Math.min(1, budget / limits.total)) - 2);
  const tail = parts.slice(start).slice(-Math.ceil(most / 2));
  const kept = [...parts.slice(0, Math.max(0, Math.min(start, most - tail.length))), ...tail];
  const share = sharedLength(
    kept.flatMap(textsOf).map((text) => escapedLength(cutEscaped(text, budget))),
    budget,
  );
  let buttons = mostButtons;
  return kept.map((part): PartWithoutTable => {
    if (part.type === 'buttons') {
      const left: readonly Button[] = part.buttons.slice(0, buttons);
      buttons -= left.length;
      return { type: 'buttons', buttons: left };
    }
    if (part.type === 'fields') {
      const fields = part.fields.map(({ label, value }) => ({ label, value: cutEscaped(value, share) }));
      return { type: 'fields', fields: fields.slice(0, budget / 20) };
    }
    return { ...part, text: cutEscaped(part.text, share) };
  });
}

function textsOf(part: PartWithoutTable): string[] {
  if (part.type === 'fields') return part.fields.map(({ value }) => value);
  return part.type === 'buttons' ? [] : [part.text];
}

/** The length to which the longest texts are cut, so that all together have `budget`. */
function sharedLength(lengths: readonly number[], budget: number): number {
  const ascending = [...lengths].sort((one, other) => one - other);
  let left = budget;
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (length > share) return share;
    left -= length;
  }
  return budget;
}

/** As {@link blocksOf}, but headings and code that follow each other share a section as long as they fit into it. */
function compactBlocks(parts: readonly PartWithoutTable[]): Block[] {
  const blocks: Block[] = [];
  let buttons = 0;
  let run: PartWithoutTable[] = [];
  const endRun = () => {
    blocks.push(...sharedSections(run));
    run = [];
  };
  for (const part of mergedTexts(parts)) {
    if (part.type === 'heading' || part.type === 'code') {
      run.push(part);
      continue;
    }
    endRun();
    blocks.push(...blocksOf([part], buttons));
    if (part.type === 'buttons') buttons += part.buttons.length;
  }
  endRun();
  return blocks;
}

function sharedSections(parts: readonly PartWithoutTable[]): Block[] {
  const pieces = parts.flatMap((part) => {
    if (part.type === 'code') return fences(part.text, limits.section);
    if (part.type !== 'heading' || part.text.trim() === '') return [];
    return [bold(shortened(readable(part.text).replace(/\s+/g, ' ').trim(), limits.header)).text];
  });
  const sections: string[] = [];
  for (const piece of pieces) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= limits.section) {
      sections[sections.length - 1] = `${last}\n${piece}`;
    } else {
      sections.push(piece);
    }
  }
  return sections.map((text) => ({ type: 'section', text: verbatim(text) }));
}

/** Text parts that follow each other, as one. */
function mergedTexts(parts: readonly PartWithoutTable[]): PartWithoutTable[] {
  const merged: PartWithoutTable[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.type === 'text' && last?.type === 'text' && last.isFormatted === part.isFormatted) {
      merged[merged.length - 1] = { ...last, text: `${last.text}\n${part.text}` };
    } else {
      merged.push(part);
    }
  }
  return merged;
}
