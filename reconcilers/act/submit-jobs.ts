import type { StepOutcome } from '../decide/steps/conclude.ts';
import { nameOf } from '../decide/steps/intents.ts';
import { avoidedNodes } from '../decide/stops/suspensions.ts';
import { jobScript } from '../job/job-script.ts';
import { jobTable } from '../job/job-table.ts';
import { launchText, SCRIPT, TABLE } from '../job/launch.ts';
import { plannedSubmission } from '../job/planned-job.ts';
import type { Step } from '../model/steps.ts';
import { VOID_EXIT_CODE } from '../model/void.ts';
import type { Applying } from './apply.ts';
import { found } from './observe.ts';

/** Write the script of a submission and the table of its jobs into the spool, then hand it to the batch system. */
export async function submitJobs(
  step: Step<'submit'>,
  { ports, context, signal }: Applying,
): Promise<Partial<StepOutcome>> {
  const { spec, site } = context.dataset.loaded;
  const submission = nameOf(context, step);
  const folder = ports.spool.folder(submission);
  const plan = plannedSubmission(context, {
    submission,
    folder,
    jobs: step.jobs,
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
  return { systemId };
}
