/**
 * People are told of a place that is not this installation's by a problem of each dataset that
 * writes there, since those who only look at the records ask no store.
 */
import { FOREIGN_MARKER } from '../../machines/problems.ts';
import type { Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import type { SitePorts } from '../ports/ports.ts';
import { checkMarkers, ForeignMarker, markedPlaces } from './marker.ts';

interface Telling {
  readonly records: Records;
  readonly ports: SitePorts;
}

/**
 * `tellingForeign` does some work for datasets, and opens the problem where a marker stops it.
 *
 * @throws what the work throws
 */
export async function tellingForeign<T>(
  datasets: readonly DatasetRow[],
  { records, ports }: Telling,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ForeignMarker)) throw error;
    const { message, place } = error;
    const writers = datasets.filter((dataset) =>
      markedPlaces({ dataset }, ports).some(({ name }) => name === place),
    );
    const now = await records.now();
    // No class: it is no failure of a file's.
    for (const dataset of writers) {
      await records.tell(dataset, FOREIGN_MARKER, { class: null, message }, now, 'site');
    }
    throw error;
  }
}

/**
 * `checkTold` looks again at the places of a dataset of which people were told, and ends the problem
 * where they are this installation's.
 *
 * @throws ForeignMarker | DriverError where one is not, or cannot be asked
 */
export async function checkTold(
  dataset: DatasetRow,
  { records, ports }: Telling,
  signal: AbortSignal,
): Promise<void> {
  await checkMarkers(markedPlaces({ dataset }, ports), records, signal);
  await endTold([dataset], records);
}

/** `endTold` ends the problem of datasets whose places are this installation's now. */
export async function endTold(datasets: readonly DatasetRow[], records: Records): Promise<void> {
  const now = await records.now();
  for (const dataset of datasets) await records.tell(dataset, FOREIGN_MARKER, null, now, 'site');
}
