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

/** Hashes of the files a spec names, by absolute path. */
export type Contents = Readonly<Record<string, string>>;

/**
 * A hash of what names the wanted files: equal for two specs that ask the same of the same.
 *
 * @param contents  of the manifest that names them; empty where none does
 * @returns 16 hex digits
 */
export function inputDigestOf({ input }: DatasetSpec, contents: Contents): string {
  const { source, runs, store, dataTier, run } = input;
  const named = run.pattern === null ? {} : { run };
  return hash({ source, runs, store, dataTier, ...named, ...said(contents) }).slice(0, 16);
}

/**
 * A hash of everything a dataset's spec, its site and the files they name say, so that equal
 * digests need no new generation.
 *
 * @returns 64 hex digits
 */
export function digestOf(spec: DatasetSpec, site: SiteSpec, contents: Contents): string {
  return hash({ spec, site, ...said(contents) });
}

/** Nothing at all where there is none: digests of older programs stay what they were. */
function said(contents: Contents): { readonly contents?: Contents } {
  return Object.keys(contents).length === 0 ? {} : { contents };
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
