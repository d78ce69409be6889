/** What is asked about copies that have arrived. */
import type { PassContext } from '../../model/context.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import type { Questions, World } from '../../model/world.ts';
import type { StatDepth } from '../../ports/store.ts';
import { depthFor, provingChecksum } from '../wanted/checksums.ts';
import { wantedCopy } from '../wanted/wanted.ts';
import { copySeen, expected, knownToCatalog } from './verify-check.ts';

/** The sizes of the copies, and what the catalog says of those that were not verified yet. */
export function firstLook(context: PassContext, page: Page): Questions {
  return {
    stats: page.inputs.flatMap((input) =>
      placeOf(context, input).map((place) => ({ ...place, depth: 'size' as const })),
    ),
    described: knownToCatalog(context)
      ? page.inputs.filter((input) => input.state !== 'verified').map((input) => input.name)
      : [],
  };
}

/**
 * Asked of a copy of which no checksum is known, so that later damage is seen: every
 * worker node can compute it, whatever the size.
 */
const OWN_SUM: StatDepth = 'checksum:md5';

/**
 * Bytes are read only where the sizes agree, and only when there is something to compare
 * or count. Who counts reads every byte anyway: summing them costs no second read of a
 * disk, and elsewhere nobody would thank for a recall from tape.
 */
export function secondLook(context: PassContext, page: Page, seen: World): Questions {
  const { eventCount } = context.dataset.loaded.spec.input;
  const readsBytes = eventCount.by === 'pattern' || eventCount.by === 'command';
  const whole = page.inputs
    .map((input) => ({ input, wanted: expected(context, input, seen) }))
    .filter(({ input, wanted }) => {
      const copy = copySeen(context, input, seen);
      return (
        input.state === 'transferred' && copy.is === 'present' && copy.value.sizeBytes === wanted.sizeBytes
      );
    });
  return {
    stats: whole.flatMap(({ input, wanted }) => {
      const known = provingChecksum(wanted);
      if (known === null && !readsBytes) return [];
      const depth = known === null ? OWN_SUM : depthFor(known);
      return placeOf(context, input).map((place) => ({ ...place, depth }));
    }),
    counts:
      eventCount.by === 'catalog'
        ? []
        : whole.flatMap(({ input, wanted }) => (wanted.eventCount === null ? placeOf(context, input) : [])),
  };
}

/** Where a copy lies; empty where there is none. */
function placeOf(context: PassContext, input: InputRow) {
  return input.copyPath === null ? [] : [{ store: wantedCopy(context, input).store, path: input.copyPath }];
}
