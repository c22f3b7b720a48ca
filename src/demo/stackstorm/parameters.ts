import { StackStormFault } from './fault.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { schemaFault, wholeMessage } from './json-schema.ts';
import type { Action, Parameter, Runner } from './packs.ts';
import { PythonLiteralError, parsePythonLiteral } from './python-literal.ts';
import { pythonRepr, pythonTypeName } from './python-text.ts';

/** A value that its parameter's type cannot be made of; the message is Python's. */
export class CastError extends Error {
  override readonly name = 'CastError';
  readonly code = 'cast';
  readonly parameter: string;
  readonly value: unknown;
  readonly type: string;

  constructor(parameter: string, value: unknown, type: string, message: string) {
    super(message);
    this.parameter = parameter;
    this.value = value;
    this.type = type;
  }
}

/** The runner's parameters with the action's written over them. */
export function effectiveParameters(action: Action, runner: Runner): Readonly<Record<string, Parameter>> {
  const merged: Record<string, Parameter> = { ...runner.runner_parameters };
  for (const [name, parameter] of Object.entries(action.parameters ?? {}))
    merged[name] = { ...merged[name], ...parameter };
  return merged;
}

/**
 * Casts texts to the types of their parameters, as st2common/util/casts.py does. An alias splits arrays at commas
 * (st2api aliasexecution.py CAST_OVERRIDES); elsewhere an array is JSON or a Python literal.
 * @throws CastError
 */
export function castParameters(
  values: JsonObject,
  parameters: Readonly<Record<string, Parameter>>,
  options: { splitArrays: boolean },
): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const type = parameters[name]?.type;
      if (typeof type !== 'string' || typeof value !== 'string') return [name, value];
      try {
        return [name, cast(value, type, options.splitArrays)];
      } catch (error) {
        if (error instanceof PythonLiteralError || error instanceof RangeError)
          throw new CastError(name, value, type, error.message);
        throw error;
      }
    }),
  );
}

function cast(value: string, type: string, splitArrays: boolean): unknown {
  switch (type) {
    case 'array':
      return splitArrays ? value.split(',').map((item) => item.trim()) : jsonOrLiteral(value);
    case 'object':
      return jsonOrLiteral(value);
    case 'boolean':
      return parsePythonLiteral(value.charAt(0).toUpperCase() + value.slice(1).toLowerCase());
    case 'integer':
      if (!/^\s*[+-]?\d+\s*$/.test(value))
        throw new RangeError(`invalid literal for int() with base 10: ${pythonRepr(value)}`);
      return Number(value);
    case 'number':
      if (value.trim() === '' || Number.isNaN(Number(value)))
        throw new RangeError(`could not convert string to float: ${pythonRepr(value)}`);
      return Number(value);
    default:
      return value;
  }
}

function jsonOrLiteral(value: string): unknown {
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return parsePythonLiteral(value);
  }
}

/** The words of an alias execution for a CastError. */
export function aliasCastFault(error: CastError): StackStormFault {
  const type = pythonTypeName(error.value);
  return new StackStormFault(
    400,
    `Failed to cast value "${String(error.value)}" (type: ${type}) for parameter "${error.parameter}" of type "${error.type}": ${error.message}. Perhaps the value is of an invalid type?`,
  );
}

/**
 * Validates parameters against action and runner.
 * @throws StackStormFault 400, several lines as jsonschema writes them
 */
export function assertParametersFit(values: JsonObject, action: Action, runner: Runner): void {
  const parameters = effectiveParameters(action, runner);
  const properties = Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, nullable(parameter)]),
  );
  const given = withGivenDefaults(values, parameters);
  const fault = schemaFault(given, { type: 'object', properties, additionalProperties: false });
  if (fault !== null) throw new StackStormFault(400, wholeMessage(fault));
  for (const [name, parameter] of Object.entries(parameters))
    if (parameter.immutable === true && Object.hasOwn(values, name))
      throw new StackStormFault(
        400,
        `Override of immutable parameter(s) ${pythonRepr([name])} is unsupported.`,
      );
}

/** What a schema asks for is fulfilled by a default too. */
function withGivenDefaults(values: JsonObject, parameters: Readonly<Record<string, Parameter>>): JsonObject {
  const defaults = Object.entries(parameters).flatMap(([name, parameter]) =>
    (parameter.default ?? null) === null ? [] : [[name, parameter.default] as const],
  );
  return { ...Object.fromEntries(defaults), ...values };
}

/** StackStorm lets every parameter that need not be given be null. */
function nullable(parameter: Parameter): Parameter {
  const optional = parameter.required !== true && (parameter.default ?? null) === null;
  if (!optional || parameter.type === undefined) return parameter;
  return { ...parameter, type: [parameter.type, 'null'].flat() };
}

const mask = '********';

/** Secret parameters are shown as stars. */
export function maskSecrets(values: JsonObject, parameters: Readonly<Record<string, Parameter>>): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, parameters[name]?.secret === true ? mask : value]),
  );
}

/** Every parameter that there is: as given, else its default, else null. What a runner sees. */
export function withDefaults(
  values: JsonObject,
  parameters: Readonly<Record<string, Parameter>>,
): JsonObject {
  const defaults = Object.entries(parameters).map(([name, parameter]) => [name, parameter.default ?? null]);
  return { ...Object.fromEntries(defaults), ...values };
}

export function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
