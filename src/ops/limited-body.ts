/** `too-large`: of one that is, no more is read than that takes. `cut-off`: the client went, or was too slow. */
export type NoBody = 'too-large' | 'cut-off';

/** The body of a request, of `most` bytes at most, or why there is none. */
export async function limitedBody(request: Request, most: number): Promise<Buffer | NoBody> {
  const length = request.headers.get('content-length');
  if (Number(length) > most) return 'too-large';
  try {
    // Node's parser holds a body to its length.
    return length === null ? await readChunks(request, most) : Buffer.from(await request.arrayBuffer());
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') return 'cut-off';
    throw error;
  }
}

async function readChunks(request: Request, most: number): Promise<Buffer | NoBody> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return Buffer.concat(chunks);
    bytes += chunk.value.byteLength;
    if (bytes > most) return 'too-large';
    chunks.push(chunk.value);
  }
}
