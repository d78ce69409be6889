import type { Checksum, Millis } from '../../machines/model.ts';
import type { Outcome, Seen } from './seen.ts';

/** One file as the catalog describes it. null: the catalog does not know. */
export interface CatalogFile {
  readonly name: string;
  readonly sizeBytes: number | null;
  readonly eventCount: number | null;
  readonly checksums: readonly Checksum[];
  readonly dataTier: string | null;
  readonly run: number | null;
  readonly parents: readonly string[];
  /** `<store>:<path>`, as they were added. */
  readonly locations: readonly string[];
}

/** What is said of an output when it is declared. */
export interface Declaration {
  readonly name: string;
  readonly sizeBytes: number;
  readonly eventCount: number | null;
  readonly checksums: readonly Checksum[];
  readonly dataTier: string;
  readonly run: number | null;
  readonly parents: readonly string[];
  readonly application: { readonly family: string; readonly name: string; readonly version: string };
  /** What the job said of the file, as it said it; kept beside the fields above. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type MembersQuestion = { readonly definition: string } | { readonly query: string };

/**
 * What knows which files exist, how big they are, and where. Every driver
 * passes test/contract/catalog.ts. Every call may be repeated.
 */
export interface Catalog {
  readonly driver: string;
  readonly callTimeoutMs: number;
  /** How many files one call of `declare` or `addLocations` is to be about. */
  readonly namesPerCall: number;

  /**
   * The files of a definition or query, in pages of at most some thousands.
   *
   * Whoever reads to the end without an error has the whole answer.
   *
   * @throws DriverError `rejected` for an unknown definition or a query that does
   *   not parse (with the place) | `unavailable`, also in the middle
   */
  members(question: MembersQuestion, signal: AbortSignal): AsyncIterable<readonly CatalogFile[]>;

  /** What is known of files by name. A retired file is absent. */
  describe(
    names: readonly string[],
    askedAt: Millis,
    signal: AbortSignal,
  ): Promise<Seen<string, CatalogFile>>;

  /**
   * Declare files, without a location.
   *
   * Repeatable: a file declared before with the same size, checksums and parents
   * is a success; with others a `conflict`.
   */
  declare(files: readonly Declaration[], signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>>;

  /** Say where declared files lie; a location that is known already is a success. */
  addLocations(
    locations: readonly { readonly name: string; readonly location: string }[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Outcome>>;

  /** Take back declarations that have no location; others are a `conflict`, unknown names a success. */
  retract(names: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>>;
}
