import { parse } from 'yaml';
import { z } from 'zod';
import type { HeardRequest } from './scripted-server.ts';
import { readSharedText } from './shared.ts';

const schemaNode = z.looseObject({});
const parameter = z.looseObject({
  name: z.string(),
  in: z.enum(['query', 'path', 'header', 'body', 'formData']),
  type: z.string().optional(),
  pattern: z.string().optional(),
  required: z.boolean().optional(),
  schema: schemaNode.optional(),
});
const operation = z.looseObject({
  parameters: z.array(parameter).optional(),
  security: z.array(z.unknown()).optional(),
});
const document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  definitions: z.record(z.string(), schemaNode),
});

/** Says what is wrong with a request by StackStorm's own contract; an empty list is a good request. */
export type RequestCheck = (request: HeardRequest) => string[];

/** Reads StackStorm's openapi.yaml (Swagger 2.0), as its router does: paths, query parameters, headers and bodies. */
export function openapiCheck(): RequestCheck {
  const api = document.parse(parse(readSharedText('stackstorm/openapi.yaml')));
  const routes = Object.entries(api.paths).map(([path, methods]) => ({
    path,
    methods,
    pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '([^/]+)')}$`),
  }));
  return (request) => {
    const fit = routes.filter(({ pattern }) => pattern.test(request.path));
    const route = fit.find(({ path }) => !path.includes('{')) ?? fit[0];
    const found = route?.methods[request.method.toLowerCase()];
    if (found === undefined) return [`${request.method} ${request.path} is not in the contract`];
    const { parameters = [], security } = operation.parse(found);
    return [
      ...queryFaults(request, parameters),
      ...credentialFaults(request, security?.length === 0),
      ...bodyFaults(request, parameters, api.definitions),
    ];
  };
}

function queryFaults(request: HeardRequest, parameters: z.infer<typeof parameter>[]): string[] {
  const faults: string[] = [];
  const known = new Map(parameters.filter((one) => one.in === 'query').map((one) => [one.name, one]));
  for (const [name, value] of request.query) {
    const one = known.get(name);
    if (one === undefined) faults.push(`unknown query parameter ${name}`);
    else if (one.type === 'integer' && !/^-?\d+$/.test(value)) faults.push(`${name} is not an integer`);
    else if (one.type === 'boolean' && !/^(true|false)$/.test(value)) faults.push(`${name} is not a boolean`);
    else if (one.pattern !== undefined && !new RegExp(one.pattern).test(value))
      faults.push(`${name} has the wrong form`);
    if (request.query.getAll(name).length > 1) faults.push(`${name} is given twice`);
  }
  for (const one of known.values()) {
    if (one.required === true && !request.query.has(one.name)) faults.push(`${one.name} is missing`);
  }
  return faults;
}

function credentialFaults(request: HeardRequest, open: boolean): string[] {
  const ways = ['x-auth-token', 'st2-api-key'].filter((name) => request.headers[name] !== undefined);
  const wanted = open ? 0 : 1;
  return ways.length === wanted ? [] : [`${ways.length} credentials instead of ${wanted}`];
}

function bodyFaults(
  request: HeardRequest,
  parameters: z.infer<typeof parameter>[],
  definitions: Record<string, unknown>,
): string[] {
  const expected = parameters.find((one) => one.in === 'body');
  if (expected === undefined) return request.body === '' ? [] : ['a body where none is expected'];
  if (request.headers['content-type'] !== 'application/json')
    return ['the content type is not application/json'];
  return valueFaults(JSON.parse(request.body), expected.schema, definitions, 'body');
}

const jsonSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  minimum: z.number().optional(),
  'x-nullable': z.boolean().optional(),
});

function valueFaults(
  value: unknown,
  given: unknown,
  definitions: Record<string, unknown>,
  at: string,
): string[] {
  const schema = jsonSchema.parse(given ?? {});
  if (schema.$ref !== undefined) {
    const target = definitions[schema.$ref.replace('#/definitions/', '')];
    return target === undefined ? [`${schema.$ref} is unknown`] : valueFaults(value, target, definitions, at);
  }
  if (value === null && schema['x-nullable'] === true) return [];
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOf(value, type)))
    return [`${at} is not ${types.join(' or ')}`];
  const faults: string[] = [];
  if (typeof value === 'number' && value < (schema.minimum ?? value)) faults.push(`${at} is too small`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return faults;
  const properties = schema.properties ?? {};
  for (const name of schema.required ?? []) if (!(name in value)) faults.push(`${at}.${name} is missing`);
  for (const [name, one] of Object.entries(value)) {
    if (name in properties) faults.push(...valueFaults(one, properties[name], definitions, `${at}.${name}`));
    else if (schema.additionalProperties === false) faults.push(`${at}.${name} is unknown`);
  }
  return faults;
}

function isOf(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
