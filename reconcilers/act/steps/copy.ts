import { bring } from './bring.ts';
import { eachStep } from './executor.ts';

/** `copy` orders one transfer after the other from the movers. */
export const copy = eachStep<'copy'>('copy', bring);
