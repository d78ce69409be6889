import path from 'node:path/posix';
import type { SubmissionName } from '../../machines/model.ts';
import { provingChecksum } from '../decide/wanted/checksums.ts';
import { wantedCommand, wantedOutputs } from '../decide/wanted/wanted.ts';
import type { PassContext } from '../model/context.ts';
import { attemptPath, MARKER_PATH } from '../model/names.ts';
import type { InputRow } from '../model/rows.ts';
import type { Store } from '../ports/store.ts';
import type { JobPlan, PlannedInput } from './job-plan.ts';

export interface JobToPlan {
  readonly submission: SubmissionName;
  readonly index: number;
  readonly inputs: readonly InputRow[];
  readonly reportFile: string;
  /** The shell words of a store; pure text. */
  readonly commandsOf: (store: string) => Store['jobCommands'];
}

/** Everything the script of a job is made of: what to fetch, run, count and deliver for each input. */
export function plannedJob(context: PassContext, job: JobToPlan): JobPlan {
  const { spec, origin } = context.dataset.loaded;
  return {
    submission: job.submission,
    index: job.index,
    dataset: spec.name,
    requestId: context.dataset.requestId,
    environment: { ...spec.job.environment, RERECO_SPEC_DIR: path.dirname(origin.file) },
    inputs: job.inputs.map((input) => plannedInput(context, job, input)),
    reportFile: job.reportFile,
  };
}

function plannedInput(context: PassContext, job: JobToPlan, input: InputRow): PlannedInput {
  const { spec } = context.dataset.loaded;
  return {
    name: input.name,
    sizeBytes: input.sizeBytes ?? 0,
    fetch: job.commandsOf(spec.input.store).fetch(input.copyPath ?? '', {
      sizeBytes: input.sizeBytes,
      checksum: provingChecksum(input),
      awkUpToBytes: spec.job.awkChecksumUpToBytes,
    }),
    checksum: provingChecksum(input),
    command: wantedCommand(context, input),
    eventsRead: spec.job.eventsRead,
    outputs: wantedOutputs(context, input).map(({ spec: output, name, metadataName }) => ({
      key: output.key,
      name,
      deliver: job.commandsOf(output.store).deliver(attemptPath(job.submission, name), MARKER_PATH),
      metadata: metadataName,
      eventsWritten: output.eventsWritten,
    })),
  };
}
