/** Asking stores where the places are that a migration has filled in from the text of sites. */
import type { Knex } from 'knex';
import { type Located, readUnlocated, type Unlocated, writeLocated } from '../db/unlocated.ts';
import { groupBy } from '../reconcilers/model/group-by.ts';
import type { Records } from '../reconcilers/model/records.ts';
import { DriverError } from '../reconcilers/ports/errors.ts';
import type { Store } from '../reconcilers/ports/store.ts';
import type { SiteSpec } from '../specs/types.ts';

const AT_A_TIME = 5_000;

/**
 * Ask of every place that no store was asked of yet; does nothing where there is none.
 *
 * A store that does not answer leaves its places as the site's text has them, until the
 * next command asks again.
 */
export async function locatePlaces(
  knex: Knex,
  records: Pick<Records, 'dataset' | 'now'>,
  storesOf: (site: SiteSpec) => ReadonlyMap<string, Store>,
  signal: AbortSignal,
): Promise<void> {
  for (let after: Unlocated | null = null; ; ) {
    signal.throwIfAborted();
    const rows: readonly Unlocated[] = await readUnlocated(knex, after, AT_A_TIME);
    const last = rows.at(-1);
    if (last === undefined) return;
    const located = new Map<Unlocated, Located>();
    for (const its of groupBy(rows, ({ dataset, store }) => `${dataset}\n${store}`).values()) {
      for (const one of await ask(its, records, storesOf, signal)) located.set(one.row, one);
    }
    const inOrder = rows.flatMap((row) => located.get(row) ?? []);
    await writeLocated(knex, inOrder, await records.now());
    after = last;
  }
}

async function ask(
  rows: readonly Unlocated[],
  records: Pick<Records, 'dataset'>,
  storesOf: (site: SiteSpec) => ReadonlyMap<string, Store>,
  signal: AbortSignal,
): Promise<readonly Located[]> {
  const [{ dataset, store } = { dataset: '', store: '' }] = rows;
  try {
    const { loaded } = await records.dataset(dataset);
    const paths = rows.map(({ storePath }) => storePath);
    const seen = await storesOf(loaded.site).get(store)?.locate(paths, 0, signal);
    return rows.flatMap((row) => {
      const is = seen?.found.get(row.storePath);
      return is === undefined ? [] : [{ row, is }];
    });
  } catch (error) {
    if (!(error instanceof DriverError)) throw error;
    return [];
  }
}
