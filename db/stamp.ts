import type { DatasetRow } from '../reconcilers/model/rows.ts';

/** Who writes, for what, under which lease, and when. */
export interface Stamp {
  readonly dataset: DatasetRow;
  readonly phase: string;
  readonly holder: string;
  readonly epoch: number;
  readonly atMs: number;
}
