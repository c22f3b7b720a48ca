/** What a log line, a page of ours for operators, or a table says of an error. */
export interface DescribedError {
  readonly type: string;
  /** A typed error's stable code, or Node's (`ECONNREFUSED`). */
  readonly code?: string;
  readonly message: string;
  /** Of StackStormError: which call, and the id under which StackStorm's logs have it. */
  readonly call?: string;
  readonly status?: number;
  readonly requestId?: string;
  /** Where it was made; without the message that V8 puts in front. */
  readonly stack?: string;
  readonly cause?: DescribedError;
}

const deepestCause = 4;
/** In order: the user part of an address, a link, an Authorization value, and whatever is long enough for a key. */
const secrets: readonly [RegExp, string][] = [
  [/\/\/[^\s/@]*@/g, '//…@'],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[A-Za-z0-9_-]{20,}/gi, '…'],
  [/\b(Basic|Bearer) [A-Za-z0-9+/=._~-]+/gi, '$1 …'],
  [/\b(?:[0-9a-f]{32}|[0-9a-f]{40,})\b/gi, '…'],
  [/[A-Za-z0-9_-]{43,}/g, '…'],
];

/**
 * An error as plain data that may be shown to operators (S1): its own fields are never walked, since a foreign error may
 * carry a request with its headers. The messages of parsers quote what they read, so they are left out.
 */
export function describeError(error: unknown): DescribedError {
  return described(error, 0);
}

/** An error in one line, for a table or a health check. */
export function errorLine(error: unknown): string {
  const { type, code, message: words } = describeError(error);
  const message = words === '' ? type : words;
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function described(error: unknown, depth: number): DescribedError {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'something that is not an error was thrown' };
  const { cause } = error;
  const stack = frames(error);
  return {
    type: error.name,
    ...textField(error, 'code'),
    message: quotesItsInput(error)
      ? 'what was read is not of the expected form'
      : withoutSecrets(error.message),
    ...textField(error, 'call'),
    ...('status' in error && typeof error.status === 'number' ? { status: error.status } : {}),
    ...textField(error, 'requestId'),
    ...(stack === undefined ? {} : { stack }),
    ...(cause === undefined || depth === deepestCause ? {} : { cause: described(cause, depth + 1) }),
  };
}

function textField<K extends 'code' | 'call' | 'requestId'>(
  error: Error,
  key: K,
): { readonly [P in K]?: string } {
  const value: unknown = Reflect.get(error, key);
  const fields: { [P in K]?: string } = {};
  if (typeof value === 'string') fields[key] = withoutSecrets(value.slice(0, 128));
  return fields;
}

/** JSON.parse says `Unexpected token … "the text" is not valid JSON`; zod names keys and values. */
function quotesItsInput(error: Error): boolean {
  return error instanceof SyntaxError || error.name === 'ZodError' || error.name === '$ZodError';
}

function frames(error: Error): string | undefined {
  const lines = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return lines.length === 0
    ? undefined
    : lines
        .slice(0, 12)
        .map((line) => line.trim())
        .join('\n');
}

/** What looks like a secret is cut out: a last net under messages that other libraries write. */
function withoutSecrets(text: string): string {
  return secrets.reduce((cut, [pattern, instead]) => cut.replaceAll(pattern, instead), text.slice(0, 2_000));
}
