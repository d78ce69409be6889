/** `withHolders` asks whose the places of a page are: our own records say it, and stores say where raw copies lie. */
import type { FileId } from '../../machines/model.ts';
import { KEPT, WAITING_PROBLEMS } from '../../machines/problems.ts';
import type { SiteSpec } from '../../specs/types.ts';
import type { PassContext } from '../model/context.ts';
import { groupBy } from '../model/group-by.ts';
import { type Holders, type Owner, type PlaceName, placeKey, type Reader } from '../model/holders.ts';
import type { Records } from '../model/records.ts';
import type { Page } from '../model/rows.ts';
import type { World } from '../model/world.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';

/** What is needed to ask. */
export interface HoldersAsking {
  readonly records: Records;
  readonly ports: SitePorts;
  readonly storesOf: (site: SiteSpec) => SitePorts['stores'];
  readonly signal: AbortSignal;
}

/** The places of which a page has asked where they are. */
export function placesAsked({ places }: World): readonly PlaceName[] {
  return [...places.values()].flat().flatMap(({ found }) => [...found.values()]);
}

/** The same answers with the owners as they are now. */
export function withOwners(seen: World, owners: readonly Owner[]): World {
  const byPlace = new Map(owners.map((owner) => [placeKey(owner), owner]));
  return { ...seen, holders: { ...seen.holders, owners: byPlace } };
}

/** What was seen, and whose the places are; nothing is asked where no step needs one. */
export async function withHolders(
  seen: World,
  page: Page,
  { dataset }: Pick<PassContext, 'dataset'>,
  asking: HoldersAsking,
): Promise<World> {
  const { records } = asking;
  const files = [...page.inputs, ...page.outputs].map(({ id }) => id);
  const openProblems = await problemsByKind(records, dataset, files);
  const places = placesAsked(seen);
  if (places.length === 0) return { ...seen, holders: { ...seen.holders, openProblems } };

  const names = [...new Set(places.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))];
  const raw = await located(await records.readers(names), dataset, asking);
  return withOwners(
    { ...seen, holders: { ...seen.holders, ...raw, openProblems } },
    await records.owners(places),
  );
}

async function problemsByKind(
  records: Records,
  dataset: PassContext['dataset'],
  files: readonly FileId[],
): Promise<Holders['openProblems']> {
  if (files.length === 0) return new Map();
  const open = await records.toldOf(dataset, files, [...WAITING_PROBLEMS, KEPT]);
  const byKind = groupBy(open, ({ kind }) => kind);
  return new Map(
    [...byKind].map(([kind, problems]) => [
      kind,
      new Map(problems.map(({ fileId, message }) => [fileId, message])),
    ]),
  );
}

/** Where the raw copies of inputs lie; of a store that does not answer, nobody knows. */
async function located(
  readers: readonly Reader[],
  own: PassContext['dataset'],
  { records, ports, storesOf, signal }: HoldersAsking,
): Promise<Pick<Holders, 'readers' | 'unsure'>> {
  const found = new Map<string, Reader[]>();
  const unsure = new Map<string, string>();
  const sets = groupBy(readers, ({ dataset, store }) => `${dataset}\n${store}`);
  for (const alike of sets.values()) {
    const [{ dataset, store } = { dataset: '', store: '' }] = alike;
    const stores =
      dataset === own.name ? ports.stores : storesOf((await records.dataset(dataset)).loaded.site);
    const answer = await stores
      .get(store)
      ?.locate([...new Set(alike.map(({ path }) => path))], 0, signal)
      .catch(noAnswer);
    for (const reader of alike) {
      const place = answer?.found.get(reader.path);
      if (place === undefined) {
        const why = `${store} has not said where the raw file ${reader.input} of dataset ${dataset} lies`;
        unsure.set(reader.input, why);
      } else found.set(placeKey(place), [...(found.get(placeKey(place)) ?? []), reader]);
    }
  }
  return { readers: found, unsure };
}

function noAnswer(error: unknown): undefined {
  if (!(error instanceof DriverError)) throw error;
  return undefined;
}
