/**
 * Something to do next, always with a `because`. One map of arguments: a kind
 * that is forgotten anywhere does not compile.
 */

import type { Checksum, FileId, Phase, StorePath, SubmissionName } from '../../machines/model.ts';
import type { DeleteProof } from '../../specs/types.ts';
import type { Declaration } from '../ports/catalog.ts';
import type { ExpectedBytes } from '../ports/store.ts';
import type { InputRow, OutputRow } from './rows.ts';
import type { Stop } from './stops.ts';

/** One file of a transfer; its arrival path follows from the submission's name. */
export interface PlannedMove {
  readonly fileId: FileId;
  readonly name: string;
  readonly from: StorePath;
  readonly sizeBytes: number | null;
  readonly checksum: Checksum | null;
}

interface Moving {
  readonly endpoint: string;
  readonly moves: readonly PlannedMove[];
  /** Given when the intent is committed. */
  readonly number: number | null;
}

/** A deletion, and the other copy that was read back for it. */
interface Proved {
  readonly fileId: FileId;
  readonly store: string;
  readonly path: StorePath;
  readonly expected: ExpectedBytes;
  readonly proof: { readonly by: DeleteProof; readonly store: string; readonly path: StorePath };
}

export interface StepArgs {
  /** Bring raw files to the input store under the attempt's name. */
  readonly transfer: Moving;
  /** Bring outputs to the store they are exported to, likewise. */
  readonly copy: Moving;
  /** One submission of jobs, each with its inputs. */
  readonly submit: {
    readonly jobs: readonly (readonly InputRow[])[];
    /** Nodes on which none of the jobs is to run. */
    readonly avoid: readonly string[];
    readonly number: number | null;
  };
  /** Give a file that passed every check its final name. */
  readonly promote: {
    readonly of: 'raw copy' | 'output' | 'far copy';
    readonly fileId: FileId;
    /** `output`: which of the input's. */
    readonly outputKey: string | null;
    readonly store: string;
    readonly from: StorePath;
    readonly to: StorePath;
    readonly expected: ExpectedBytes;
    /** A text to lie beside it: exported metadata. */
    readonly companion: { readonly path: StorePath; readonly text: string } | null;
  };
  /** Put a file aside that must not count. */
  readonly quarantine: {
    readonly store: string;
    readonly path: StorePath;
    readonly fileId: FileId | null;
    readonly submission: SubmissionName | null;
    readonly number: number | null;
  };
  readonly cancel: { readonly submission: SubmissionName };
  readonly declare: { readonly fileId: FileId; readonly declaration: Declaration };
  readonly locate: { readonly fileId: FileId; readonly location: string };
  /** Delete the local copy of an output whose far copy was read back in this very pass. */
  readonly delete: Proved;
  /** Delete the local replica of a raw file whose origin was read back in this very pass. */
  readonly release: Proved;
  /** Put the logs, reports and scripts of finished submissions into one tar. */
  readonly archive: {
    readonly submissions: readonly { readonly id: number; readonly name: SubmissionName }[];
    readonly store: string;
    readonly folder: string;
    /** Where one goes that was begun before, under its number; null: a new one, in the folder. */
    readonly path: StorePath | null;
    readonly number: number | null;
  };
}

export type StepKind = keyof StepArgs;

export type Step<K extends StepKind = StepKind> = {
  readonly [k in K]: {
    readonly kind: k;
    readonly phase: Phase;
    /** The names it is about, for people. */
    readonly names: readonly string[];
    readonly because: string;
    readonly bytes: number;
  } & StepArgs[k];
}[K];

/** Why a file is left where it is for now. */
export interface Wait {
  readonly kind: 'wait';
  readonly name: string;
  readonly rule: string;
  readonly stop: Stop;
}

/** What a rule says of one file: do something, or wait and say why. */
export type Decision =
  | {
      readonly do: 'transfer' | 'copy';
      readonly endpoint: string;
      readonly move: PlannedMove;
      readonly because: string;
    }
  | { readonly do: 'submit'; readonly input: InputRow; readonly because: string }
  | { readonly do: 'step'; readonly step: Step }
  | { readonly do: 'wait'; readonly stop: Stop };

/** A decision and the file it is about. */
export interface Decided {
  readonly name: string;
  /** The rule that decided, or what stopped the decision afterwards. */
  readonly rule: string;
  readonly decision: Decision;
}

export const STEP_KINDS: readonly StepKind[] = [
  'transfer',
  'copy',
  'submit',
  'promote',
  'quarantine',
  'cancel',
  'declare',
  'locate',
  'delete',
  'release',
  'archive',
];

/** Sums the sizes that are known. */
export function totalBytes(files: readonly { readonly sizeBytes: number | null }[]): number {
  return files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0);
}

/** The bytes of an output, as they were accepted. */
export function expectedBytes(output: Pick<OutputRow, 'sizeBytes' | 'checksum'>): ExpectedBytes {
  return output.checksum === null
    ? { sizeBytes: output.sizeBytes }
    : { sizeBytes: output.sizeBytes, checksum: output.checksum };
}
