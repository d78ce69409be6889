/** `copy` brings outputs to the store they are exported to, under the attempt's name. */

import { patchOutput } from '../../model/findings.ts';
import { placesOfExport } from '../wanted/wanted-places.ts';
import { each, type KindOf } from './kind.ts';
import { joinMoves, type Moving, type MovingPart, ofMoves, openMoves } from './moves.ts';
import { type Accepted, concludeSubmission } from './submissions.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly copy: Moving;
  }
  interface PartArgs {
    readonly copy: MovingPart;
  }
  interface StepResults {
    readonly copy: Accepted;
  }
}

export const copy: KindOf<'copy'> = {
  ...ofMoves,
  about: ({ move }) => move.fileId,
  makes({ move }, campaign, standing) {
    const output = standing.output(move.fileId);
    return placesOfExport(campaign, output, standing.input(output.inputId));
  },
  join: (parts, context) =>
    joinMoves(parts, context).map((step) => ({ kind: 'copy', phase: 'export', ...step })),
  parts: ({ endpoint, moves, because }) => moves.map((move) => ({ do: 'copy', endpoint, move, because })),

  intent(step, context, standing) {
    const opened = openMoves(step, context, standing.output);
    const acted = { actedMs: context.now, farPath: null, farStore: null };
    return [
      opened,
      ...opened.attempts.map(({ fileId, number }) => patchOutput(fileId, { attempt: number, ...acted })),
    ];
  },

  conclude: each(({ step, outcome }, about) => {
    const revisionOf = (fileId: number) => about.standing.output(fileId).revision;
    const files = step.moves.map(({ fileId }) => ({ fileId, revision: revisionOf(fileId) }));
    return concludeSubmission(about, step, outcome, files);
  }),
};
