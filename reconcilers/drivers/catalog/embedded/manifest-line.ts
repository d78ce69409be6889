import type { CatalogFile } from '../../../ports/catalog.ts';
import { isStorable, locationProblem, nameProblem } from './name-problem.ts';

/** One line of a manifest: what it says of a file, and whatever else it says. */
export interface ManifestFile extends CatalogFile {
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What is wrong with a line, as a sentence. */
export class LineError extends Error {}

function text(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw new LineError(`${field} must be a text`);
  if (!isStorable(value)) throw new LineError(`${field} has a NUL or half of a surrogate pair in it`);
  return value;
}

function count(value: unknown, field: string): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new LineError(`${field} must be a whole number from 0, and is ${JSON.stringify(value)}`);
}

function list(value: unknown, field: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new LineError(`${field} must be a list`);
}

/** Leading zeros are dropped by some writers; an adler32 has eight digits. */
function checksum(value: unknown): string {
  const found = /^([a-z0-9_-]+):([0-9a-f]+)$/.exec(text(value, 'checksum').toLowerCase());
  if (!found)
    throw new LineError(`checksum must look like adler32:0a1b2c3d, and is ${JSON.stringify(value)}`);
  const [, algorithm = '', digits = ''] = found;
  return `${algorithm}:${algorithm === 'adler32' ? digits.padStart(8, '0') : digits}`;
}

/** SAM gives runs as `[run, subrun, type]`; the first stands for the file. */
function firstRun(run: unknown, runs: unknown): number | null {
  if (run !== undefined && run !== null) return count(run, 'run');
  const [first] = list(runs, 'runs');
  return Array.isArray(first) ? count(first[0], 'runs') : count(first, 'runs');
}

function parent(value: unknown): string {
  const named = typeof value === 'object' && value !== null && 'file_name' in value ? value.file_name : value;
  return text(named, 'a name in parents');
}

function location(value: unknown): string {
  const given = text(value, 'a location');
  const problem = locationProblem(given);
  if (problem) throw new LineError(`the location ${JSON.stringify(given)} ${problem}`);
  return given;
}

function fields(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new LineError(`this is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LineError('a line must be an object such as {"file_name": "a.raw", "file_size": 12}');
  }
  return { ...value };
}

/**
 * What a line of a manifest says; unknown fields become `metadata`. Pure.
 *
 * @throws LineError with a sentence about the first problem
 */
export function manifestLine(line: string): ManifestFile {
  const { file_name, file_size, event_count, data_tier, run, runs, parents, locations, ...more } =
    fields(line);
  const { checksum: sums, ...metadata } = more;
  const name = text(file_name, 'file_name');
  const problem = nameProblem(name);
  if (problem) throw new LineError(`the file_name ${problem}`);
  return {
    name,
    sizeBytes: count(file_size, 'file_size'),
    eventCount: count(event_count, 'event_count'),
    checksums: (typeof sums === 'string' ? [sums] : list(sums, 'checksum')).map(checksum),
    dataTier: data_tier === undefined || data_tier === null ? null : text(data_tier, 'data_tier'),
    run: firstRun(run, runs),
    parents: list(parents, 'parents').map(parent),
    locations: [...new Set(list(locations, 'locations').map(location))],
    metadata,
  };
}
