import { outcomesByName } from './by-name.ts';
import { inCalls } from './executor.ts';

/** `locate` tells the catalog where outputs lie, as many at a time as it takes. */
export const locate = inCalls(
  'locate',
  ({ ports }) => ports.catalog.namesPerCall,
  async (steps, { ports, signal }) => {
    const locations = steps.map(({ name, location }) => ({ name, location }));
    return outcomesByName(locations, await ports.catalog.addLocations(locations, signal));
  },
);
