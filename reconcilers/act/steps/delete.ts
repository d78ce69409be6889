import { byStore, eachStep } from './executor.ts';
import { remove } from './remove.ts';

/** `deletion` deletes local copies of exported outputs. */
export const deletion = eachStep('delete', remove, byStore);
