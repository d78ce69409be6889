import type { Document } from 'yaml';
import { valueAt } from './fill.ts';
import { plainValue } from './plain-value.ts';
import { KINDS } from './schema/document.ts';
import type { Schema } from './schema/field.ts';

/**
 * A document's value in which every text is what stands in the file.
 *
 * YAML reads `17.0`, `0000176852` and `1e3` as numbers, and `true` as a boolean. Where a
 * field takes text, it gets the signs that were written instead. A field that takes a
 * number as well keeps it, unless the number would be written in another way.
 *
 * @param value  the plain value of `tree`
 * @returns the very same value where no text was read as anything else
 */
export function withWrittenTexts(tree: Document.Parsed, value: unknown): unknown {
  const kind = valueAt(value, ['kind']);
  const schema = typeof kind === 'string' && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (schema === undefined) return value;
  const written = plainValue(tree, 'as written');
  return written.ok ? taken(schema, value, written.value) : value;
}

function taken(schema: Schema, value: unknown, written: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return isText(schema, value, written) ? written : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const below = (name: string | number, field: Schema) =>
    taken(field, valueAt(value, [name]), valueAt(written, [name]));
  if (Array.isArray(value)) {
    const items = value.map((_, index) => below(index, schema.items ?? {}));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const each = schema.additionalProperties;
  const other = typeof each === 'object' ? each : {};
  const fields = Object.entries(value).map(([name, was]) => ({
    name,
    was,
    is: below(name, schema.properties?.[name] ?? other),
  }));
  if (fields.every(({ was, is }) => was === is)) return value;
  return Object.fromEntries(fields.map(({ name, is }) => [name, is]));
}

function isText(schema: Schema, value: number | boolean, written: unknown): boolean {
  const types = [schema.type].flat();
  if (!types.includes('string') || schema['x-unit'] !== undefined) return false;
  const kinds =
    typeof value === 'boolean' ? ['boolean'] : Number.isInteger(value) ? ['integer', 'number'] : ['number'];
  return !kinds.some((kind) => types.includes(kind)) || String(value) !== written;
}
