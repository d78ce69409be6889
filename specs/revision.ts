import { createHash } from 'node:crypto';
import type { Revision } from '../machines/model.ts';
import { specValues } from './spec-values.ts';
import type { DatasetSpec, SiteSpec } from './types.ts';

/**
 * The processing revision of a spec: equal for two specs that produce the same from the same file.
 *
 * Made of the fields whose change class in the schema is `re-run`, defaults filled in;
 * comments, order and all other fields do not matter.
 *
 * @returns 16 hex digits
 */
export function revisionOf(spec: DatasetSpec): Revision {
  const fields = specValues(spec, ['re-run']).map(({ path, value }) => [path, value]);
  return hash(Object.fromEntries(fields)).slice(0, 16);
}

/**
 * A hash of what names the wanted files: equal for two specs that ask the same of the same.
 *
 * @returns 16 hex digits
 */
export function inputDigestOf({ input }: DatasetSpec): string {
  const { source, runs, store, dataTier } = input;
  return hash({ source, runs, store, dataTier }).slice(0, 16);
}

/**
 * A hash of everything a dataset's spec and site say, so that equal digests need no new generation.
 *
 * @returns 64 hex digits
 */
export function digestOf(spec: DatasetSpec, site: SiteSpec): string {
  return hash({ spec, site });
}

/** One text for every value that is equal but for the order of its keys; lists keep theirs. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`);
  return `{${entries.join(',')}}`;
}

function hash(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}
