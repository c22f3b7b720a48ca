import { z } from 'zod';

/**
 * What an inquiry's JSON schema asks for, property by property. StackStorm takes draft 4, and draft 3's `required` in the
 * property (st2common/util/schema); it alone decides what fits, so that what is not understood here is passed over.
 * @module
 */

/** What kind of answer a property takes. */
export type Kind = 'text' | 'integer' | 'number' | 'boolean' | 'choice' | 'choices' | 'list';

/** One property that an inquiry asks for. */
export interface Question {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly kind: Kind;
  readonly required: boolean;
  /** Whoever reads along must not see the answer. */
  readonly secret: boolean;
  /** What StackStorm takes where nothing is answered. */
  readonly initial?: unknown;
  /** Of a choice: what may be chosen, as StackStorm compares it. */
  readonly choices?: readonly unknown[];
  /** Of a list: what each entry is. */
  readonly items?: 'text' | 'integer' | 'number';
  readonly min?: number;
  readonly max?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** Why a schema cannot be asked property by property. */
export type Unaskable = 'no-schema' | 'nested';

export type Asked =
  | { readonly kind: 'questions'; readonly questions: readonly Question[] }
  | { readonly kind: 'unaskable'; readonly why: Unaskable; readonly property?: string };

const finite = z.number().refine(Number.isFinite);
const length = z.int().nonnegative();
/** Each key on its own: one that is not as JSON Schema has it is passed over. */
const property = z.object({
  type: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).min(1).optional().catch(undefined),
  items: z.unknown().optional(),
  required: z.unknown().optional(),
  secret: z.unknown().optional(),
  minimum: finite.optional().catch(undefined),
  maximum: finite.optional().catch(undefined),
  minLength: length.optional().catch(undefined),
  maxLength: length.optional().catch(undefined),
  pattern: z.string().optional().catch(undefined),
});
type Property = z.infer<typeof property>;

const root = z.object({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).catch([]),
});

/** Reads `schema` of an inquiry, whatever it is. Never throws. */
export function questionsOf(schema: unknown): Asked {
  const parsed = root.safeParse(schema);
  if (!parsed.success || Object.keys(parsed.data.properties).length === 0)
    return { kind: 'unaskable', why: 'no-schema' };
  const questions: Question[] = [];
  for (const [name, value] of Object.entries(parsed.data.properties)) {
    const read = property.safeParse(value);
    const shape = read.success ? shapeOf(read.data) : undefined;
    if (!read.success || shape === undefined) return { kind: 'unaskable', why: 'nested', property: name };
    questions.push(questionOf(name, read.data, shape, parsed.data.required));
  }
  return { kind: 'questions', questions };
}

type Shape = Pick<Question, 'kind' | 'choices' | 'items'>;

/** What kind of answer fits; undefined for what no single field can take. */
function shapeOf(of: Property): Shape | undefined {
  if (of.enum !== undefined)
    return of.enum.every(isScalar) ? { kind: 'choice', choices: of.enum } : undefined;
  const types = [of.type ?? []].flat().filter((type) => type !== 'null');
  const [type] = types;
  if (types.length > 1) return types.includes('string') ? { kind: 'text' } : undefined;
  if (type === undefined) return shapeOfDefault(of.default);
  if (type === 'array') return shapeOfItems(of.items);
  return scalarShapes.get(type);
}

const scalarShapes: ReadonlyMap<string, Shape> = new Map([
  ['string', { kind: 'text' }],
  ['integer', { kind: 'integer' }],
  ['number', { kind: 'number' }],
  ['boolean', { kind: 'boolean' }],
]);

function shapeOfItems(items: unknown): Shape | undefined {
  const read = property.safeParse(items ?? {});
  if (!read.success) return undefined;
  const each = shapeOf(read.data);
  if (each?.kind === 'choice' && each.choices !== undefined)
    return { kind: 'choices', choices: each.choices };
  if (each?.kind === 'text' || each?.kind === 'integer' || each?.kind === 'number')
    return { kind: 'list', items: each.kind };
  return undefined;
}

/** A property without a type takes anything; its default shows what is meant. */
function shapeOfDefault(value: unknown): Shape | undefined {
  if (typeof value === 'boolean') return { kind: 'boolean' };
  if (typeof value === 'number') return { kind: 'number' };
  return typeof value === 'object' && value !== null ? undefined : { kind: 'text' };
}

function questionOf(name: string, of: Property, shape: Shape, required: readonly string[]): Question {
  const { title, description, pattern, minimum: min, maximum: max, minLength, maxLength } = of;
  return {
    name,
    ...shape,
    required: of.required === true || required.includes(name),
    secret: of.secret === true,
    ...(of.default === undefined || of.default === null ? {} : { initial: of.default }),
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  };
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
