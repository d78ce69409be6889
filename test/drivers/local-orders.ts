import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubmissionName } from '../../machines/model.ts';
import { shQuote } from '../../reconcilers/job/sh-quote.ts';
import type { BatchSystem, SubmissionOrder } from '../../reconcilers/ports/batch-system.ts';
import { ended, INDEX, jobUntil, type Work } from '../contract/batch-system.ts';

const never = new AbortController().signal;

/** Scripts that do the work of the contract's jobs. */
export const SCRIPTS: Readonly<Record<Work, string>> = {
  'exit 0': 'exit 0',
  'exit 7': 'exit 7',
  'kill -9': 'kill -9 $$',
  wait: 'sleep 60',
};

/** Write a script into a spool and make an order of it. */
export async function localOrder(
  spool: string,
  name: SubmissionName,
  script: string,
  resources: Partial<SubmissionOrder['resources']> = {},
): Promise<SubmissionOrder> {
  const folder = join(spool, name);
  await mkdir(folder, { recursive: true });
  // A second order of the same name must not change the first one's script.
  const scriptFile = join(folder, `${randomUUID()}.sh`);
  await writeFile(scriptFile, `${script}\n`);
  return {
    name,
    launch: `exec sh ${shQuote(scriptFile)}`,
    jobs: [
      {
        index: INDEX,
        script: scriptFile,
        stdout: join(folder, 'out'),
        stderr: join(folder, 'err'),
      },
    ],
    avoidNodes: [],
    resources: {
      cpuTimeSeconds: null,
      walltimeSeconds: null,
      memoryBytes: null,
      scratchBytes: null,
      ...resources,
    },
    options: {},
  };
}

/** End every job of a test and wait until it has ended, so that none outlives its folder. */
export async function endJobs(batch: BatchSystem, names: readonly SubmissionName[]): Promise<void> {
  await batch.cancel(names, never);
  const { found } = await batch.observe(names, 0, never);
  for (const name of found.keys()) await jobUntil(batch, name, ended);
}
