import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SubmissionName } from '../../../../machines/model.ts';
import type { JobEnd, JobOrder, SubmissionOrder } from '../../../ports/batch-system.ts';
import { type ProcessIdentity, pidOf, processIdentity } from '../../process/identity.ts';
import { systemCode } from '../../store/faults.ts';
import { cgroupFor, enterCgroup } from './cgroup.ts';
import { endAll, type JobProcesses, leaveNothing, survivors, toldOf, usageOf } from './job-processes.ts';
import { endWithout } from './job-state.ts';
import { createOnce, exists, ignoring, jobFile, jobFolder, type Place } from './place.ts';
import { endedChildrenCpuMs, members, signalAll, type Usage } from './session.ts';
import { jobVariables } from './strays.ts';

/**
 * The job's first process waits for a word before it does what the order says: when
 * this process dies before it has noted whom it started, the script never runs.
 */
const GATE = 'read -r go && [ "$go" = go ] || exit 125; exec </dev/null; launch=$1; shift; eval "$launch"';

/** Often at first, so that short jobs are measured too. */
const lookEveryMs = (ranMs: number) => (ranMs < 2_000 ? 50 : 500);

/** What goes on while a job runs. */
interface Watch {
  readonly processes: JobProcesses;
  readonly startedMs: number;
  /** Fulfilled when the leader has ended. */
  readonly ended: Promise<unknown>;
  /** Why the job must end now; undefined while it may go on. */
  reasonToStop(seen: Usage, ranMs: number): Promise<string | undefined>;
}

/** What came of watching. */
interface Watched {
  readonly stopped: string | null;
  /** When the job was told to stop. */
  readonly stoppedMs: number;
  readonly peakMemoryBytes: number | null;
}

/**
 * Run a job to its end and measure it; its processes are gone when this returns.
 *
 * @param shutDown  aborted with a reason when this very process is told to end
 */
export async function runJob(place: Place, order: SubmissionOrder, shutDown: AbortSignal): Promise<JobEnd> {
  const [job] = order.jobs;
  if (!job) return endWithout('not started: the order has no job', null);
  const spentBeforeMs = endedChildrenCpuMs();
  const child = await startGate(place, order, job).catch((error: Error) => error);
  if (child instanceof Error) {
    // Without its folder in the spool there is nothing to run.
    const isGone = systemCode(child) === 'ENOENT' && !(await exists(dirname(job.stdout)));
    return endWithout(isGone ? 'void' : `not started: ${child.message}`, null);
  }

  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const leader = await processIdentity(child.pid as number); // set: it was spawned
  if (!leader) return endWithout('not started: its process cannot be seen', null);
  const processes = await enclose(place, order.name, job.index, leader);
  child.stdin?.on('error', () => {}); // killed at the gate: `exit` tells
  child.stdin?.end('go\n');

  const startedMs = performance.now();
  const watched = await watch(place, {
    processes,
    startedMs,
    ended: exit,
    reasonToStop: (seen, ranMs) => reasonToStop(place, order, shutDown, seen, ranMs),
  });
  const [exitCode, signal] = await exit;
  const wallMs = Math.round(performance.now() - startedMs);
  const rest = await endRest(place, processes, watched);
  const cpuMs = rest.spentMs === null || spentBeforeMs === null ? null : rest.spentMs - spentBeforeMs;
  if (rest.left !== undefined) await appendFile(job.stderr, `rereco: ${rest.left}\n`).catch(() => {});
  return {
    state: 'ended',
    exitCode,
    signal,
    batchState: watched.stopped,
    node: hostname(),
    cpuMs,
    wallMs,
    peakMemoryBytes: watched.peakMemoryBytes,
    ...(rest.left !== undefined && { note: rest.left }),
  };
}

/**
 * Note the first process of a job, which still waits at its gate, and put it into
 * a cgroup of its own where one can be made. Noted first: what is made is found again.
 */
async function enclose(
  place: Place,
  name: SubmissionName,
  index: number,
  leader: ProcessIdentity,
): Promise<JobProcesses> {
  const cgroup = place.cgroups ? cgroupFor(`${name}-${randomUUID().slice(0, 8)}`) : null;
  const processes = { leader, name, index, cgroup };
  await createOnce(place, jobFile(place, name, 'leader.json'), processes, 'plain');
  if (cgroup === null || (await enterCgroup(cgroup, pidOf(leader)))) return processes;
  return { ...processes, cgroup: null };
}

