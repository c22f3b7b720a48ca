/** One line of a stream, without its end; or why it cannot be read. */
export type Line =
  | { readonly text: string }
  | { readonly fault: 'too-long' }
  | { readonly fault: 'not-utf-8' };

const newline = 0x0a;

/**
 * The lines of a stream of bytes, each as it comes. A line of more than `longest` bytes is passed over without being
 * kept. What stands behind the last newline is a line if it is not empty.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(newline, from);
      const part = chunk.subarray(from, end < 0 ? undefined : end);
      length += part.length;
      if (length <= longest) parts.push(part);
      else parts = [];
      if (end < 0) break;
      yield lineOf(parts, length, longest);
      parts = [];
      length = 0;
      from = end + 1;
    }
  }
  if (length > 0) yield lineOf(parts, length, longest);
}

function lineOf(parts: readonly Uint8Array[], length: number, longest: number): Line {
  if (length > longest) return { fault: 'too-long' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)) };
  } catch {
    return { fault: 'not-utf-8' };
  }
}
