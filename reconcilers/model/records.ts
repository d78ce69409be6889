import type { FileId, Millis, Phase, StorePath } from '../../machines/model.ts';
import type { LoadedDataset, SpecOrigin } from '../../specs/types.ts';
import type { CatalogFile } from '../ports/catalog.ts';
import type { Change, ProblemChange } from './change.ts';
import type { Owner, PlaceName, Reader } from './holders.ts';
import type { HoldFound } from './holds.ts';
import type { Arrival, Descent, MembersSummary, MembersVerdict } from './members.ts';
import type { DatasetRow, OutputRow, Page } from './rows.ts';
import type { PageScope } from './scope.ts';
import type { SweepRecords } from './sweeping.ts';
import type { ByteTotals, Totals } from './totals.ts';
import type { NewWaiver } from './waivers.ts';

/** The installation as its database knows it. */
export interface Installation {
  readonly id: string;
  /** The last number given to a submission. */
  readonly serial: number;
}

/** The right to write for one dataset and phase, for a while. */
export interface Lease {
  readonly dataset: string;
  readonly phase: Phase;
  readonly epoch: number;
  /** How long it lasts after it was taken, renewed or written under. */
  readonly lastsMs: Millis;
}

/** Somebody else holds the lease: who. */
export interface LeaseTaken {
  readonly takenBy: string;
}

/** What a writer can do inside the transaction that will commit its intents. */
export interface Writing {
  /** The same rows as they are now, under the lease. */
  reread(page: Page, scope: PageScope): Promise<Page>;
  totals(): Promise<Totals>;
  bytes(): Promise<ByteTotals>;
  /**
   * How many more jobs the site has room for. Locks the limit's row, so that what
   * is committed with it cannot pass the limit together with others.
   */
  room(site: string, mostJobs: number): Promise<number>;
  /** To whom these places belong, as of now. */
  owners(places: readonly PlaceName[]): Promise<readonly Owner[]>;
  /** What holds the dataset, as of now: somebody may have suspended it since the pass began. */
  holds(): Promise<DatasetRow['holds']>;
  /** Draw that many numbers for submissions; the first of them. */
  numbers(count: number): Promise<number>;
  /** Write entries of the ledger about what a person waives. @returns their numbers, by file */
  waive(entries: readonly NewWaiver[]): Promise<ReadonlyMap<FileId, number>>;
  /** Write a change. @returns the outputs it made, with their numbers */
  commit(change: Change): Promise<readonly OutputRow[]>;
}

/** What is remembered of the installation and its sites. */
export interface SiteRecords {
  /** The database's clock, in milliseconds. */
  now(): Promise<Millis>;
  installation(): Promise<Installation>;
  /** Places of a site in which a marker of ours was written. */
  markedPlaces(site: string): Promise<ReadonlySet<string>>;
  noteMarked(site: string, places: readonly string[], now: Millis): Promise<void>;
  /** Never give out this number or a lower one again. */
  raiseSerial(serial: number): Promise<void>;

  /** Note that a system answered or did not; written only on a change or once a minute. */
  health(site: string, name: string, problem: string | null, now: Millis): Promise<void>;
  /** Note that systems which did not answer do again; of the others nothing is written. */
  answered(site: string, names: readonly string[], now: Millis): Promise<void>;
}

/** What is remembered of datasets as a whole. */
export interface DatasetRecords {
  datasets(): Promise<readonly DatasetRow[]>;
  /** One of them, by its name. Datasets are never deleted. @throws NoDataset where it has another name by now */
  dataset(name: string): Promise<DatasetRow>;
  totals(dataset: DatasetRow): Promise<Totals>;
  /** Sums of bytes by state. Slow: it joins all files; called only where free space matters. */
  bytes(dataset: DatasetRow): Promise<ByteTotals>;

  /** Record a new generation, making the dataset where it is new. */
  apply(loaded: LoadedDataset, now: Millis): Promise<DatasetRow>;
  /** Note that the spec of the generation in force was read from another place, as another checkout of its repository. */
  noteOrigin(dataset: DatasetRow, origin: SpecOrigin): Promise<void>;
  /** Say that no spec asks for a dataset any more, or that one does again. */
  orphan(dataset: DatasetRow, orphaned: boolean, now: Millis): Promise<void>;
  /** Write what rules find of their holds of a dataset; `by` is who ended a cause that is gone, and why. */
  noteHolds(dataset: DatasetRow, found: readonly HoldFound[], now: Millis, by?: EndedBy): Promise<void>;
  /** Tell of a problem of a dataset that no phase has; null: it is over. @param about  what has it: by default its spec */
  tell(
    dataset: DatasetRow,
    kind: string,
    problem: ProblemChange['problem'],
    now: Millis,
    about?: 'spec' | 'members' | 'site',
  ): Promise<void>;
}

/** What is remembered of the members of datasets. */
export interface MemberRecords {
  /**
   * Compare an answer about a dataset's members with those known, and let the
   * caller decide whether it is believed.
   *
   * The answer is read to its end first; when reading it throws, nothing is written.
   *
   * @param ask  called once, or twice where asking is repeatable
   */
  members(
    dataset: DatasetRow,
    ask: () => AsyncIterable<readonly Member[]>,
    how: MembersTaken,
  ): Promise<MembersOutcome>;

