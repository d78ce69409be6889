import type { BatchSystem } from './batch-system.ts';
import type { Catalog } from './catalog.ts';
import type { Counter } from './counter.ts';
import type { Mover } from './mover.ts';
import type { Spool } from './spool.ts';
import type { Store } from './store.ts';

/** The outside as one site has it. */
export interface SitePorts {
  /** By the names specs use. */
  readonly stores: ReadonlyMap<string, Store>;
  /** By endpoint, `from>to`. */
  readonly movers: ReadonlyMap<string, Mover>;
  readonly batch: BatchSystem;
  readonly catalog: Catalog;
  readonly spool: Spool;
  readonly counter: Counter;
}
