/** `archive` puts the logs, reports and scripts of finished submissions into one tar. */

import type { StorePath, SubmissionName } from '../../../machines/model.ts';
import { inFolder, submissionName } from '../../model/names.ts';
import type { Numbered, Step } from '../../model/steps.ts';
import { type Campaign, countsNoFiles, each, type KindOf, noBytes, nothing, unjoined } from './kind.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly archive: Numbered & {
      readonly submissions: readonly { readonly id: number; readonly name: SubmissionName }[];
      readonly store: string;
      readonly folder: string;
      /** Where one goes that was begun before, under its number; null: a new one, in the folder. */
      readonly path: StorePath | null;
    };
  }
  interface StepResults {
    /** What was stored. */
    readonly archive: {
      readonly stored: {
        readonly sizeBytes: number;
        readonly checksum: string | null;
        /** By submission: the names of its files in the tar. */
        readonly entries: ReadonlyMap<SubmissionName, readonly string[]>;
      };
    };
  }
}

export const archive: KindOf<'archive'> = {
  budget: null,
  about: nothing,
  systems: ({ store }) => [store],
  uses: noBytes,
  makes: (step, campaign) => [
    {
      store: step.store,
      path: archivePath(campaign, step),
      kind: 'archive',
      inputId: null,
      input: null,
      outputKey: null,
      isLater: false,
    },
  ],
  empties: nothing,
  ...unjoined,

  intent(step, context) {
    if (step.path !== null) return [];
    const submissions = step.submissions.map(({ id }) => id);
    const path = archivePath(context, step);
    return [{ on: 'archive', id: step.number, store: step.store, path, submissions, stored: null }];
  },

  writesTo: ({ store }) => [store],
  refusedWith: nothing,

  conclude: each(({ step, outcome }, { context }) => {
    if (!outcome.ok) return [];
    const { entries, ...stored } = outcome.stored;
    const named = step.submissions.map(({ id, name }) => [id, entries.get(name) ?? []] as const);
    const row = {
      id: step.number,
      store: step.store,
      path: archivePath(context, step),
      submissions: step.submissions.map(({ id }) => id),
      stored: { ...stored, entries: new Map(named) },
    };
    return [{ on: 'archive', ...row }];
  }),

  counts: countsNoFiles,
  noun: 'submission',
};

/** Before a step has its number: the place of a neighbour, which differs in nothing but the number in its name. */
const NEIGHBOUR = 0;

/** Where a tar of logs goes. */
export function archivePath({ dataset, installation }: Campaign, step: Step<'archive'>): StorePath {
  const { path, folder, number } = step;
  return (
    path ?? inFolder(folder, `${submissionName(dataset.requestId, installation, number ?? NEIGHBOUR)}.tar`)
  );
}
