import { z } from 'zod';
import { configSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The config's keys as JSON Schema (draft 7, which editors read), without the forms in which a string may also be given. */
export function plainJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' });
}

/** What stands in config.schema.json: every string may also be `${ENV_NAME}` or `{"file": "/run/secrets/x"}`. */
export function configJsonSchema(): JsonSchema {
  const { $schema: _, ...schema } = withReferences(plainJsonSchema());
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of bolt-stackstorm',
    ...schema,
    definitions: {
      environment: {
        description: 'Holds the value of an environment variable.',
        type: 'string',
        pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}',
      },
      file: {
        description: 'The contents of a file, without the line break at its end.',
        type: 'object',
        properties: { file: { type: 'string', minLength: 1 } },
        required: ['file'],
        additionalProperties: false,
      },
    },
  };
}

/** What says something about a value, and holds for each of its forms. */
const about = new Set(['title', 'description', 'default', 'writeOnly']);

function withReferences(schema: JsonSchema): JsonSchema {
  if (schema.type === 'string') {
    const isAbout = ([key]: [string, unknown]) => about.has(key);
    const entries: [string, unknown][] = Object.entries(schema);
    const own = Object.fromEntries(entries.filter((entry) => !isAbout(entry)));
    const references = [{ $ref: '#/definitions/environment' }, { $ref: '#/definitions/file' }];
    return { ...Object.fromEntries(entries.filter(isAbout)), anyOf: [own, ...references] };
  }
  const { properties, items } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, value]) => [key, part(value, withReferences)]),
          ),
        }),
    ...(items === undefined || Array.isArray(items) ? {} : { items: part(items, withReferences) }),
  };
}

function part(
  schema: JsonSchema | boolean,
  change: (schema: JsonSchema) => JsonSchema,
): JsonSchema | boolean {
  return typeof schema === 'boolean' ? schema : change(schema);
}
