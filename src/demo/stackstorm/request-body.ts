import { StackStormFault } from './fault.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { type Schema, schemaFault } from './json-schema.ts';
import type { ServiceContext } from './service-app.ts';

/**
 * The body as StackStorm's router reads it: none is `{}`, a form is lists of texts, plain text is a text.
 * @throws StackStormFault 400
 */
export async function readBody(c: ServiceContext, schema: Schema): Promise<JsonObject> {
  const body = await parseBody(c);
  const fault = schemaFault(body, schema);
  if (fault !== null) throw new StackStormFault(400, fault.message);
  return isJsonObject(body) ? body : {};
}

async function parseBody(c: ServiceContext): Promise<unknown> {
  const text = await c.req.text();
  const type = (c.req.header('content-type') ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase();
  if (text === '') return {};
  switch (type) {
    case 'application/json':
      return parseJson(text);
    case 'application/x-www-form-urlencoded':
    case 'multipart/form-data': {
      const form = new URLSearchParams(text);
      return Object.fromEntries([...new Set(form.keys())].map((key) => [key, form.getAll(key)]));
    }
    case 'text/plain':
      return text;
    default:
      throw new StackStormFault(400, `Failed to parse request body: Unsupported Content-Type: "${type}"`);
  }
}

function parseJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const reason = /^\s*\{\s*[^"\s}]|^\s*\{\s*$/.test(text)
      ? 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'
      : 'Expecting value: line 1 column 1 (char 0)';
    throw new StackStormFault(400, `Failed to parse request body: ${reason}`);
  }
}
