/**
 * Documents as they are written, but with the schema's defaults filled in and
 * quantities as integers: what rules look at and what specs are made from.
 */
import type { ErrorClass, Phase } from '../machines/model.ts';
import type { DeleteProof, ExportSpec, OutputSpec, RetrySpec } from './types.ts';

export interface FilledStore {
  readonly driver: string;
  readonly root: string;
  readonly keepFree: number;
  readonly deleteProof?: DeleteProof;
  readonly callsPerMinute?: number;
}

export interface FilledMover {
  readonly from: string;
  readonly to: string;
  readonly driver: string;
  readonly path: string;
  readonly filesPerSubmission: number;
}

export interface FilledSite {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly spool: { readonly path?: string; readonly keepFree: number };
    readonly stores: Readonly<Record<string, FilledStore>>;
    readonly movers: readonly FilledMover[];
    readonly batch: {
      readonly driver: string;
      readonly maxQueued: number;
      readonly options: Readonly<Record<string, unknown>>;
    };
    readonly catalog: {
      readonly driver: string;
      readonly timeout: number;
      readonly manifests?: readonly string[];
      readonly definitions?: Readonly<Record<string, string>>;
    };
    readonly unknownAfter: number;
    readonly scrub?: { readonly every: number; readonly bytesPerDay: number };
    readonly embeddedDatabase: boolean;
  };
}

/** One of the words, or a map with at most one of the fields filled. */
export type FilledCounter<Word extends string> =
  | Word
  | { readonly file?: string; readonly log?: string; readonly pattern?: string; readonly command?: string };

export type FilledInputCounter =
  | 'catalog'
  | { readonly pattern?: string; readonly command?: string; readonly manifest?: string };

/** A file's name, or runs and ranges. */
export type FilledRuns = string | readonly (string | number)[];

export interface FilledInput {
  readonly definition?: string;
  readonly query?: string;
  readonly files?: string | readonly string[];
  readonly manifest?: string;
  readonly dataTier: string;
  readonly store?: string;
  readonly path: string;
  readonly runs: { readonly include?: FilledRuns; readonly exclude?: FilledRuns };
  readonly run: { readonly pattern?: string };
  readonly refresh: number | 'never';
  readonly settleFor: number;
  readonly eventCount: FilledInputCounter;
  readonly eventCountMissing: 'hold' | 'count';
  readonly afterDone: 'keep' | 'release';
}

export interface FilledFailure {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly log?: string;
  readonly batchState?: string;
  readonly class: ErrorClass;
  readonly system?: string;
}

export interface FilledJob {
  readonly type?: string;
  readonly application: { readonly family: string; readonly name?: string; readonly version: string };
  readonly command: string;
  readonly macro?: string;
  readonly filesPerJob: number;
  readonly awkChecksumUpTo: number;
  readonly resources: {
    readonly cpuTime?: number;
    readonly walltime?: number;
    readonly memory?: number;
    readonly scratch?: number;
  };
  readonly options: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | number | boolean>>;
  readonly eventsRead: FilledCounter<'report'>;
  readonly failures: readonly FilledFailure[];
}

export interface FilledOutput {
  readonly dataTier?: string;
  readonly name: string;
  readonly store?: string;
  readonly path: string;
  readonly metadata?: string;
  readonly eventsWritten: FilledCounter<'report'>;
  readonly policy: 'equal' | 'none' | { readonly atMost: number; readonly atLeast: number };
  readonly declare: OutputSpec['declare'];
  readonly export?: ExportSpec;
}

export interface FilledDataset {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly site?: string;
    readonly requestId?: number;
    readonly input: FilledInput;
    readonly job: FilledJob;
    readonly outputs: Readonly<Record<string, FilledOutput>>;
    readonly archive:
      | 'none'
      | { readonly store?: string; readonly path: string; readonly jobsPerTar: number };
    readonly retry: Readonly<
      Record<
        Phase,
        { readonly attempts: RetrySpec['attempts']; readonly first: number; readonly longest: number }
      >
    >;
    readonly limits: {
      readonly transfers: number;
      readonly jobs: number;
      readonly scouts: number;
      readonly maxFailedShare: number;
      readonly budgets: { readonly delete: number; readonly quarantine: number; readonly cancel: number };
    };
    readonly onChange: 'keep' | 'reprocess';
    readonly suspend: boolean;
  };
}
