import { suggestion } from './nearest.ts';
import { KINDS } from './schema/document.ts';
import type { ChangeClass, Schema } from './schema/field.ts';

/** What the schema says of one field. */
export interface Explanation {
  /** The kinds of document that have it. */
  readonly kinds: readonly string[];
  readonly path: string;
  /** As in `a text` or `one of keep, reprocess`. */
  readonly type: string;
  readonly description: string;
  /** As written; undefined where there is none, or where the description tells it. */
  readonly default: unknown;
  readonly change: ChangeClass;
  /** A value as it may be written; undefined where none is given. */
  readonly example: unknown;
  /** Fields below it; empty where it holds a value. */
  readonly fields: readonly {
    readonly name: string;
    readonly description: string;
    readonly required: boolean;
  }[];
}

/** A path no document has, with a sentence that says which are near. */
export interface NotExplained {
  readonly found: false;
  readonly sentence: string;
}

/**
 * Explain a field by its path, such as `spec.job.macro`.
 *
 * Names of the user's choice may be given or left out: `spec.outputs.dst.name` and
 * `spec.outputs.name` are the same, and so are
 * `job.macro` and `spec.job.macro`. An empty path explains the documents themselves.
 *
 * @returns what each kind of document that has it says of it; those that say the same say it together
 */
export function explain(path: string): readonly [Explanation, ...Explanation[]] | NotExplained {
  const parts = beginningAtSpec(
    path.split(/[.[\]]+/).filter((part, at) => part !== '' && !(at > 0 && /^[0-9]+$/.test(part))),
  );
  const walks = Object.entries(KINDS).map(([kind, schema]) => ({ kind, ...walk(schema, parts) }));
  const hits = walks.filter(({ missing }) => missing === undefined);
  const said = new Map<string, Explanation>();
  for (const { kind, schema } of hits) {
    const what = explanation(parts.join('.'), [], schema);
    const same = JSON.stringify(what);
    said.set(same, { ...what, kinds: [...(said.get(same)?.kinds ?? []), kind] });
  }
  const [first, ...others] = said.values();
  return first === undefined ? notExplained(walks, parts) : [first, ...others];
}

/** The parts of a path from the document on: most fields are below `spec`, which need not be said. */
function beginningAtSpec(parts: readonly string[]): readonly string[] {
  const [first] = parts;
  const schemas = Object.values(KINDS);
  const isIn = (schema: Schema | undefined) =>
    first !== undefined && namesBelow(schema ?? {}).includes(first);
  const isBelowSpec = schemas.some((schema) => isIn(schema.properties?.spec));
  return isBelowSpec && !schemas.some(isIn) ? ['spec', ...parts] : parts;
}

function notExplained(walks: readonly Walked[], parts: readonly string[]): NotExplained {
  const furthest = walks.reduce((best, each) => (each.depth > best.depth ? each : best));
  const before = parts.slice(0, furthest.depth).join('.');
  const known = [
    ...new Set(
      walks.filter(({ depth }) => depth === furthest.depth).flatMap(({ schema }) => namesBelow(schema)),
    ),
  ];
  const missing = furthest.missing ?? '';
  return {
    found: false,
    sentence: `no field ${missing}${before ? ` below ${before}` : ''}; ${suggestion(missing, known)}`,
  };
}

interface Walked {
  readonly schema: Schema;
  readonly depth: number;
  /** The first part that is not there. */
  readonly missing?: string;
}

function walk(root: Schema, parts: readonly string[]): Walked {
  let schema = root;
  for (const [depth, part] of parts.entries()) {
    const below = step(schema, part);
    if (below === undefined) return { schema, depth, missing: part };
    schema = below;
  }
  return { schema, depth: parts.length };
}

/** The field of that name; through a list, or a name of the user's choice, where one is in between. */
function step(schema: Schema, part: string): Schema | undefined {
  const fields = schema.properties ?? schema.items?.properties;
  if (fields !== undefined) return Object.hasOwn(fields, part) ? fields[part] : undefined;
  const each = schema.additionalProperties;
  if (typeof each !== 'object') return undefined;
  const own = each.properties !== undefined && Object.hasOwn(each.properties, part);
  return own ? each.properties?.[part] : { 'x-change': schema['x-change'], ...each };
}

function namesBelow(schema: Schema): readonly string[] {
  return Object.keys(fieldsBelow(schema) ?? {});
}

function fieldsBelow(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  const each = schema.additionalProperties;
  return (
    schema.properties ?? schema.items?.properties ?? (typeof each === 'object' ? each.properties : undefined)
  );
}

function explanation(path: string, kinds: readonly string[], schema: Schema): Explanation {
  const required = schema.required ?? schema.items?.required ?? [];
  return {
    kinds,
    path,
    type: typeOf(schema),
    description: schema.description ?? '',
    default: schema.default,
    change: schema['x-change'] ?? 'in place',
    example: schema.examples?.[0],
    fields: Object.entries(fieldsBelow(schema) ?? {}).map(([name, field]) => ({
      name,
      description: field.description ?? '',
      required: required.includes(name),
    })),
  };
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  array: 'list',
  object: 'map',
};

function typeOf(schema: Schema): string {
  const unit = schema['x-unit'];
  const words = schema['x-words'] ?? schema.enum;
  if (schema.const !== undefined) return String(schema.const);
  if (unit !== undefined) return [unit, ...(words ?? [])].join(', or ');
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  const types = [schema.type ?? []].flat().map((type) => TYPES[type] ?? type);
  return schema['x-words'] === undefined ? types.join(' or ') : `${schema['x-words'].join(' or ')}, or a map`;
}
