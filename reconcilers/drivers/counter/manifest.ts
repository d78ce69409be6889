import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { DriverError } from '../../ports/errors.ts';

/** Event counts by file name. */
export type Counts = ReadonlyMap<string, number>;

/**
 * Read a manifest once, and again only when it has changed.
 *
 * @returns a reader with a memory of its own
 */
export function manifestReader(): (manifest: string, signal: AbortSignal) => Promise<Counts> {
  const known = new Map<string, { readonly version: string; readonly counts: Promise<Counts> }>();

  return async (manifest, signal) => {
    const { mtimeMs, size } = await stat(manifest);
    const version = `${mtimeMs}:${size}`;
    const last = known.get(manifest);
    if (last?.version === version) return last.counts;

    const counts = readCounts(manifest, signal);
    known.set(manifest, { version, counts });
    // One that could not be read is read again.
    counts.catch(() => known.delete(manifest));
    return counts;
  };
}

/** @throws DriverError `rejected` for a line that is not an object with a `file_name` */
async function readCounts(manifest: string, signal: AbortSignal): Promise<Counts> {
  const counts = new Map<string, number>();
  const input = createReadStream(manifest, { encoding: 'utf8', signal });
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === '') continue;
    const entry = entryOf(text);
    if (!entry) throw new DriverError('rejected', `${manifest}:${line}: not an object with a file_name`);
    if (entry.events !== undefined) counts.set(entry.name, entry.events);
  }
  return counts;
}

function entryOf(text: string): { readonly name: string; readonly events: number | undefined } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('file_name' in value)) return undefined;
    if (typeof value.file_name !== 'string') return undefined;
    const events = 'event_count' in value ? value.event_count : undefined;
    return { name: value.file_name, events: isCount(events) ? events : undefined };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
