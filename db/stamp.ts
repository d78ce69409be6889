import type { DatasetRow } from '../reconcilers/decide/rows.ts';

/** Who writes, for what, under which lease, and when. */
export interface Stamp {
  readonly dataset: DatasetRow;
  readonly phase: string;
  readonly holder: string;
  readonly epoch: number;
  readonly atMs: number;
}
