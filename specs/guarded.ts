import { placed, type SpecDocument } from './document.ts';
import type { SpecProblem } from './types.ts';

/**
 * What is made of one document, or a problem of it where this program has a fault.
 *
 * A document on which the program stumbles must not take the others with it.
 */
export function guarded<T>(document: SpecDocument, make: () => T): T | { readonly fault: SpecProblem } {
  try {
    return make();
  } catch (error) {
    const sentence = `rereco has a fault that this document brings out (${String(error)}); please report it`;
    return { fault: placed(document, { path: [], sentence }) };
  }
}

/** Those that were made, and the faults. */
export function parted<T extends object>(
  all: readonly (T | { readonly fault: SpecProblem })[],
): { readonly made: readonly T[]; readonly faults: readonly SpecProblem[] } {
  const made: T[] = [];
  const faults: SpecProblem[] = [];
  for (const one of all) {
    if ('fault' in one) faults.push(one.fault);
    else made.push(one);
  }
  return { made, faults };
}
