import { isJsonObject, type JsonObject } from './json.ts';
import { pythonRepr } from './python-text.ts';

/** The part of JSON Schema that StackStorm's requests, parameters and inquiries use; `required` may stand in a property. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[] | boolean;
  readonly additionalProperties?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
}

export interface SchemaFault {
  /** The first line of jsonschema's message. */
  readonly message: string;
  /** The keyword that failed, and where: `['properties', 'approve']`. */
  readonly keyword: string;
  readonly path: readonly string[];
  readonly schema: Schema;
  readonly instance: unknown;
}

/** The first fault, or null. Words as Python's jsonschema writes them. */
export function schemaFault(
  value: unknown,
  schema: Schema,
  path: readonly string[] = [],
): SchemaFault | null {
  const fail = (keyword: string, message: string): SchemaFault => ({
    message,
    keyword,
    path,
    schema,
    instance: value,
  });
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(value, type)))
    return fail(
      'type',
      `${pythonRepr(value)} is not of type ${types.map((type) => pythonRepr(type)).join(', ')}`,
    );
  if (schema.enum !== undefined && !schema.enum.some((item) => item === value))
    return fail('enum', `${pythonRepr(value)} is not one of ${pythonRepr(schema.enum)}`);
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum)
      return fail('minimum', `${value} is less than the minimum of ${schema.minimum}`);
    if (schema.maximum !== undefined && value > schema.maximum)
      return fail('maximum', `${value} is greater than the maximum of ${schema.maximum}`);
  }
  if (Array.isArray(value) && schema.items !== undefined)
    for (const item of value) {
      const fault = schemaFault(item, schema.items, [...path, 'items']);
      if (fault !== null) return fault;
    }
  return isJsonObject(value) ? objectFault(value, schema, path, fail) : null;
}

function objectFault(
  value: JsonObject,
  schema: Schema,
  path: readonly string[],
  fail: (keyword: string, message: string) => SchemaFault,
): SchemaFault | null {
  const properties = schema.properties ?? {};
  for (const [name, property] of Object.entries(properties)) {
    if (value[name] === undefined) continue;
    const fault = schemaFault(value[name], property, [...path, 'properties', name]);
    if (fault !== null) return fault;
  }
  for (const name of requiredNames(schema))
    if (!Object.hasOwn(value, name)) return fail('required', `${pythonRepr(name)} is a required property`);
  if (schema.additionalProperties === false) {
    const extra = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
    const verb = extra.length === 1 ? 'was' : 'were';
    if (extra.length > 0)
      return fail(
        'additionalProperties',
        `Additional properties are not allowed (${extra.map((name) => pythonRepr(name)).join(', ')} ${verb} unexpected)`,
      );
  }
  return null;
}

function requiredNames(schema: Schema): readonly string[] {
  if (Array.isArray(schema.required)) return schema.required;
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    property.required === true ? [name] : [],
  );
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      return typeof value === type;
  }
}

/** jsonschema's whole message: the line, and the schema and the instance after it. */
export function wholeMessage(fault: SchemaFault): string {
  const place = fault.path.map((step) => `[${pythonRepr(step)}]`).join('');
  const instance = fault.path.filter((_, index) => index % 2 === 1).map((step) => `[${pythonRepr(step)}]`);
  return [
    fault.message,
    '',
    `Failed validating ${pythonRepr(fault.keyword)} in schema${place}:`,
    `    ${pythonRepr(fault.schema)}`,
    '',
    `On instance${instance.join('')}:`,
    `    ${pythonRepr(fault.instance)}`,
  ].join('\n');
}
