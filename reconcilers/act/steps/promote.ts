import { writeCompanion } from './companion.ts';
import { byStore, DONE, eachStep } from './executor.ts';
import { found } from './found.ts';

/** `promote` gives files their final names, with the text that is to lie beside them written first. */
export const promote = eachStep(
  'promote',
  async ({ store, from, to, expected, companion }, { ports, signal }) => {
    const place = found(ports.stores, store, 'store');
    if (companion) await writeCompanion(place, companion, signal);
    if (from !== to) await place.promote(from, to, expected, signal);
    return DONE;
  },
  byStore,
);
