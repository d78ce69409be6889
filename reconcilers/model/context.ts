/** What every rule of a pass may know besides the file it is about. */
import type { Millis } from '../../machines/model.ts';
import type { DeleteProof } from '../../specs/types.ts';
import type { Nodes } from '../ports/batch-system.ts';
import type { ChecksumsAre } from '../ports/store.ts';
import type { DatasetRow } from './rows.ts';
import type { ByteTotals, Totals } from './totals.ts';

/** The few traits of drivers that decisions depend on. */
export interface DriverTraits {
  readonly driver: string;
  readonly callTimeoutMs: number;
  readonly absentIsFinal: boolean;
}

/** `Traits` are what decisions must know of a site’s drivers. */
export interface Traits {
  readonly batch: DriverTraits & { readonly jobsPerSubmission: number; readonly nodes: Nodes };
  /** By endpoint, `from>to`. */
  readonly movers: ReadonlyMap<string, DriverTraits & { readonly filesPerSubmission: number }>;
  /** By store: how a copy there can be proved; the strongest last. */
  readonly proofs: ReadonlyMap<string, readonly DeleteProof[]>;
  /** By store: whether asking for a checksum reads the file. */
  readonly checksums: ReadonlyMap<string, ChecksumsAre>;
}

/** `PassContext` is what every decision of a pass may know besides a page and the outside. */
export interface PassContext {
  readonly dataset: DatasetRow;
  readonly installation: string;
  /** The database's clock at the start of the pass. */
  readonly now: Millis;
  /** Look also at what should not have changed. */
  readonly resync: boolean;
  readonly totals: Totals;
  /** null where nobody asks for space. */
  readonly bytes: ByteTotals | null;
  readonly traits: Traits;
}
