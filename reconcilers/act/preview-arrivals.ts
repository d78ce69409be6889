/** In a dry run: which listed files may still be written, remembered from one look to the next. */

import { arrivalOf, isWhole } from '../decide/members/arrivals.ts';
import type { Arrival } from '../model/members.ts';
import type { Member, MembersTaken, Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import type { Totals } from '../model/totals.ts';

/** What was seen of new files at the last look. */
interface Looked {
  readonly arrivals: ReadonlyMap<string, Arrival>;
  /** Those among them that may still be written. */
  readonly arriving: readonly string[];
}

/** Arrivals on record, where there is a record, with what the dry run has seen since. */
export function previewArrivals(base: Records | null) {
  const looked = new Map<string, Looked>();
  const of = async (dataset: DatasetRow): Promise<ReadonlyMap<string, Arrival>> =>
    looked.get(dataset.name)?.arrivals ??
    (base === null || dataset.id < 0 ? new Map() : base.arrivals(dataset));

  return {
    of,

    /** Take new files that may still be written out of an answer. @returns their paths */
    async keepApart(
      dataset: DatasetRow,
      files: Map<string, Member>,
      known: ReadonlySet<string>,
      { now, listedMs }: Pick<MembersTaken, 'now' | 'listedMs'>,
    ): Promise<readonly string[]> {
      const { source, settleForSeconds } = dataset.loaded.spec.input;
      if (source.kind !== 'files' || settleForSeconds === 0) return [];
      const before = await of(dataset);
      const arrivals = new Map<string, Arrival>();
      const arriving: string[] = [];
      for (const { name, sizeBytes, modified = null, sourcePath } of [...files.values()]) {
        if (known.has(name) || sizeBytes === null || sourcePath === null) continue;
        const seenMs = listedMs?.() ?? now;
        const arrival = arrivalOf(before.get(sourcePath), { sizeBytes, modified }, seenMs);
        arrivals.set(sourcePath, arrival);
        if (isWhole(arrival, settleForSeconds, now)) continue;
        arriving.push(sourcePath);
        files.delete(name);
      }
      looked.set(dataset.name, { arrivals, arriving });
      return arriving;
    },

    /** What totals say of the last look; undefined before it. */
    told({ name }: DatasetRow): Totals['arriving'] | undefined {
      const arriving = looked.get(name)?.arriving;
      return arriving && { files: arriving.length, example: arriving.toSorted()[0] ?? null };
    },
  };
}
