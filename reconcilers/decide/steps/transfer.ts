/** `transfer` brings raw files to the input store, under the attempt's name. */

import { endpointText } from '../../../machines/model.ts';
import { patchInput } from '../../model/findings.ts';
import { attemptPath } from '../../model/names.ts';
import { systemsOfWay } from '../stops/suspensions.ts';
import { countsFiles, each, type KindOf, none, nothing } from './kind.ts';
import { joinMoves, type Moving, type MovingPart, moverOf, usesOfMove } from './moves.ts';
import { type Accepted, concludeSubmission, newJob, newSubmission } from './submissions.ts';

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
  budget: 'transfers',
  about: nothing,
  systems: ({ endpoint }) => systemsOfWay(endpoint),
  uses: usesOfMove,
  // A raw copy is found by its name in the dataset: no place is claimed for it.
  makes: none,
  empties: nothing,
  join: (parts, context) =>
    joinMoves(parts, context).map((step) => ({ kind: 'transfer', phase: 'transfer', ...step })),
  parts: ({ endpoint, moves, because }) => moves.map((move) => ({ do: 'transfer', endpoint, move, because })),
  writesTo: ({ endpoint }) => [endpoint.to],
  refusedWith: ({ endpoint }) => endpointText(endpoint),

  intent(step, context, standing) {
    const driver = moverOf(context, step.endpoint);
    const row = newSubmission(context, step, { driver, endpoint: endpointText(step.endpoint) });
    const jobs = step.moves.map((_, index) => newJob(row.id, index, driver, context.now));
    const attempts = step.moves.map(({ fileId, name }, jobIndex) => ({
      fileId,
      phase: step.phase,
      number: standing.input(fileId).attempt + 1,
      revision: '',
      submissionId: row.id,
      jobIndex,
      path: attemptPath(row.name, name),
    }));
    return [
      { on: 'newSubmission', row, jobs, attempts },
      ...attempts.map(({ fileId, number }) => patchInput(fileId, { attempt: number, actedMs: context.now })),
    ];
  },

  conclude: each(({ step, outcome }, about) => {
    const files = step.moves.map(({ fileId }) => ({ fileId, revision: '' }));
    return concludeSubmission(about, step, outcome, files);
  }),
  counts: countsFiles,
  noun: 'file',
};
