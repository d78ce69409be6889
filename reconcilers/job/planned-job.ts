import path from 'node:path/posix';
import type { SubmissionName } from '../../machines/model.ts';
import { provingChecksum } from '../decide/wanted/checksums.ts';
import { wantedCommand, wantedOutputs } from '../decide/wanted/wanted.ts';
import type { PassContext } from '../model/context.ts';
import { attemptPath, MARKER_PATH } from '../model/names.ts';
import type { InputRow } from '../model/rows.ts';
import type { Store } from '../ports/store.ts';
import type { PlannedInput, SubmissionPlan } from './job-plan.ts';

/** What `plannedSubmission` is told. */
export interface SubmissionToPlan {
  readonly submission: SubmissionName;
  /** Absolute: its folder in the spool. */
  readonly folder: string;
  /** The inputs of each job, by index. */
  readonly jobs: readonly (readonly InputRow[])[];
  /** The shell words of a store; pure text. */
  readonly commandsOf: (store: string) => Store['jobCommands'];
}

/** Everything the script and the table of a submission are made of: what to fetch, run, count and deliver. */
export function plannedSubmission(context: PassContext, of: SubmissionToPlan): SubmissionPlan {
  const { spec, origin } = context.dataset.loaded;
  return {
    submission: of.submission,
    dataset: spec.name,
    requestId: context.dataset.requestId,
    folder: of.folder,
    environment: { ...spec.job.environment, RERECO_SPEC_DIR: path.dirname(origin.file) },
    fetch: of.commandsOf(spec.input.store).fetch(spec.job.awkChecksumUpToBytes),
    eventsRead: spec.job.eventsRead,
    outputs: spec.outputs.map(({ key, store, eventsWritten }) => ({
      key,
      deliver: of.commandsOf(store).deliver(MARKER_PATH),
      eventsWritten,
    })),
    jobs: of.jobs.map((inputs, index) => ({
      index,
      inputs: inputs.map((input) => plannedInput(context, of, input)),
    })),
  };
}

function plannedInput(context: PassContext, of: SubmissionToPlan, input: InputRow): PlannedInput {
  const { spec } = context.dataset.loaded;
  return {
    name: input.name,
    sizeBytes: input.sizeBytes,
    checksum: provingChecksum(input),
    place: of.commandsOf(spec.input.store).place(input.copyPath ?? ''),
    command: wantedCommand(context, input),
    outputs: wantedOutputs(context, input).map(({ spec: output, name, metadataName }) => ({
      name,
      metadata: metadataName,
      place: of.commandsOf(output.store).place(attemptPath(of.submission, name)),
    })),
  };
}
