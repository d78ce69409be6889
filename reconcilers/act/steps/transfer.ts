import { bring } from './bring.ts';
import { eachStep } from './executor.ts';

/** `transfer` orders one transfer after the other from the movers. */
export const transfer = eachStep<'transfer'>('transfer', bring);