async function startGate(place: Place, order: SubmissionOrder, job: JobOrder): Promise<ChildProcess> {
  const tmp = join(jobFolder(place, order.name), 'tmp');
  // No more than this one: a spool that has gone away is not made anew.
  await mkdir(tmp).catch(ignoring('EEXIST'));
  const stdout = await open(job.stdout, 'a');
  const stderr = await open(job.stderr, 'a').catch(async (error) => {
    await stdout.close();
    throw error;
  });
  try {
    const child = spawn('sh', ['-c', GATE, 'rereco-job', ...launching(order, job)], {
      cwd: tmp,
      env: environment(order, job, tmp),
      detached: true,
      stdio: ['pipe', stdout.fd, stderr.fd],
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await stdout.close();
    await stderr.close();
  }
}

/** What the first process does, and its arguments. An older program has submitted the script alone. */
function launching({ launch }: Partial<SubmissionOrder>, job: JobOrder): readonly string[] {
  return launch === undefined ? ['exec sh "$1"', job.script] : [launch, `${job.index}`];
}

/** A job sees the same few variables whoever started its supervisor, and from where. */
function environment(order: SubmissionOrder, job: JobOrder, tmp: string): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'USER'].filter((name) => process.env[name] !== undefined);
  return {
    ...Object.fromEntries(kept.map((name) => [name, process.env[name]])),
    LANG: 'C.UTF-8',
    TMPDIR: tmp,
    ...jobVariables(order.name, job.index),
  };
}

async function reasonToStop(
  place: Place,
  { name, resources }: SubmissionOrder,
  shutDown: AbortSignal,
  seen: Usage,
  ranMs: number,
): Promise<string | undefined> {
  const passes = (value: number | null, limit: number | null) =>
    (value ?? 0) > (limit ?? Number.POSITIVE_INFINITY);
  if (passes(seen.memoryBytes, resources.memoryBytes)) return 'memory';
  if (passes((seen.cpuMs ?? 0) / 1000, resources.cpuTimeSeconds)) return 'cpuTime';
  if (passes(ranMs / 1000, resources.walltimeSeconds)) return 'walltime';
  if (await exists(jobFile(place, name, 'cancel'))) return 'cancelled';
  return shutDown.aborted ? String(shutDown.reason) : undefined;
}

/** Look at a running job until its leader has ended, telling it to stop once and killing it after the grace. */
async function watch(place: Place, job: Watch): Promise<Watched> {
  let stopped: string | null = null;
  let stoppedMs = 0;
  let peakMemoryBytes: number | null = null;
  let running = true;
  const ended = job.ended.then(() => {
    running = false;
  });
  while (running) {
    const seen = await usageOf(job.processes);
    if (seen.memoryBytes) peakMemoryBytes = Math.max(peakMemoryBytes ?? 0, seen.memoryBytes);
    const ranMs = performance.now() - job.startedMs;
    const reason: string | undefined =
      stopped === null && running ? await job.reasonToStop(seen, ranMs) : undefined;
    if (reason !== undefined && running) {
      stopped = reason;
      stoppedMs = performance.now();
      await signalAll(job.processes.leader, 'SIGTERM');
    }
    if (stopped !== null && performance.now() - stoppedMs > place.graceMs) {
      await signalAll(job.processes.leader, 'SIGKILL');
    }
    await Promise.race([ended, pause(stopped === null ? lookEveryMs(ranMs) : 50)]);
  }
  return { stopped, stoppedMs, peakMemoryBytes };
}

/**
 * End what a leader left running. A job that was told to stop keeps its grace;
 * one whose leader ended by itself has ended.
 *
 * @returns the CPU time of all jobs of this process until now, and what is to be told of
 *   processes that outlived this one
 */
async function endRest(place: Place, job: JobProcesses, { stopped, stoppedMs }: Watched) {
  const { leader } = job;
  if (stopped === null && (await leaveNothing(job))) {
    return { spentMs: endedChildrenCpuMs(), left: undefined };
  }
  while (stopped !== null && performance.now() - stoppedMs < place.graceMs) {
    if ((await members(leader)).length === 0) break;
    await pause(20);
  }
  // Of a job that was told to stop, what is left of its session has had its grace: that is no news.
  const left = (await survivors(job)).filter(({ strayed }) => strayed || stopped === null);
  const told = await toldOf(left);
  const waitedFor = endedChildrenCpuMs();
  const unwaited = (await usageOf(job)).cpuMs;
  while (!(await endAll(job, place.graceMs, 5_000))) {
    // Not ended while it can still write: SIGKILL waits for a disk or a network.
  }
  return { spentMs: waitedFor === null ? null : waitedFor + (unwaited ?? 0), left: told };
}
