/** Node's code of what failed (`ENOENT`), for words about it; undefined where it has none. */
export function faultCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
