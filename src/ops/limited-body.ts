/** The body of a request, or undefined where it has more than `most` bytes; of one that has, no more is read than that takes. */
export async function limitedBody(request: Request, most: number): Promise<Buffer | undefined> {
  const length = request.headers.get('content-length');
  // Node's parser holds a body to its length.
  if (length !== null) {
    return Number(length) <= most ? Buffer.from(await request.arrayBuffer()) : undefined;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return Buffer.concat(chunks);
    bytes += chunk.value.byteLength;
    if (bytes > most) return undefined;
    chunks.push(chunk.value);
  }
}
