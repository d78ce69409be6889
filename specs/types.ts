/**
 * Specs as the program sees them: every default filled in, every unit an
 * integer (seconds, bytes, parts per million), every relative path resolved.
 *
 * Editors and people see the JSON Schema (`schema/`), which is the one place
 * where fields are described.
 */
import type { ErrorClass, Phase } from '../machines/model.ts';

/** Where a spec came from, for messages and generations. */
export interface SpecOrigin {
  /** Absolute path of the YAML file. */
  readonly file: string;
  /** 1-based line at which the document starts. */
  readonly line: number;
  /** Absolute path of its site's file; null for the built-in site. An older program did not record it. */
  readonly siteFile?: string | null;
  /** The commit that last touched the file; null outside a git checkout. */
  readonly commit: string | null;
  readonly author: string | null;
  /** What tells its repository from others; null outside git, left out by an older program. */
  readonly repository?: string | null;
  /** The file's path in its repository; null and left out likewise. */
  readonly path?: string | null;
}

/** A checkout of a repository: the clone, the worktree in which specs were read. */
export interface Checkout {
  /** As in {@link SpecOrigin}. */
  readonly repository: string;
  /** Absolute path of its folder. */
  readonly root: string;
}

export type DeleteProof = 'size' | 'checksum' | 'readBack';

