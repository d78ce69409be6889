/** The dependencies of the loops, and `guarded()`, which keeps an error of one dataset from stopping the others. */
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

/** `Daemon` is what the loops work with, and who is called with what they come to. */
export interface Daemon {
  readonly records: Records;
  readonly siteOf: (site: SiteSpec) => Site;
  readonly manifest: ManifestReader;
  readonly signal: AbortSignal;
  /** Wait so long, saying why to whoever looks on. Throws the signal's reason. */
  readonly pause: (ms: number, why: string) => Promise<void>;
  /** Called with the report of every pass that did or met something. */
  readonly onPass: (report: PassReport) => void;
  /** Called with every answer about members that changed something. */
  readonly onMembers: (report: MembersReport) => void;
  /** Called with each error that stops only one dataset or phase. */
  readonly onProblem: (about: string, error: Error) => void;
}

/**
 * `guarded` does some work, and keeps an error of it from stopping other work (law 8). Where the
 * database is gone, all stops.
 *
 * @returns what the work came to, or the error that stopped it, which `onProblem` has had already
 */
export async function guarded<T>(
  { signal, onProblem }: Daemon,
  about: string,
  act: () => Promise<T>,
): Promise<T | Error> {
  try {
    return await act();
  } catch (error) {
    signal.throwIfAborted();
    const stopsOnlyThis = error instanceof DriverError || (error instanceof Error && KNOWN.has(error.name));
    if (!stopsOnlyThis) throw error;
    onProblem(about, error);
    return error;
  }
}

const KNOWN = new Set(['LeaseLost', 'ForeignMarker', 'StaleRow', 'TemplateError']);

/** Waiting cannot help: whose things these are, or what this program may do, is for a person to say. */
export function isForAPerson(error: Error): boolean {
  return error.name === 'ForeignMarker' || (error instanceof DriverError && error.code === 'forbidden');
}
