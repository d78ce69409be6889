/** Holds: why a dataset, a phase of one, or a system or node of a site gets no new work until they end. */
import type { HoldCode, HoldScope, Millis } from '../../machines/model.ts';
import type { DatasetRow } from './rows.ts';

/** The batch system and the catalog of a site as systems that can be suspended; stores and movers go by their names. */
export const BATCH = 'batch';
export const CATALOG = 'catalog';

/** What is held. */
export interface HoldTarget {
  readonly scope: HoldScope;
  /** `dataset`, `phase`: the dataset's name; `system`, `node`: the site's. */
  readonly of: string;
  /** The phase; the system: a store's name, `batch`, `catalog` or `from>to`; the node. Empty for a dataset. */
  readonly name: string;
}

/** A hold that lasts. */
export interface Hold extends HoldTarget {
  readonly id: number;
  readonly code: HoldCode;
  readonly reason: string;
  /** The person, or `rereco` where a rule holds. */
  readonly by: string;
  readonly sinceMs: Millis;
}

/** What a rule finds of its hold: a reason while it bites, null once its cause is gone. */
export interface HoldFound {
  readonly code: HoldCode;
  readonly reason: string | null;
}

/** The hold of a dataset as a whole by one rule; undefined where there is none. */
export function holdBy({ holds }: Pick<DatasetRow, 'holds'>, code: HoldCode): Hold | undefined {
  return holds.find((hold) => hold.scope === 'dataset' && hold.code === code);
}

/** The command that ends a hold. */
export function resumeCommand({ scope, of, name }: HoldTarget): string {
  return `rereco resume ${RESUMED[scope](of, quoted(name))}`;
}

const RESUMED: Readonly<Record<HoldScope, (of: string, name: string) => string>> = {
  dataset: (of) => of,
  phase: (of, name) => `${of} --phase ${name}`,
  system: (of, name) => `--system ${name} --site ${of}`,
  node: (of, name) => `--node ${name} --site ${of}`,
};

/** A name as a shell takes it: `from>to` would redirect. */
const quoted = (name: string) => (/^[\w.:/-]*$/.test(name) ? name : `'${name}'`);
