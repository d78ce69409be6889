import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SubmissionName } from '../../machines/model.ts';
import { localBatch } from '../../reconcilers/drivers/batch/local/local-batch.ts';
import { pidOf } from '../../reconcilers/drivers/process/identity.ts';
import type { BatchSystem, JobSeen, SubmissionOrder } from '../../reconcilers/ports/batch-system.ts';
import { endProcessesOf } from '../end-processes.ts';
import { endJobs, localOrder } from './local-orders.ts';

const never = new AbortController().signal;

/** A spool with a `local` batch system in it, and a view of its files. */
export interface LocalWorld {
  readonly spool: string;
  readonly folder: string;
  readonly batch: BatchSystem;
  order(
    name: SubmissionName,
    script: string,
    resources?: Partial<SubmissionOrder['resources']>,
  ): Promise<SubmissionOrder>;
  submit(
    name: SubmissionName,
    script: string,
    resources?: Partial<SubmissionOrder['resources']>,
  ): Promise<void>;
  look(name: SubmissionName): Promise<JobSeen | undefined>;
  /** What jobs wrote to a file of the spool; empty when there is none. */
  read(file: string): Promise<string>;
  /** Pid of a job's supervisor or first process, once there is one. */
  pid(name: SubmissionName, whose: 'supervisor' | 'leader'): Promise<number>;
  /** Another process that submits these orders one after the other. */
  submitter(orders: readonly SubmissionOrder[]): ChildProcess;
  close(): Promise<void>;
}

export const SLOTS = 2;

export async function localWorld(options: { readonly cgroups?: boolean } = {}): Promise<LocalWorld> {
  const spool = await mkdtemp(join(tmpdir(), 'rereco-local-'));
  const folder = join(spool, 'batch');
  await mkdir(folder);
  const batch = localBatch({ folder, slots: SLOTS, graceMs: 500, ...options });
  const names = new Set<SubmissionName>();
  return {
    spool,
    folder,
    batch,
    order,
    async submit(name, script, resources) {
      await batch.submit(await order(name, script, resources), never);
    },
    async look(name) {
      return (await batch.observe([name], 0, never)).found.get(name)?.jobs.values().next().value;
    },
    read: (file) => readFile(join(spool, file), 'utf8').catch(() => ''),
    async pid(name, whose) {
      const file = join(folder, 'jobs', name, whose === 'leader' ? 'leader.json' : 'start.json');
      let text = '';
      await until(async () => {
        text = await readFile(file, 'utf8').catch(() => '');
        return text !== '';
      });
      const { by, leader } = JSON.parse(text);
      return pidOf(whose === 'leader' ? leader : by);
    },
    submitter(orders) {
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
      const module = fileURLToPath(new URL('./local-submitter.ts', import.meta.url));
      const args = ['--import', tsx, module, folder, `${SLOTS}`, ...orders.map((one) => JSON.stringify(one))];
      return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    },
    async close() {
      await endJobs(batch, [...names]);
      // A supervisor has more to write after it has said that its job has ended.
      await endProcessesOf(spool);
      await rm(spool, { recursive: true, force: true });
    },
  };

  function order(
    name: SubmissionName,
    script: string,
    resources: Partial<SubmissionOrder['resources']> = {},
  ) {
    names.add(name);
    return localOrder(spool, name, script, resources);
  }
}

/** Wait for a condition; fails after a minute and a half. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const start = performance.now(); !(await condition()); await pause(20)) {
    if (performance.now() - start > 90_000) throw new Error('it did not come to pass');
  }
}

/** How a process ended. */
export async function exitOf(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
  const [code, signal] = await once(child, 'exit');
  return code ?? signal;
}

/** Whether a process runs; one that has ended but was not waited for does not. */
export async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}
