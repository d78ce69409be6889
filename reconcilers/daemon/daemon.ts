/** What runs the spine again and again works with, and how one bad thing stops only itself. */
import type { SiteSpec } from '../../specs/types.ts';
import type { ManifestReader } from '../act/members.ts';
import type { MembersOutcome, Records } from '../model/records.ts';
import type { PassReport } from '../pass-report.ts';
import { DriverError } from '../ports/errors.ts';
import type { Surroundings } from '../reconcile.ts';

/** The outside of one site. */
export interface Site extends Pick<Surroundings, 'ports' | 'traits'> {}

/** An answer about a dataset's members, and why it was not believed; null: it was. */
export interface MembersReport extends MembersOutcome {
  readonly dataset: string;
  /** Files that were left out since nobody knows their runs, in a sentence; null: none were. */
  readonly runless: string | null;
}

export interface Daemon {
  readonly records: Records;
  readonly siteOf: (site: SiteSpec) => Site;
  readonly manifest: ManifestReader;
  readonly signal: AbortSignal;
  /** Wait so long, saying why to whoever looks on. Throws the signal's reason. */
  readonly pause: (ms: number, why: string) => Promise<void>;
  /** Told of every pass that did or met something. */
  readonly tell: (report: PassReport) => void;
  /** Told of every answer about members that changed something. */
  readonly tellMembers: (report: MembersReport) => void;
  /** Told of what stops only one dataset or phase. */
  readonly complain: (about: string, error: Error) => void;
}

/**
 * One bad thing stops only itself: the others go on (law 8). The database's
 * absence stops all.
 *
 * @returns the error that stopped it, told of already
 */
export async function alone<T>(
  { signal, complain }: Daemon,
  about: string,
  act: () => Promise<T>,
): Promise<T | Error> {
  try {
    return await act();
  } catch (error) {
    signal.throwIfAborted();
    const stopsOnlyThis = error instanceof DriverError || (error instanceof Error && KNOWN.has(error.name));
    if (!stopsOnlyThis) throw error;
    complain(about, error);
    return error;
  }
}

const KNOWN = new Set(['LeaseLost', 'ForeignMarker', 'StaleRow', 'TemplateError']);

/** Waiting cannot help: whose things these are, or what this program may do, is for a person to say. */
export function isForAPerson(error: Error): boolean {
  return error.name === 'ForeignMarker' || (error instanceof DriverError && error.code === 'forbidden');
}
