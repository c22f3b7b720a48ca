import { pipeline } from 'node:stream/promises';
import { faultCode } from './fault-code.ts';

/** Writes as fast as it is read. Whoever reads may have had enough before the end, as `head` has. */
export async function writeOut(
  chunks: Iterable<string> | (() => AsyncIterable<string>),
  output: NodeJS.WritableStream,
): Promise<void> {
  try {
    await pipeline(chunks, output, { end: false });
  } catch (error) {
    if (faultCode(error) !== 'EPIPE') throw error;
  }
}
