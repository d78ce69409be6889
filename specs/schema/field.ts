/**
 * How the schema's fields are written down: one call a field, and every call demands
 * the change class and the description, so that neither can be forgotten.
 */
import { UNIT_PATTERNS, type UnitKind } from '../units.ts';

/** What a changed field does to work already done, mildest first. */
export const CHANGE_CLASSES = ['in place', 'next submission', 're-run', 'forbidden'] as const;
export type ChangeClass = (typeof CHANGE_CLASSES)[number];

/** The part of JSON Schema 2020-12 that specs use, with our own keywords. */
export interface Schema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly if?: Schema;
  readonly then?: Schema;
  readonly else?: Schema;
  /** What a change of the field does; of a group, the strongest of its fields. */
  readonly 'x-change'?: ChangeClass;
  /** Written with a unit, kept as an integer. */
  readonly 'x-unit'?: UnitKind;
  /** Words allowed in place of what the type asks. */
  readonly 'x-words'?: readonly string[];
  /** The end of the sentence "NAME must …" where a pattern does not speak for itself. */
  readonly 'x-must'?: string;
}

/** Names of datasets, sites, stores and outputs: they become parts of job names and paths. */
export const NAME: Schema = {
  type: 'string',
  pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,62}$',
  'x-must': 'begin with a letter and hold at most 63 letters, digits, _, . and -',
};

/** A text field; not empty unless `more` says so. */
export function text(change: ChangeClass, description: string, more: Schema = {}): Schema {
  return { type: 'string', description, 'x-change': change, minLength: 1, ...more };
}

/** A folder template below a store's root, which may be empty. */
export function folder(change: ChangeClass, description: string, more: Schema = {}): Schema {
  return text(change, description, { minLength: 0, ...more });
}

/** A whole number, from 1 unless `more` says so. */
export function whole(change: ChangeClass, description: string, more: Schema = {}): Schema {
  return { type: 'integer', description, 'x-change': change, minimum: 1, maximum: 2_147_483_647, ...more };
}

/** Yes or no. */
export function flag(change: ChangeClass, description: string, more: Schema = {}): Schema {
  return { type: 'boolean', description, 'x-change': change, ...more };
}

/** One of a closed list of words. */
export function choice(
  change: ChangeClass,
  words: readonly string[],
  description: string,
  more: Schema = {},
): Schema {
  return { type: 'string', description, 'x-change': change, enum: words, ...more };
}

/** A quantity with its unit; 0 needs none. `words` are allowed in its place. */
export function quantity(
  change: ChangeClass,
  unit: UnitKind,
  description: string,
  more: Schema = {},
): Schema {
  const words = more['x-words'] ?? [];
  const pattern = words.length === 0 ? UNIT_PATTERNS[unit] : `^(${words.join('|')})$|${UNIT_PATTERNS[unit]}`;
  const written: Schema = { type: ['string', 'integer'], minLength: 1, pattern, minimum: 0, maximum: 0 };
  return { ...written, description, 'x-change': change, 'x-unit': unit, ...more };
}

/** A list; what a change of one of its items does, a change of the list does. */
export function list(change: ChangeClass, items: Schema, description: string, more: Schema = {}): Schema {
  return { type: 'array', items, description, 'x-change': change, ...more };
}

/** Names of the user's choice with values of one kind. */
export function map(
  change: ChangeClass,
  values: Schema | true,
  description: string,
  more: Schema = {},
): Schema {
  return { type: 'object', additionalProperties: values, description, 'x-change': change, ...more };
}

/** Either one of some words or a group of fields, which change as one. */
export function wordOr(
  change: ChangeClass,
  words: readonly string[],
  description: string,
  fields: Readonly<Record<string, Schema>>,
  more: Schema = {},
): Schema {
  const shape = group(description, fields, more);
  const pattern = `^(${words.join('|')})$`;
  return {
    ...shape,
    type: ['string', 'object'],
    pattern,
    'x-words': words,
    examples: words,
    'x-change': change,
  };
}

/** Fields that belong together, and no others. */
export function group(
  description: string,
  fields: Readonly<Record<string, Schema>>,
  more: Schema = {},
): Schema {
  return {
    type: 'object',
    description,
    'x-change': strongest(Object.values(fields)),
    additionalProperties: false,
    properties: fields,
    ...more,
  };
}

/** Groups under names of the user's choice. */
export function groups(description: string, each: Schema, more: Schema = {}): Schema {
  return {
    type: 'object',
    description,
    'x-change': strongest([each]),
    propertyNames: NAME,
    additionalProperties: each,
    ...more,
  };
}

function strongest(fields: readonly Schema[]): ChangeClass {
  const ranks = fields.map((field) => CHANGE_CLASSES.indexOf(field['x-change'] ?? 'in place'));
  return CHANGE_CLASSES[Math.max(0, ...ranks)] ?? 'in place';
}
