import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Path } from './document.ts';
import { nearest, suggestion } from './nearest.ts';
import type { Schema } from './schema/field.ts';
import { fieldsOf } from './schema/fields.ts';
import { shown, wordOf } from './shown.ts';
import { readUnit } from './units.ts';

/** A schema's complaint as a sentence that says what to write instead. */
export function sentenceOf(error: ErrorObject, schema: Schema, path: Path): string {
  const data: unknown = error.data;
  if (error.keyword === 'additionalProperties')
    return unknownField(String(error.params.additionalProperty), schema, path);
  if (error.keyword === 'required') return missingField(String(error.params.missingProperty), schema);
  if (error.propertyName !== undefined)
    return `the name ${error.propertyName} must ${schema['x-must'] ?? 'be another'}`;
  if (data === null) return `is empty; write ${expected(schema)}, or remove the field`;

  const unit = schema['x-unit'];
  if (unit !== undefined && (typeof data === 'string' || typeof data === 'number'))
    return unitSentence(unit, data, schema);
  if (schema['x-words'] !== undefined && typeof data === 'string')
    return wordSentence(data, schema['x-words'], schema);
  return sentences(error, schema, data);
}

function sentences(error: ErrorObject, schema: Schema, data: unknown): string {
  switch (error.keyword) {
    case 'type':
      return `must be ${expected(schema)}, not ${kindOf(data)}`;
    case 'enum':
      return `there is no ${shown(data)} here; ${suggestion(wordOf(data), (schema.enum ?? []).map(String))}`;
    case 'const':
      return `must be ${String(schema.const)}`;
    case 'pattern':
      return `${shown(data)} must ${schema['x-must'] ?? `match ${schema.pattern}`}`;
    case 'minLength':
    case 'minItems':
      return 'must not be empty';
    case 'minProperties':
      return 'must not be empty; name at least one';
    case 'minimum':
      return `${shown(data)} is too small; the least is ${schema.minimum}`;
    case 'maximum':
      return `${shown(data)} is too large; the most is ${schema.maximum}`;
    default:
      return error.message ?? 'is not as the schema asks';
  }
}

function unknownField(name: string, schema: Schema, path: Path): string {
  const here = Object.keys(schema.properties ?? {});
  const meant = nearest(name, here);
  if (meant !== undefined) return `unknown field; did you mean ${meant}?`;

  const elsewhere = fieldsOf(path[0] === 'metadata' ? 'spec' : undefined).find(
    (field) => field.path.at(-1) === name,
  );
  if (elsewhere !== undefined) return `unknown field here; it is written ${elsewhere.path.join('.')}`;
  return `unknown field; ${suggestion(name, here)}`;
}

function missingField(name: string, schema: Schema): string {
  const field = schema.properties?.[name];
  const [what] = (field?.description ?? '').split(/[.;:] |\.$/);
  const of =
    typeof field?.const === 'string'
      ? `; write ${name}: ${field.const}`
      : what
        ? ` (${what.toLowerCase()})`
        : '';
  return `is missing${of}`;
}

function unitSentence(unit: 'time' | 'size' | 'share', data: string | number, schema: Schema): string {
  const words = schema['x-words'] ?? [];
  const meant = typeof data === 'string' ? nearest(data, words) : undefined;
  if (meant !== undefined) return `there is no ${shown(data)} here; did you mean ${meant}?`;
  const read = readUnit(unit, data);
  const or = words.length > 0 ? `, or ${words.join(' or ')}` : '';
  return read.ok ? 'is not as the schema asks' : `${read.sentence}${or}`;
}

function wordSentence(data: string, words: readonly string[], schema: Schema): string {
  const meant = nearest(data, words);
  if (meant !== undefined) return `there is no ${shown(data)} here; did you mean ${meant}?`;
  const fields = Object.keys(schema.properties ?? {}).join(', ');
  return `there is no ${shown(data)} here; write ${words.join(' or ')}, or a map of ${fields}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function expected(schema: Schema): string {
  const unit = schema['x-unit'];
  if (unit !== undefined) return `a ${unit} with its unit`;
  return [schema.type ?? 'string']
    .flat()
    .map((type) => TYPES[type] ?? type)
    .join(' or ');
}

function kindOf(data: unknown): string {
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'a map';
  if (typeof data === 'boolean') return String(data);
  return typeof data === 'number' ? `the number ${data}` : `the text ${shown(data)}`;
}
