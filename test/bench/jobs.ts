/**
 * What a job costs: so many tiny files whose job is `cp`, beside the same copies made by `make -j2`.
 *
 * Prints the wall time of one `rereco reconcile --until settled`, the CPU time of all it
 * started (the database server apart), and, from the same run, those of `make`: the ratios
 * to quote. CPU times come from a cgroup of version 2; where none can be made they are left out.
 *
 *   npm run bench:jobs [files]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cgroupFor } from '../../reconcilers/drivers/batch/local/cgroup.ts';
import { aWorld, PROGRAM, type World } from '../campaign/world.ts';

const SPEC = `apiVersion: rereco/v1
kind: Dataset
metadata: {name: copies}
spec:
  input: {settleFor: 0s, files: "raw/*.txt", eventCount: {pattern: "^event"}}
  job: {command: "cp {input} {output.dst}", eventsRead: {pattern: "^event"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^event"}}
`;

const MAKEFILE = `all: $(patsubst raw/%.txt,made/%.dst,$(wildcard raw/*.txt))
made/%.dst: raw/%.txt
	cp $< $@
`;

interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number | null;
  readonly code: number | null;
}

/** Made by this bench, to be removed at its end. */
const cgroups: string[] = [];

/** A cgroup in which what is measured runs; null where none can be made. */
async function ownCgroup(name: string): Promise<string | null> {
  const cgroup = cgroupFor(`bench-${process.pid}-${name}`);
  if (cgroup === null) return null;
  try {
    mkdirSync(cgroup);
    cgroups.push(cgroup);
    return cgroup;
  } catch {
    return null;
  }
}

function cpuSecondsOf(cgroup: string | null): number | null {
  if (cgroup === null) return null;
  const used = /^usage_usec (\d+)$/m.exec(readFileSync(path.join(cgroup, 'cpu.stat'), 'utf8'))?.[1];
  return used === undefined ? null : Number(used) / 1e6;
}

/** Run a command to its end and that of all it started. */
async function measured(world: World, name: string, command: readonly string[]): Promise<Took> {
  const cgroup = await ownCgroup(name);
  const [file = '', ...args] = cgroup === null ? command : entering(cgroup, command);
  const began = performance.now();
  const child = spawn(file, args, {
    cwd: world.folder,
    env: { ...process.env, RERECO_STATE: world.at('.rereco') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  const seconds = (performance.now() - began) / 1000;
  return { seconds, cpuSeconds: cpuSecondsOf(cgroup), code };
}

/** The same command in a cgroup from its first instruction. */
function entering(cgroup: string, command: readonly string[]): readonly string[] {
  return ['sh', '-c', `echo $$ >"$1"; shift; exec "$@"`, 'sh', path.join(cgroup, 'cgroup.procs'), ...command];
}

function removeCgroup(cgroup: string): void {
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(path.join(cgroup, entry.name));
  }
  rmdirSync(cgroup);
}

function told(what: string, { seconds, cpuSeconds, code }: Took, files: number): string {
  const cpu =
    cpuSeconds === null
      ? 'not known'
      : `${cpuSeconds.toFixed(2)} s, ${(cpuSeconds / files).toFixed(4)} s a file`;
  return `${what}: ${seconds.toFixed(2)} s (${((1000 * seconds) / files).toFixed(1)} ms a file), CPU ${cpu}, exit ${code}`;
}

const files = Number(process.argv[2] ?? 300);
const world = await aWorld();
try {
  await world.write('copies.yaml', SPEC);
  for (let n = 1; n <= files; n += 1) await world.write(`raw/${n}.txt`, `event ${n}\n`);
  mkdirSync(world.at('made'));
  writeFileSync(world.at('Makefile'), MAKEFILE);
  const server = await measured(world, 'server', [process.execPath, PROGRAM, 'db', 'migrate']);
  console.log(told('database made', server, files));
  const make = await measured(world, 'make', ['make', '-s', '-j2']);
  console.log(told('make -j2', make, files));
  const ours = await measured(world, 'rereco', [
    process.execPath,
    PROGRAM,
    'reconcile',
    '--until',
    'settled',
  ]);
  console.log(told('rereco', ours, files));
  console.log(
    `wall ${(ours.seconds / make.seconds).toFixed(1)} times that of make -j2; ${readdirSync(world.at('dst')).length} outputs`,
  );
} finally {
  await world.close();
  for (const cgroup of cgroups) removeCgroup(cgroup);
}
