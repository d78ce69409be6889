import type { FileId } from '../../machines/model.ts';
import { FEEDS_ITSELF } from '../../machines/problems.ts';
import { isOfOurs, originOf, ringProblem } from '../decide/members/descent.ts';
import { groupBy } from '../model/group-by.ts';
import type { Member, PlacedMember, Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';

/** What was seen of an answer while it was read. */
interface Noted {
  readonly madeFrom: Map<string, FileId>;
  readonly inRing: string[];
  ring: readonly string[];
}

/**
 * Leaves out of an answer what the dataset itself has made, and what was made from that.
 *
 * A file that another dataset has made of other files is a member like any other.
 */
export function foreignMembers(
  dataset: DatasetRow,
  around: { readonly records: Records; readonly ports: SitePorts; readonly signal: AbortSignal },
) {
  const { records } = around;
  const noted: Noted = { madeFrom: new Map(), inRing: [], ring: [] };
  return {
    /** Begin a reading of the answer anew. */
    begin(): void {
      noted.madeFrom.clear();
      noted.inRing.length = 0;
    },
    /** Those of a page that are members. */
    async of(members: readonly Member[]): Promise<readonly Member[]> {
      const others = members.filter((member) => !isHidden(dataset, around.ports, member));
      const descents = await records.descents(dataset, await placed(others, around));
      const byIndex = new Map(descents.map((descent) => [descent.index, descent]));
      return others.filter((member, index) => {
        const origin = originOf(dataset.name, byIndex.get(index));
        if (origin.is === 'foreign' && origin.madeFrom !== null) {
          noted.madeFrom.set(member.name, origin.madeFrom);
        }
        if (origin.is === 'ring') {
          noted.inRing.push(member.name);
          noted.ring = origin.ring;
        }
        return origin.is === 'foreign';
      });
    },
    /** Write what was seen: of what members were made, and that a ring was met, or no longer is. */
    async conclude(now: number): Promise<void> {
      await records.noteOrigins(dataset, noted.madeFrom);
      const message = noted.inRing.length === 0 ? null : ringProblem(noted.inRing, noted.ring);
      await records.tell(dataset, FEEDS_ITSELF, message === null ? null : { class: 'data', message }, now);
    },
  };
}

/** Whether it lies where only what is ours lies: in a store's own folder, or in the spool. */
function isHidden({ loaded }: DatasetRow, { stores }: SitePorts, member: Member): boolean {
  const { sourceStore, sourcePath } = member;
  if (sourceStore === null || sourcePath === null) return false;
  if (isOfOurs(sourcePath)) return true;
  const { kind } = loaded.spec.input.source;
  if (kind !== 'files') return false;
  return stores.get(sourceStore)?.localPath(sourcePath)?.startsWith(`${loaded.site.spool.path}/`) ?? false;
}

/** Members with the places of their files; of a store that does not answer none is known, and only names tell. */
async function placed(
  members: readonly Member[],
  { ports, signal }: { readonly ports: SitePorts; readonly signal: AbortSignal },
): Promise<readonly PlacedMember[]> {
  const indexed = members.map((member, index) => ({ member, index }));
  const found: PlacedMember[] = [];
  for (const [store, there] of groupBy(indexed, ({ member }) => member.sourceStore ?? '')) {
    const paths = there.flatMap(({ member }) => member.sourcePath ?? []);
    const seen = await ports.stores
      .get(store)
      ?.locate([...new Set(paths)], 0, signal)
      .catch((error: unknown) => {
        if (!(error instanceof DriverError)) throw error;
        return undefined;
      });
    for (const { member, index } of there) {
      const place = seen?.found.get(member.sourcePath ?? '');
      found.push({ index, name: member.name, place: place?.place ?? null, path: place?.path ?? null });
    }
  }
  return found;
}
