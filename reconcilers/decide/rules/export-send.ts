/** What is next for an output that is to be sent, or is on its way. */

import type { StorePath } from '../../../machines/model.ts';
import { endpointText } from '../../../machines/model.ts';
import type { ExportSpec, OutputSpec } from '../../../specs/types.ts';
import type { LiveWork } from '../../model/live-work.ts';
import { type Decision, expectedBytes } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { World } from '../../model/world.ts';
import { moveSeen } from '../facts/moves.ts';
import { gateStop } from '../stops/gates.ts';
import { companionPath } from '../wanted/wanted.ts';
import { datasetIsStopped } from './dataset-is-stopped.ts';
import {
  failedForGood,
  fileIsNotDone,
  type OutputView,
  retryIsNotDue,
  untilDatasetIsDone,
} from './output-rules.ts';
import { type AnsweringRules, answerOf, wait } from './rule.ts';
import { underWayStop } from './under-way.ts';

/** An output that is exported, as its spec wants it to be. */
export interface ExportView extends OutputView {
  readonly declare: OutputSpec['declare'];
  readonly wanted: ExportSpec;
  /** Its final place in the far store. */
  readonly farPath: StorePath;
}

/** An output with a live attempt to send it, and what its mover says. */
export interface OnTheWayView extends ExportView {
  readonly live: LiveWork;
  readonly seen: World;
}

/** An output that has arrived under its attempt's name, and is proved there. */
export interface ArrivedView extends ExportView {
  readonly arrivedAt: StorePath;
}

/**
 * What is next for an output that is not on its way. In order: what a person must end, what stops
 * the dataset, what the site lacks, what its mover says of all new work, what is to be done before
 * it, its own next try; then the copy.
 */
export const SENDING_RULES: AnsweringRules<ExportView> = [
  failedForGood,
  datasetIsStopped,
  moverIsMissing,
  moverTakesNothing,
  declaredFirst,
  fileIsNotDone,
  runIsNotDone,
  datasetIsNotDone,
  retryIsNotDue,
  copyIt,
];

/** An output on its way is followed whatever stops the dataset: only a person's word about it comes first. */
export const ON_THE_WAY_RULES: AnsweringRules<OnTheWayView> = [failedForGood, retryIsNotDue, stillUnderWay];

/** One that has arrived gets its final name likewise: the work is done already. */
export const ARRIVED_RULES: AnsweringRules<ArrivedView> = [failedForGood, retryIsNotDue, promoteIt];

/** What is next for an output with a live attempt. */
export function decideOnTheWay(view: ExportView, live: LiveWork, seen: World) {
  const { farPath: arrivedAt } = view.output;
  return arrivedAt === null
    ? answerOf(ON_THE_WAY_RULES, { ...view, live, seen })
    : answerOf(ARRIVED_RULES, { ...view, arrivedAt });
}

function moverIsMissing({ context, wanted, output: { store } }: ExportView): Decision | undefined {
  if (context.traits.movers.has(endpointText({ from: store, to: wanted.to }))) return undefined;
  return wait(stop('mover.missing', `the site has no mover from ${store} to ${wanted.to}`));
}

function moverTakesNothing({ context }: ExportView): Decision | undefined {
  return wait(gateStop(context, 'export'));
}

function declaredFirst({ declare, output: { state } }: ExportView): Decision | undefined {
  if (state !== 'declared' && (declare === 'never' || state !== 'promoted')) return undefined;
  return wait(stop('declaration.first', 'it is declared and located first'));
}

function runIsNotDone({ context, wanted: { when }, input: { run } }: ExportView): Decision | undefined {
  if (when !== 'runDone' || !context.totals.openRuns.has(run)) return undefined;
  return wait(stop('run.notDone', `run ${run} is not done yet (when: runDone)`));
}

function datasetIsNotDone(view: ExportView): Decision | undefined {
  return view.wanted.when === 'datasetDone' ? untilDatasetIsDone(view, 'when: datasetDone') : undefined;
}

function copyIt({ wanted, output: { id, name, path, sizeBytes, checksum, store } }: ExportView): Decision {
  return {
    do: 'copy',
    endpoint: { from: store, to: wanted.to },
    move: { fileId: id, name, from: path, sizeBytes, checksum },
    because: `export to ${wanted.to} (when: ${wanted.when})`,
  };
}

function stillUnderWay({ live, seen }: OnTheWayView): Decision {
  const move = moveSeen(live, seen, 0);
  const how = move.is === 'present' ? move.value.state : move.is === 'unknown' ? move.why : 'not found yet';
  const text = `attempt ${live.attempt.number} (${live.jobName}): ${how}`;
  return { do: 'wait', stop: underWayStop('transfer.underWay', live, text, move.is === 'present') };
}

function promoteIt({ wanted, output, farPath, arrivedAt }: ArrivedView): Decision {
  const beside = companionPath(wanted, farPath);
  const text = `${JSON.stringify(output.metadata, null, 2)}\n`;
  return {
    do: 'step',
    step: {
      kind: 'promote',
      phase: 'export',
      names: [output.name],
      because: 'the far copy was read back and agrees',
      bytes: output.sizeBytes,
      of: 'far copy',
      fileId: output.id,
      outputKey: output.key,
      store: wanted.to,
      from: arrivedAt,
      to: farPath,
      expected: expectedBytes(output),
      companion: beside === undefined ? null : { path: beside, text },
    },
  };
}
