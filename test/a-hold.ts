import type { Hold } from '../reconcilers/model/holds.ts';
import { NOW } from './builders.ts';

/** A hold of the dataset p17 as a whole. */
export function aHold(fields: Partial<Hold> = {}): Hold {
  return {
    id: 1,
    scope: 'dataset',
    of: 'p17',
    name: '',
    code: 'held.members',
    reason: 'the input names no files at all',
    by: 'rereco',
    sinceMs: NOW,
    ...fields,
  };
}
