import type { FilledDataset, FilledSite } from './filled.ts';
import { DATASET } from './schema/dataset.ts';
import type { Schema } from './schema/field.ts';
import { SITE } from './schema/site.ts';
import { readUnit } from './units.ts';

/** The value of a field of a document; undefined where there is none on the way. */
export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, key) => {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    return Reflect.get(node, key);
  }, root);
}

/** A dataset with the schema's defaults; what its site gives for all datasets comes before those. */
export function filledDataset(sound: unknown, soundSite: unknown): FilledDataset {
  const limits = merged(valueAt(soundSite, ['spec', 'limits']), valueAt(sound, ['spec', 'limits']));
  const resources = merged(
    valueAt(soundSite, ['spec', 'resources']),
    valueAt(sound, ['spec', 'job', 'resources']),
  );
  const job = merged(valueAt(sound, ['spec', 'job']), { resources });
  const spec = merged(valueAt(sound, ['spec']), { job, limits });
  // `fill` makes what the schema says, and a test holds the type against the schema.
  return fill(DATASET, merged(sound, { spec })) as FilledDataset;
}

/** A site with the schema's defaults. */
export function filledSite(sound: unknown): FilledSite {
  // As above.
  return fill(SITE, sound) as FilledSite;
}

/**
 * A value with defaults, its quantities as integers. A missing required field gets a
 * blank, so that rules can go on; that it is missing has been said by then.
 */
function fill(schema: Schema, written: unknown): unknown {
  const value = written === undefined ? schema.default : written;
  const unit = schema['x-unit'];
  if (unit !== undefined && (typeof value === 'string' || typeof value === 'number')) {
    const read = readUnit(unit, value);
    return read.ok ? read.value : value;
  }
  if (Array.isArray(value)) return value.map((item) => fill(schema.items ?? {}, item));
  if (typeof value !== 'object' || value === null) return value;
  return filledMap(schema, value);
}

function filledMap(schema: Schema, value: object): object {
  const each = schema.additionalProperties;
  const names = new Set([...Object.keys(value), ...Object.keys(schema.properties ?? {})]);
  const entries = [...names].map((name): [string, unknown] => {
    const field = schema.properties?.[name] ?? (typeof each === 'object' ? each : {});
    const filled = fill(field, valueAt(value, [name]));
    return [name, filled === undefined && schema.required?.includes(name) ? blank(field) : filled];
  });
  return Object.fromEntries(entries.filter(([, filled]) => filled !== undefined));
}

function blank(field: Schema): unknown {
  return field.type === 'object' ? fill(field, {}) : '';
}

/** Two maps as one, the second's fields before the first's, maps within them likewise. */
function merged(first: unknown, second: unknown): unknown {
  if (second === undefined) return first;
  if (!isMap(first) || !isMap(second)) return second;
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...names].map((name) => [name, merged(valueAt(first, [name]), valueAt(second, [name]))]),
  );
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
