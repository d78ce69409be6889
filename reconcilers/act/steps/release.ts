import { byStore, eachStep } from './executor.ts';
import { remove } from './remove.ts';

/** `release` deletes local replicas of raw files. */
export const release = eachStep('release', remove, byStore);
