/**
 * Something to do next, always with a `because`.
 *
 * Each kind of step has a file of its own, `decide/steps/<kind>.ts`, which adds what the kind
 * needs to the interfaces below and says everything that is decided about it; its executor is
 * `act/steps/<kind>.ts`. Two tables list them, and a kind that one of them lacks does not compile.
 */

import type { FileId, Phase } from '../../machines/model.ts';
import type { Outcome } from '../ports/seen.ts';
import type { ExpectedBytes } from '../ports/store.ts';
import type { OutputRow } from './rows.ts';
import type { Stop } from './stops.ts';

/** What a step needs, by kind. Each kind adds its own in its file. */
// biome-ignore lint/suspicious/noEmptyInterface: the kinds fill it
export interface StepArgs {}

/** What is decided about one file, for kinds of which one step takes several files. Kinds add theirs likewise. */
// biome-ignore lint/suspicious/noEmptyInterface: the kinds fill it
export interface PartArgs {}

/** What is known after a step went well, for kinds of which that is more than nothing. Kinds add theirs likewise. */
// biome-ignore lint/suspicious/noEmptyInterface: the kinds fill it
export interface StepResults {}

export type StepKind = keyof StepArgs;

/** Kinds of which one step takes several files that were decided about one by one. */
export type JoinedKind = StepKind & keyof PartArgs;

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

/** What a kind needs whose steps make something under a number; null: one is drawn when the intent is committed. */
export interface Numbered {
  readonly number: number | null;
}

/** A step that may be taken: what makes something has its number. */
export type ReadyStep<K extends StepKind = StepKind> = {
  readonly [k in K]: Step<k> & (Step<k> extends Numbered ? { readonly number: number } : unknown);
}[K];

/** How a step went, and what a kind knows when it went well. */
export type StepOutcome<K extends StepKind = StepKind> = {
  readonly [k in K]:
    | Exclude<Outcome, { readonly ok: true }>
    | ({ readonly ok: true } & (k extends keyof StepResults ? StepResults[k] : unknown));
}[K];

/** A step that was taken, and how it went. */
export type TakenStep<K extends StepKind = StepKind> = {
  readonly [k in K]: { readonly step: ReadyStep<k>; readonly outcome: StepOutcome<k> };
}[K];

/** A step, and that it did not go well. */
export function takenAs(step: ReadyStep, outcome: Exclude<Outcome, { readonly ok: true }>): TakenStep {
  return { step, outcome } as TakenStep;
}

/** What a step says of a file where it needs no more of it: the rows of the page have the rest. */
export interface PlannedFile {
  readonly id: FileId;
  readonly name: string;
  readonly sizeBytes: number | null;
  /** The number of its last attempt, before this one. */
  readonly attempt: number;
}

/** Why a file is left where it is for now. */
export interface Wait {
  readonly kind: 'wait';
  readonly name: string;
  readonly rule: string;
  readonly stop: Stop;
}

/** What is decided about one file that goes into a step with others. */
export type Joining<K extends JoinedKind = JoinedKind> = {
  readonly [k in K]: { readonly do: k; readonly because: string } & PartArgs[k];
}[K];

/** What a rule says of one file: do something, or wait and say why. */
export type Decision =
  | Joining
  | { readonly do: 'step'; readonly step: Step<Exclude<StepKind, JoinedKind>> }
  | { readonly do: 'wait'; readonly stop: Stop };

/** What was decided about one file of a step: all of the step where it is about one thing. */
export type Part<K extends StepKind = StepKind> = {
  readonly [k in K]: k extends JoinedKind ? Joining<k> : Step<k>;
}[K];

/** A decision and the file it is about. */
export interface Decided {
  readonly name: string;
  /** The rule that decided, or what stopped the decision afterwards. */
  readonly rule: string;
  readonly decision: Decision;
}

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
