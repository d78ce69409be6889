import { outcomesByName } from './by-name.ts';
import { inCalls } from './executor.ts';

/** `declare` tells the catalog of outputs, as many at a time as it takes. */
export const declare = inCalls(
  'declare',
  ({ ports }) => ports.catalog.namesPerCall,
  async (steps, { ports, signal }) => {
    const declarations = steps.map(({ declaration }) => declaration);
    return outcomesByName(declarations, await ports.catalog.declare(declarations, signal));
  },
);