  /** Files that were processed in place, in pages. */
  inPlace(dataset: DatasetRow): AsyncIterable<readonly { readonly name: string; readonly path: StorePath }[]>;
  /**
   * Tell of each file that was processed in place and is not what it was, as its store says,
   * and no longer of those that are.
   *
   * @returns how many are told of for the first time
   */
  noteChanged(dataset: DatasetRow, answer: AsyncIterable<readonly Member[]>, now: Millis): Promise<number>;

  /** Names of members whose source matters now, in pages: those still to be brought, and replicas that may go. */
  namesToFollow(dataset: DatasetRow): AsyncIterable<readonly string[]>;
  /**
   * Correct known members by what is said of some of them: what they are held against, and
   * where they come from. No member is added, and none is gone.
   */
  correct(
    dataset: DatasetRow,
    answer: AsyncIterable<readonly Member[]>,
    now: Millis,
  ): Promise<{ readonly corrected: number; readonly moved: number }>;

  /** The listed files that may still be written, or were, by path: those that are not on record as they are. */
  arrivals(dataset: DatasetRow): Promise<ReadonlyMap<StorePath, Arrival>>;

  /** How files came about that a dataset of ours has made; others are not among the answers. */
  descents(dataset: DatasetRow, members: readonly PlacedMember[]): Promise<readonly Descent[]>;
  /** Note of which inputs, of other datasets, members were made, by the members' names. */
  noteOrigins(dataset: DatasetRow, madeFrom: ReadonlyMap<string, FileId>): Promise<void>;

  /** Which of these names are inputs of the dataset, retired or not. */
  knownAmong(dataset: DatasetRow, names: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What passes read and write. */
export interface PassRecords {
  /** How many more jobs a site has room for as things stand; who submits asks `Writing.room`. */
  room(site: string, mostJobs: number): Promise<number>;

  /** The rows a phase is concerned with, page by page in id order. */
  pages(dataset: DatasetRow, scope: PageScope): AsyncIterable<Page>;

  /** Take the lease, or learn who has it. */
  lease(dataset: DatasetRow, phase: Phase): Promise<Lease | LeaseTaken>;
  /** Keep the lease for longer. @throws LeaseLost */
  renew(lease: Lease): Promise<void>;
  release(lease: Lease): Promise<void>;

  /**
   * Do one transaction's writing under a lease.
   *
   * @throws LeaseLost when the lease is no longer ours: nothing was written
   */
  write<T>(lease: Lease, dataset: DatasetRow, work: (writing: Writing) => Promise<T>): Promise<T>;

  /** To whom these places belong. */
  owners(places: readonly PlaceName[]): Promise<readonly Owner[]>;
  /** The inputs of any dataset with these names, and where their raw copies lie or come to lie. */
  readers(names: readonly string[]): Promise<readonly Reader[]>;
  /** Open problems of these kinds of a page's files. */
  toldOf(
    dataset: DatasetRow,
    files: readonly FileId[],
    kinds: readonly string[],
  ): Promise<readonly ToldProblem[]>;
}

/**
 * What the reconcilers remember, and the only way they write it.
 *
 * Every method may throw DriverError `unavailable` when the database does not
 * answer; whatever was being written is then written whole or not at all.
 */
export interface Records extends SiteRecords, DatasetRecords, MemberRecords, PassRecords {
  /** What a sweep of a site remembers. */
  readonly sweeping: SweepRecords;
}

/** Who ended the cause of a hold, and how. */
export interface EndedBy {
  readonly by: string;
  readonly because: string;
}

/** An open problem of a file. */
export interface ToldProblem {
  readonly kind: string;
  readonly fileId: FileId;
  readonly message: string;
}

/** What became of an answer about members. */
export interface MembersOutcome extends MembersSummary {
  /** Why it was not believed; null: it was. */
  readonly held: string | null;
  /** Members that come from another place than before. */
  readonly moved: number;
}

/** How an answer about members is taken. */
export interface MembersTaken {
  /** Members that are not in the answer stay. */
  readonly onlyGrows: boolean;
  /** Asking twice is cheap: an answer like the last one is recognized before it is compared. */
  readonly repeatable: boolean;
  readonly decide: (summary: MembersSummary) => MembersVerdict;
  /** Before anything was asked. */
  readonly now: Millis;
  /** When the answer was at its end; called once it is. By default `now`. */
  readonly listedMs?: () => Millis;
}

/** A file that is wanted, with where it comes from. */
export interface Member extends Omit<CatalogFile, 'checksums' | 'parents' | 'locations'> {
  readonly checksum: string | null;
  readonly sourceStore: string | null;
  readonly sourcePath: string | null;
  /** Listed files: the store's mark of the last change; null where it has none. */
  readonly modified?: string | null;
}

/** A file that an input names, and where it lies; null where nobody has said it. */
export interface PlacedMember {
  readonly index: number;
  readonly name: string;
  readonly place: string | null;
  readonly path: StorePath | null;
}

/** There is no dataset of that name on record, or no more: it was given another. */
export class NoDataset extends Error {
  override readonly name = 'NoDataset';
}

/** The lease was taken over by somebody else; the pass stops before its next step. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}