export interface StoreSpec {
  readonly driver: string;
  /** For `posix`: an absolute folder. Drivers of other systems read it in their own way. */
  readonly root: string;
  readonly keepFreeBytes: number;
  /** null: the strongest the driver can give. */
  readonly deleteProof: DeleteProof | null;
  readonly callsPerMinute: number | null;
  /** The driver's own fields, as written. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface MoverSpec {
  /** A store's name, or `catalog` where the catalog's system delivers by itself. */
  readonly from: string;
  readonly to: string;
  readonly driver: string;
  /** Template of the folder at the source, for files whose catalog entry names no location in `from`. */
  readonly path: string;
  /** Files a submission takes at most. */
  readonly filesPerSubmission: number;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface BatchSpec {
  readonly driver: string;
  /** Jobs queued or running at a time, over all datasets of the site. */
  readonly maxQueued: number;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface CatalogSpec {
  readonly driver: string;
  readonly timeoutSeconds: number;
  /** `embedded`: absolute paths of NDJSON manifests it is filled from. */
  readonly manifests: readonly string[];
  /** `embedded`: definitions by name, each a query. */
  readonly definitions: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface SiteSpec {
  readonly name: string;
  /** Absolute folder in which scripts, logs and reports of jobs live until they are archived. */
  readonly spool: { readonly path: string; readonly keepFreeBytes: number };
  readonly stores: Readonly<Record<string, StoreSpec>>;
  readonly movers: readonly MoverSpec[];
  readonly batch: BatchSpec;
  readonly catalog: CatalogSpec;
  /** How long nothing may be known of a job or transfer in motion before a person is told. */
  readonly unknownAfterSeconds: number;
  /** How accepted outputs are read again; null: they are not. A site of an older program does not have it. */
  readonly scrub?: { readonly everySeconds: number; readonly bytesPerDay: number } | null;
  /** PostgreSQL embedded although not every driver is an embedded one. */
  readonly embeddedDatabase: boolean;
}

/** Where the wanted files are named. Exactly one kind. */
export type InputSource =
  | { readonly kind: 'definition'; readonly definition: string }
  | { readonly kind: 'query'; readonly query: string }
  /** Paths or globs below the store the files come from. */
  | { readonly kind: 'files'; readonly files: readonly string[] }
  /** Absolute path of an NDJSON file. */
  | { readonly kind: 'manifest'; readonly manifest: string };

/** How events are counted in a file. Patterns are POSIX extended regular expressions. */
export type EventCounter =
  | { readonly by: 'catalog' }
  | { readonly by: 'pattern'; readonly pattern: string }
  | { readonly by: 'command'; readonly command: string }
  | { readonly by: 'manifest'; readonly manifest: string };

/** How a job's events read, or an output's events written, are found on the worker node. */
export type JobCounter =
  /** The command itself writes lines `read N`, `written OUTPUT N`, `skipped N REASON` to `$RERECO_EVENTS`. */
  | { readonly by: 'report' }
  /** The first integer in a file the command leaves in its working folder. */
  | { readonly by: 'file'; readonly file: string }
  /** The first group of the last match in the command's output. */
  | { readonly by: 'log'; readonly log: string }
  /** Lines of the file (the input, or the output) that match. */
  | { readonly by: 'pattern'; readonly pattern: string }
  /** A shell command whose output is the number; `{file}` is the file. */
  | { readonly by: 'command'; readonly command: string };

export interface FailureRule {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** A POSIX extended regular expression searched in the end of the job's log. */
  readonly log: string | null;
  readonly batchState: string | null;
  readonly class: ErrorClass;
  readonly system: string | null;
}

export interface JobSpec {
  readonly type: string;
  readonly application: { readonly family: string; readonly name: string; readonly version: string };
  readonly command: string;
  readonly macro: string | null;
  readonly filesPerJob: number;
  /** A job computes an adler32 by awk for inputs up to this size, where the node has nothing better. */
  readonly awkChecksumUpToBytes: number;
  readonly resources: {
    readonly cpuTimeSeconds: number | null;
    readonly walltimeSeconds: number | null;
    readonly memoryBytes: number | null;
    readonly scratchBytes: number | null;
  };
  readonly options: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly eventsRead: JobCounter;
  readonly failures: readonly FailureRule[];
}

export type OutputPolicy =
  | { readonly kind: 'equal' }
  | { readonly kind: 'none' }
  /** Parts per million of the events read. */
  | { readonly kind: 'range'; readonly atMostPpm: number; readonly atLeastPpm: number };

export interface ExportSpec {
  readonly to: string;
  readonly path: string;
  readonly when: 'fileDone' | 'runDone' | 'datasetDone';
  readonly with: readonly 'metadata'[];
  readonly thenDelete: boolean;
}

export interface OutputSpec {
  readonly key: string;
  readonly dataTier: string;
  /** Template of the file's name. */
  readonly name: string;
  readonly store: string;
  /** Template of the folder below the store's root; may be empty. */
  readonly path: string;
  /** Template of the metadata file the job leaves; null: ReReco writes the metadata from the report. */
  readonly metadata: string | null;
  readonly eventsWritten: JobCounter;
  readonly policy: OutputPolicy;
  readonly declare: 'never' | 'fileDone' | 'datasetDone';
  readonly export: ExportSpec | null;
}

export interface RetrySpec {
  readonly attempts: number;
  readonly firstSeconds: number;
  readonly longestSeconds: number;
}

export interface LimitsSpec {
  /** Files in transfer at a time. */
  readonly transfers: number;
  /** Jobs queued or running at a time. */
  readonly jobs: number;
  /** Files that go first, alone; 0: none. */
  readonly scouts: number;
  readonly maxFailedSharePpm: number;
  /** Steps of a kind in one pass. */
  readonly budgets: { readonly delete: number; readonly quarantine: number; readonly cancel: number };
}

export interface RunFilter {
  /** Inclusive ranges; empty: every run. */
  readonly include: readonly (readonly [number, number])[];
  readonly exclude: readonly (readonly [number, number])[];
}

export interface DatasetSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly site: string;
  readonly requestId: number | null;
  readonly input: {
    readonly source: InputSource;
    readonly dataTier: string;
    readonly store: string;
    /** Template of the folder below the store's root in which raw copies lie. */
    readonly path: string;
    readonly runs: RunFilter;
    /** How a name tells the run, where nobody else knows it: group 1 of a POSIX extended regular expression. */
    readonly run: { readonly pattern: string | null };
    /** null: never. */
    readonly refreshSeconds: number | null;
    /** How long a listed file must keep its size and time of change before it counts; 0: not at all. */
    readonly settleForSeconds: number;
    readonly eventCount: EventCounter;
    readonly eventCountMissing: 'hold' | 'count';
    readonly afterDone: 'keep' | 'release';
  };
  readonly job: JobSpec;
  readonly outputs: readonly OutputSpec[];
  readonly archive: { readonly store: string; readonly path: string; readonly jobsPerTar: number } | null;
  readonly retry: Readonly<Record<Phase, RetrySpec>>;
  readonly limits: LimitsSpec;
  readonly onChange: 'keep' | 'reprocess';
  readonly suspend: boolean;
}

/** A dataset spec together with all that a pass needs of its surroundings. */
export interface LoadedDataset {
  readonly spec: DatasetSpec;
  readonly site: SiteSpec;
  readonly origin: SpecOrigin;
  /** Hash of the re-run fields, defaults filled in. */
  readonly revision: string;
  /** Hash of everything, so that an unchanged spec makes no new generation. */
  readonly digest: string;
  /** Hash of what names the wanted files, so that an unchanged input is not asked for anew. */
  readonly inputDigest: string;
  /** Whether the spec says which site it means. */
  readonly siteIsNamed: boolean;
}

/** One problem of a spec: where, what, and what to do. Line and column are 1-based. */
export interface SpecProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** As in `spec.outputs.dst.name`; empty when it concerns the whole document. */
  readonly path: string;
  readonly sentence: string;
}

/** What a folder or file of specs holds: the good ones, and what is wrong with the others. */
export interface LoadedSpecs {
  readonly datasets: readonly LoadedDataset[];
  readonly sites: readonly SiteSpec[];
  readonly problems: readonly SpecProblem[];
  /**
   * Documents of other programs in folders, which are no problem unless their file has held a
   * dataset: then somebody has made of a spec what is none.
   */
  readonly passedOver: readonly SpecProblem[];
  /** Every file read, good or bad: a dataset whose file is bad is not orphaned. */
  readonly files: readonly string[];
  /** Files of datasets with a problem, wherever its place is: a list of runs has mistakes of its own. */
  readonly wrongFiles: readonly string[];
  /**
   * Absolute paths of the files that specs name, such as run lists and manifests, there or not.
   * A change of one is a change of the spec.
   */
  readonly namedFiles: readonly string[];
  /** The checkouts that were read, or read in. */
  readonly checkouts: readonly Checkout[];
}
