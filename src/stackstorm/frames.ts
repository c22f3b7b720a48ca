import { createParser } from 'eventsource-parser';
import type { StreamEvent } from './stackstorm.ts';

export interface FrameReader {
  /** Takes the next bytes as they come: characters and line ends may be split between two chunks. */
  feed(chunk: Uint8Array): void;
}

export interface FrameReaderOptions {
  /** A longer frame (in characters) is passed over to its end. */
  readonly maxLength: number;
  readonly onEvent: (event: StreamEvent) => void;
  /** `reason` holds nothing of the frame but its event's name. */
  readonly onMalformed: (reason: string) => void;
}

/**
 * StackStorm's frames (`event:` and one line of JSON in `data:`; st2stream/controllers/v1/stream.py) as events. What is
 * no such frame is reported and passed over; the stream goes on.
 */
export function createFrameReader(options: FrameReaderOptions): FrameReader {
  const decoder = new TextDecoder();
  let skipping = false;
  const parser = createParser({
    maxBufferSize: options.maxLength,
    onEvent({ event, data }) {
      const name = event ?? '';
      if (name === '') {
        options.onMalformed('a frame without an event name');
        return;
      }
      let parsed: unknown;
      try {
        parsed = JSON.parse(data);
      } catch {
        options.onMalformed(`${name.slice(0, 100)}: the data is not JSON`);
        return;
      }
      options.onEvent({ name, data: parsed });
    },
    onError(error) {
      if (error.type !== 'max-buffer-size-exceeded') {
        options.onMalformed(error.type);
        return;
      }
      skipping = true;
      options.onMalformed(`a frame of more than ${options.maxLength} characters`);
    },
  });
  const blank = createBlankLineFinder();
  return {
    feed(chunk) {
      const text = decoder.decode(chunk, { stream: true });
      if (skipping) {
        const end = blank.find(text);
        if (end === undefined) return;
        skipping = false;
        parser.reset();
        parser.feed(text.slice(end));
      } else {
        parser.feed(text);
      }
      // The parser has given the frames before the one that is too long, whose beginning ends this text.
      if (skipping) blank.startAfter(text);
    },
  };
}

/** Finds the end of a blank line, which ends a frame, over chunks. */
function createBlankLineFinder() {
  let atLineStart = false;
  let afterCarriageReturn = false;
  return {
    /** What was read so far ends with `text`. */
    startAfter(text: string): void {
      afterCarriageReturn = text.endsWith('\r');
      atLineStart = afterCarriageReturn || text.endsWith('\n');
    },
    /** The index after the next blank line, or undefined where it has not come yet. */
    find(text: string): number | undefined {
      for (let at = 0; at < text.length; at++) {
        const character = text[at];
        if (character === '\n' && afterCarriageReturn) {
          afterCarriageReturn = false;
        } else if (character === '\n' || character === '\r') {
          afterCarriageReturn = character === '\r';
          if (atLineStart) {
            return character === '\r' && text[at + 1] === '\n' ? at + 2 : at + 1;
          }
          atLineStart = true;
        } else {
          atLineStart = false;
          afterCarriageReturn = false;
        }
      }
      return undefined;
    },
  };
}
