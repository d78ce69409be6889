/** `promote` gives a file that passed every check its final name. */

import type { FileId, StorePath } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import { type Finding, onInput, onOutput, patchInput } from '../../model/findings.ts';
import type { Step, StepOutcome, TakenStep } from '../../model/steps.ts';
import type { ExpectedBytes } from '../../ports/store.ts';
import type { Standing } from '../change/change-of.ts';
import { finished } from '../facts/process-judge.ts';
import { passed } from '../facts/verify-check.ts';
import { placeOfOutput, placesOfExport, type WantedPlace } from '../wanted/wanted-places.ts';
import { CLASS_OF_CODE, type Failed, failedOutput } from './failed-step.ts';
import {
  type About,
  type Campaign,
  countsFiles,
  type KindOf,
  noBytes,
  none,
  nothing,
  ofArrival,
  unjoined,
} from './kind.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly promote: {
      readonly of: 'raw copy' | 'output' | 'far copy';
      /** The input of a raw copy or an output; the output of a far copy. */
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
  }
}

export const promote: KindOf<'promote'> = {
  budget: null,
  about: ({ fileId }) => fileId,
  // They are there already, under the attempt's name.
  systems: ofArrival,
  uses: noBytes,
  makes: (step, campaign, standing) => OF[step.of].makes(step, campaign, standing),
  empties: nothing,
  ...unjoined,
  // An accepted output, or a copy, is named by its own row already.
  intent: none,
  writesTo: ({ store }) => [store],
  refusedWith: nothing,
  conclude: (taken, about) => [
    ...taken.flatMap(({ step, outcome }) => OF[step.of].conclude(step, outcome, about)),
    ...finishedInputs(taken, about),
  ],
  counts: countsFiles,
  noun: 'file',
};

type Promotion = Step<'promote'>;

/** What differs by what gets its name. */
const OF: {
  readonly [of in Promotion['of']]: {
    readonly makes: (step: Promotion, campaign: Campaign, standing: Standing) => readonly WantedPlace[];
    readonly conclude: (step: Promotion, outcome: StepOutcome<'promote'>, about: About) => readonly Finding[];
  };
} = {
  'raw copy': {
    makes: none,
    conclude(step, outcome, { context, standing, work }) {
      if (!outcome.ok) return [rawNotPromoted(context, step, outcome)];
      const finding = passed(standing.input(step.fileId));
      const live = work.get(step.fileId);
      const end = live && {
        end: { phase: 'transfer', revision: live.attempt.revision, how: { state: 'accepted' } } as const,
      };
      const patch = { ...finding.patch, copyPath: step.to, actedMs: context.now };
      return [onInput(step.fileId, { ...finding, patch, ...end })];
    },
  },

  output: {
    makes: ({ fileId, outputKey, store, to }, _, standing) =>
      outputKey === null ? [] : [placeOfOutput(standing.input(fileId), outputKey, store, to)],
    conclude(step, outcome, { context, outputs, work }) {
      const output = (outputs.get(step.fileId) ?? []).find(
        ({ state, key }) => state === 'accepted' && key === step.outputKey,
      );
      if (!work.has(step.fileId) || output === undefined) return [];
      if (!outcome.ok) {
        const failure = notPromoted(step, outcome);
        return [onOutput(output.id, { fact: null, because: failure.reason, failure })];
      }
      const fact = { type: 'output.promoted' } as const;
      const because = `at ${step.store}:${step.to}`;
      return [onOutput(output.id, { fact, because, patch: { actedMs: context.now } })];
    },
  },

  'far copy': {
    makes({ fileId }, campaign, standing) {
      const output = standing.output(fileId);
      return placesOfExport(campaign, output, standing.input(output.inputId));
    },
    conclude(step, outcome, { context, work }) {
      if (!outcome.ok) return [failedOutput(step.fileId, outcome)];
      const patch = { farPath: step.to, farStore: step.store, actedMs: context.now };
      const end = work.has(step.fileId) && { end: { phase: 'export', how: { state: 'accepted' } } as const };
      const because = `at ${step.store}:${step.to}, read back`;
      return [onOutput(step.fileId, { fact: { type: 'output.copied' }, because, patch, ...end })];
    },
  },
};

/** The inputs all of whose outputs have their final names now. */
function finishedInputs(
  taken: readonly TakenStep<'promote'>[],
  { context, outputs, work }: About,
): readonly Finding[] {
  const done = new Map<FileId, Set<string>>();
  for (const { step, outcome } of taken) {
    if (step.of !== 'output' || !outcome.ok || step.outputKey === null) continue;
    done.set(step.fileId, (done.get(step.fileId) ?? new Set()).add(step.outputKey));
  }
  return [...done].flatMap(([id, keys]): readonly Finding[] => {
    const live = work.get(id);
    const open = (outputs.get(id) ?? []).filter((row) => row.state === 'accepted' && !keys.has(row.key));
    if (live === undefined || open.length > 0) return [];
    return [onInput(id, finished(live)), patchInput(id, { actedMs: context.now })];
  });
}

/**
 * Why a file did not get its final name. What lies there is never overwritten: it is tried
 * again after longer and longer waits, and then a person must put it away.
 */
function notPromoted(step: Promotion, outcome: Failed): Failure {
  if (outcome.code !== 'conflict') {
    return { class: CLASS_OF_CODE[outcome.code], reason: outcome.message };
  }
  const reason = `${step.store}:${step.to} is taken: ${outcome.message}; put away what lies there, then \`rereco clean\``;
  return { class: 'unknown', reason };
}

/** The arrival is left under its attempt's name: the copy is good, only its place is not free. */
function rawNotPromoted({ now }: PassContext, step: Promotion, outcome: Failed): Finding {
  const failure = notPromoted(step, outcome);
  return onInput(step.fileId, {
    fact: { type: 'check.failed', fault: 'catalog' },
    because: failure.reason,
    failure,
    patch: { actedMs: now },
  });
}
