import { nameOf } from '../../decide/steps/numbers.ts';
import { avoidedNodes } from '../../decide/stops/suspensions.ts';
import { jobScript } from '../../job/job-script.ts';
import { jobTable } from '../../job/job-table.ts';
import { launchText, SCRIPT, TABLE } from '../../job/launch.ts';
import { plannedSubmission } from '../../job/planned-job.ts';
import type { ReadyStep, StepOutcome } from '../../model/steps.ts';
import { VOID_EXIT_CODE } from '../../model/void.ts';
import { eachStep, type Taking } from './executor.ts';
import { found } from './found.ts';

/** Write the script of a submission and the table of its jobs into the spool, then hand it to the batch system. */
async function submitJobs(
  step: ReadyStep<'submit'>,
  { ports, context, input, signal }: Taking,
): Promise<StepOutcome<'submit'>> {
  const { spec, site } = context.dataset.loaded;
  const submission = nameOf(context, step);
  const folder = ports.spool.folder(submission);
  const plan = plannedSubmission(context, {
    submission,
    folder,
    jobs: step.jobs.map((files) => files.map(({ id }) => input(id))),
    commandsOf: (store) => found(ports.stores, store, 'store').jobCommands,
  });
  const [script, table] = [jobScript(plan), jobTable(plan)];
  await ports.spool.write(
    submission,
    [
      { name: SCRIPT, text: script, executable: true },
      { name: TABLE, text: table, executable: false },
    ],
    signal,
  );
  const systemId = await ports.batch.submit(
    {
      name: submission,
      launch: launchText(folder, { script, table }, VOID_EXIT_CODE),
      jobs: plan.jobs.map(({ index }) => ({
        index,
        script: `${folder}/${SCRIPT}`,
        stdout: `${folder}/job-${index}.out`,
        stderr: `${folder}/job-${index}.err`,
      })),
      resources: spec.job.resources,
      options: { ...site.batch.options, ...spec.job.options },
      avoidNodes: [...new Set([...avoidedNodes(context), ...step.avoid])],
    },
    signal,
  );
  return { ok: true, systemId };
}

/** `submit` gives the batch system one submission after the other. */
export const submit = eachStep('submit', submitJobs);
