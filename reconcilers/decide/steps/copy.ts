/** `copy` brings outputs to the store they are exported to, under the attempt's name. */

import { endpointText } from '../../../machines/model.ts';
import { patchOutput } from '../../model/findings.ts';
import { attemptPath } from '../../model/names.ts';
import { systemsOfWay } from '../stops/suspensions.ts';
import { placesOfExport } from '../wanted/wanted-places.ts';
import { countsFiles, each, type KindOf, nothing } from './kind.ts';
import { joinMoves, type Moving, type MovingPart, moverOf, usesOfMove } from './moves.ts';
import { type Accepted, concludeSubmission, newJob, newSubmission } from './submissions.ts';

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
  budget: 'transfers',
  about: ({ move }) => move.fileId,
  systems: ({ endpoint }) => systemsOfWay(endpoint),
  uses: usesOfMove,
  makes({ move }, campaign, standing) {
    const output = standing.output(move.fileId);
    return placesOfExport(campaign, output, standing.input(output.inputId));
  },
  empties: nothing,
  join: (parts, context) =>
    joinMoves(parts, context).map((step) => ({ kind: 'copy', phase: 'export', ...step })),
  parts: ({ endpoint, moves, because }) => moves.map((move) => ({ do: 'copy', endpoint, move, because })),
  writesTo: ({ endpoint }) => [endpoint.to],
  refusedWith: ({ endpoint }) => endpointText(endpoint),

  intent(step, context, standing) {
    const driver = moverOf(context, step.endpoint);
    const row = newSubmission(context, step, { driver, endpoint: endpointText(step.endpoint) });
    const jobs = step.moves.map((_, index) => newJob(row.id, index, driver, context.now));
    const attempts = step.moves.map(({ fileId, name }, jobIndex) => {
      const { attempt, revision } = standing.output(fileId);
      const path = attemptPath(row.name, name);
      const { phase } = step;
      return { fileId, phase, number: attempt + 1, revision, submissionId: row.id, jobIndex, path };
    });
    const acted = { actedMs: context.now, farPath: null, farStore: null };
    return [
      { on: 'newSubmission', row, jobs, attempts },
      ...attempts.map(({ fileId, number }) => patchOutput(fileId, { attempt: number, ...acted })),
    ];
  },

  conclude: each(({ step, outcome }, about) => {
    const revisionOf = (fileId: number) => about.standing.output(fileId).revision;
    const files = step.moves.map(({ fileId }) => ({ fileId, revision: revisionOf(fileId) }));
    return concludeSubmission(about, step, outcome, files);
  }),
  counts: countsFiles,
  noun: 'file',
};
