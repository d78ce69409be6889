import type { StepOutcome } from '../decide/steps/conclude.ts';
import { nameOf } from '../decide/steps/intents.ts';
import { avoidedNodes } from '../decide/stops/suspensions.ts';
import { jobScript } from '../job/job-script.ts';
import { plannedJob } from '../job/planned-job.ts';
import type { Step } from '../model/steps.ts';
import type { Applying } from './apply.ts';
import { found } from './observe.ts';

/** Write the scripts of a submission into the spool, then hand it to the batch system. */
export async function submitJobs(
  step: Step<'submit'>,
  { ports, context, signal }: Applying,
): Promise<Partial<StepOutcome>> {
  const { spec, site } = context.dataset.loaded;
  const submission = nameOf(context, step);
  const folder = ports.spool.folder(submission);
  const commandsOf = (store: string) => found(ports.stores, store, 'store').jobCommands;
  const jobs = step.jobs.map((inputs, index) => ({
    index,
    script: `job-${index}.sh`,
    text: jobScript(
      plannedJob(context, {
        submission,
        index,
        inputs,
        commandsOf,
        reportFile: `${folder}/report-${index}.json`,
      }),
    ),
  }));
  await ports.spool.write(
    submission,
    jobs.map(({ script, text }) => ({ name: script, text, executable: true })),
    signal,
  );
  const systemId = await ports.batch.submit(
    {
      name: submission,
      jobs: jobs.map(({ index, script }) => ({
        index,
        script: `${folder}/${script}`,
        stdout: `${folder}/job-${index}.out`,
        stderr: `${folder}/job-${index}.err`,
      })),
      resources: spec.job.resources,
      options: { ...site.batch.options, ...spec.job.options },
      avoidNodes: [...new Set([...avoidedNodes(context), ...step.avoid])],
    },
    signal,
  );
  return { systemId };
}
