/**
 * Raw files that were processed where they lie, looked at once more: nobody else would see
 * that one of them has been changed since. Of listed files the listing tells.
 */

import type { Member, Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';

/** Tell of files that have another size than they were processed with. @returns how many are told of for the first time */
export async function lookInPlace(
  dataset: DatasetRow,
  {
    records,
    ports,
    signal,
  }: { readonly records: Records; readonly ports: SitePorts; readonly signal: AbortSignal },
): Promise<number> {
  const { source, store } = dataset.loaded.spec.input;
  const asked = ports.stores.get(store);
  if (source.kind === 'files' || asked === undefined) return 0;
  async function* ask(): AsyncGenerator<readonly Member[]> {
    for await (const files of records.inPlace(dataset)) {
      const paths = files.map(({ path }) => path);
      const { found } = (await asked?.stat(paths, 'size', 0, signal)) ?? { found: new Map() };
      yield files.flatMap(({ name, path }) => {
        const sizeBytes = found.get(path)?.sizeBytes;
        return sizeBytes === undefined ? [] : [sized(name, sizeBytes)];
      });
    }
  }
  try {
    return await records.noteChanged(dataset, ask(), await records.now());
  } catch (error) {
    // The phases that need the store tell that it does not answer.
    if (error instanceof DriverError) return 0;
    throw error;
  }
}

/** A file of which only the size is known. */
function sized(name: string, sizeBytes: number): Member {
  const unknown = { dataTier: null, run: null, eventCount: null, checksum: null };
  return { name, sizeBytes, ...unknown, sourceStore: null, sourcePath: null };
}
