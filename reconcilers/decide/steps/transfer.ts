/** `transfer` brings raw files to the input store, under the attempt's name. */

import type { FileId } from '../../../machines/model.ts';
import { patchInput } from '../../model/findings.ts';
import { each, type KindOf, none, nothing } from './kind.ts';
import { joinMoves, type Moving, type MovingPart, ofMoves, openMoves } from './moves.ts';
import { type Accepted, concludeSubmission } from './submissions.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly transfer: Moving;
  }
  interface PartArgs {
    readonly transfer: MovingPart;
  }
  interface StepResults {
    readonly transfer: Accepted;
  }
}

export const transfer: KindOf<'transfer'> = {
  ...ofMoves,
  about: nothing,
  // A raw copy is found by its name in the dataset: no place is claimed for it.
  makes: none,
  join: (parts, context) =>
    joinMoves(parts, context).map((step) => ({ kind: 'transfer', phase: 'transfer', ...step })),
  parts: ({ endpoint, moves, because }) => moves.map((move) => ({ do: 'transfer', endpoint, move, because })),

  intent(step, context, standing) {
    const triedOf = (fileId: FileId) => ({ attempt: standing.input(fileId).attempt, revision: '' });
    const opened = openMoves(step, context, triedOf);
    return [
      opened,
      ...opened.attempts.map(({ fileId, number }) =>
        patchInput(fileId, { attempt: number, actedMs: context.now }),
      ),
    ];
  },

  conclude: each(({ step, outcome }, about) => {
    const files = step.moves.map(({ fileId }) => ({ fileId, revision: '' }));
    return concludeSubmission(about, step, outcome, files);
  }),
};
