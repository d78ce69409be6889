/** What has to be said of a kind of step; each kind says it in its file, and `kinds.ts` lists them. */

import type { FileId, Phase } from '../../../machines/model.ts';
import type { DatasetSpec } from '../../../specs/types.ts';
import type { PassContext } from '../../model/context.ts';
import type { Finding } from '../../model/findings.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { OutputRow } from '../../model/rows.ts';
import type { Part, ReadyStep, Step, StepKind, TakenStep } from '../../model/steps.ts';
import type { ByteTotals } from '../../model/totals.ts';
import type { Standing } from '../change/change-of.ts';
import type { EmptiedPlace, WantedPlace } from '../wanted/wanted-places.ts';

/** What the steps of a pass are counted against. `jobs` and `transfers` are what the limits leave. */
export type BudgetName = 'jobs' | 'transfers' | 'delete' | 'quarantine' | 'cancel';

/** The dataset and the installation that a step is of. */
export type Campaign = Pick<PassContext, 'dataset' | 'installation'>;

/** What a plan says of a step in its sums. */
export interface Counts {
  readonly files: number;
  readonly jobs: number;
  readonly deletions: number;
}

/** What a conclusion may know besides the steps that were taken. */
export interface About {
  readonly context: PassContext;
  readonly standing: Standing;
  /** The page's outputs by input. */
  readonly outputs: ReadonlyMap<FileId, readonly OutputRow[]>;
  /** The page's live attempts by file. */
  readonly work: ReadonlyMap<FileId, LiveWork>;
  /** All steps of the page that are concluded now, of every kind. */
  readonly taken: readonly TakenStep[];
}

/**
 * Everything that is decided about one kind of step. Pure.
 *
 * A *part* is what was decided about one file: several may become one step.
 */
export interface KindOf<K extends StepKind> {
  /** The budget that each part uses one of; null: none. */
  readonly budget: BudgetName | null;
  /** The file whose problem with a place is over when the part is free to be carried out; null: none. */
  readonly about: (part: Part<K>) => FileId | null;
  /** Where a part brings new bytes, and how many. */
  readonly uses: (part: Part<K>, context: PassContext, bytes: ByteTotals) => ReadonlyMap<string, number>;
  /** The systems without which a part is not carried out; null: it concludes what is in motion, which no suspension keeps. */
  readonly systems: (part: Part<K>, campaign: Pick<Campaign, 'dataset'>) => readonly string[] | null;
  /** The final places that a part makes. */
  readonly makes: (part: Part<K>, campaign: Campaign, standing: Standing) => readonly WantedPlace[];
  /** The place that a part takes a file away from; null: none. @param name  of the file that was decided about */
  readonly empties: (part: Part<K>, name: string, standing: Standing) => EmptiedPlace | null;
  /** The steps that parts come to, in their order. */
  readonly join: (parts: readonly Part<K>[], context: PassContext) => readonly Step<K>[];
  /** The parts of a step, with the rows as they stand. */
  readonly parts: (step: Step<K>, standing: Standing) => readonly Part<K>[];
  /** The rows that are written before a step is taken: they name what it will make (law 2). */
  readonly intent: (step: ReadyStep<K>, context: PassContext, standing: Standing) => readonly Finding[];
  /** The stores that a step writes to. */
  readonly writesTo: (step: Step<K>, spec: DatasetSpec) => readonly string[];
  /** What a refusal of one step says no to: the others of that name are not asked. null: only the step itself. */
  readonly refusedWith: (step: Step<K>) => string | null;
  /** What is known because steps were taken. */
  readonly conclude: (taken: readonly TakenStep<K>[], about: About) => readonly Finding[];
  readonly counts: (step: Step<K>) => Counts;
  /** What the names of a step are the names of. */
  readonly noun: 'file' | 'submission';
}

/** Nothing at all, for what a kind does not do. */
export const none = (): readonly never[] => [];

/** Nothing, where a kind says at most one thing. */
export const nothing = (): null => null;

/** For kinds that bring no bytes anywhere. */
export const noBytes = (): ReadonlyMap<string, number> => new Map();

/** For kinds of which each step is about one thing: they are taken as they were decided. */
export const unjoined = {
  join: <S>(steps: readonly S[]): readonly S[] => steps,
  parts: <S>(step: S): readonly S[] => [step],
} as const;

/** A conclusion about each step by itself. */
export function each<K extends StepKind>(
  one: (taken: TakenStep<K>, about: About) => readonly Finding[],
): KindOf<K>['conclude'] {
  return (taken, about) => taken.flatMap((step: TakenStep<K>) => one(step, about));
}

/** What a step counts that is about files and begins no job. */
export const countsFiles = ({ names }: { readonly names: readonly string[] }): Counts => ({
  files: names.length,
  jobs: 0,
  deletions: 0,
});

/**
 * The systems of a step that gives a file another name: what arrives is put in its place by the
 * check, which is what a suspended phase leaves; anything else concludes what is in motion.
 */
export const ofArrival = ({ phase, store }: { readonly phase: Phase; readonly store: string }) =>
  phase === 'verify' ? [store] : null;

/** What a step counts that is about submissions: they are no files. */
export const countsNoFiles = (): Counts => ({ files: 0, jobs: 0, deletions: 0 });
