import type { ReadyStep } from '../../model/steps.ts';
import { DONE, type Taking } from './executor.ts';
import { found } from './found.ts';

/** `remove` deletes a file of which another copy was read back in this very pass. */
export async function remove(
  { store, path, expected }: ReadyStep<'delete' | 'release'>,
  { ports, signal }: Taking,
): Promise<typeof DONE> {
  await found(ports.stores, store, 'store').remove(path, expected, signal);
  return DONE;
}
