import { quarantinePath } from '../../model/names.ts';
import { byStore, DONE, eachStep } from './executor.ts';
import { found } from './found.ts';

/** `quarantine` renames files to where nothing counts. */
export const quarantine = eachStep(
  'quarantine',
  async ({ store, path, number }, { ports, signal }) => {
    await found(ports.stores, store, 'store').promote(path, quarantinePath(path, number), null, signal);
    return DONE;
  },
  byStore,
);
