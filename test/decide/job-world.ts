import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobPlan, PlannedInput, PlannedOutput } from '../../reconcilers/job/job-plan.ts';
import { jobScript } from '../../reconcilers/job/job-script.ts';
import { shQuote } from '../../reconcilers/job/sh-quote.ts';
import type { JobReport, ReportedFile } from '../../reconcilers/ports/spool.ts';
import { endProcessesOf } from '../end-processes.ts';

/** A raw file with three events. */
export const EVENTS = 'head\n<event>\n1\n<event>\n2\n<event>\n3\n';

/** What running a job script came to. */
export interface Ran {
  readonly code: number | null;
  readonly log: string;
  readonly report: JobReport;
  /** The first of the report's files. */
  readonly file: ReportedFile;
}

/** A folder of its own, with a name that needs quoting, in which job scripts are run for real. */
export interface JobWorld {
  readonly top: string;
  readonly env: NodeJS.ProcessEnv;
  plan(plan?: Partial<JobPlan>): JobPlan;
  output(output?: Partial<PlannedOutput>): PlannedOutput;
  /** An input whose command copies it, unless told otherwise; its raw file is made. */
  input(input?: Partial<PlannedInput>, text?: string | Buffer): Promise<PlannedInput>;
  run(plan: JobPlan): Promise<Ran>;
  /** Text that fetches the raw file `a.lhe` and says something of its bytes. */
  fetching(about: string, exitCode?: number): Promise<string>;
  /** Run a job of one input. */
  runOne(input?: Partial<PlannedInput>, text?: string | Buffer): Promise<Ran>;
  close(): Promise<void>;
}

export async function jobWorld(): Promise<JobWorld> {
  const top = await mkdtemp(join(tmpdir(), "rereco job's "));
  for (const folder of ['raw', 'store', 'tmp', 'spool']) await mkdir(join(top, folder));
  const env = { PATH: process.env.PATH, TMPDIR: join(top, 'tmp') };
  return {
    top,
    env,
    plan,
    output,
    input,
    run,
    runOne,
    fetching: async (about, exitCode = 0) =>
      `cp -- ${shQuote(join(top, 'raw', 'a.lhe'))} "$1"; printf %s ${shQuote(about)} >"$2"; return ${exitCode}`,
    async close() {
      await endProcessesOf(top);
      await rm(top, { recursive: true, force: true });
    },
  };

  function plan(fields: Partial<JobPlan> = {}): JobPlan {
    return {
      submission: 'r1-t-1',
      index: 2,
      dataset: 'test',
      requestId: 1,
      environment: {},
      inputs: [],
      reportFile: join(top, 'spool', 'report.json'),
      ...fields,
    };
  }

  function output(fields: Partial<PlannedOutput> = {}): PlannedOutput {
    const name = fields.name ?? 'a.dst';
    return {
      key: 'dst',
      name,
      deliver: `cp -- "$1" ${shQuote(join(top, 'store', name))}`,
      metadata: null,
      eventsWritten: { by: 'pattern', pattern: '^<event>' },
      ...fields,
    };
  }

  async function input(
    fields: Partial<PlannedInput> = {},
    text: string | Buffer = EVENTS,
  ): Promise<PlannedInput> {
    const name = fields.name ?? 'a.lhe';
    const raw = join(top, 'raw', name);
    await writeFile(raw, text);
    return {
      name,
      sizeBytes: Buffer.byteLength(text),
      fetch: `cp -- ${shQuote(raw)} "$1" && echo 'no checksum of it is known' >"$2"`,
      checksum: null,
      command: 'cp {input} {output.dst}',
      eventsRead: { by: 'pattern', pattern: '^<event>' },
      outputs: [output()],
      ...fields,
    };
  }

  async function run(job: JobPlan): Promise<Ran> {
    const script = join(top, 'spool', 'job.sh');
    await writeFile(script, jobScript(job));
    assert.equal(spawnSync('sh', ['-n', script]).status, 0, 'sh -n finds an error');
    const ran = spawnSync('sh', [script], { encoding: 'utf8', env: env, cwd: top });
    const report = JSON.parse(await readFile(job.reportFile, 'utf8')) as JobReport;
    const [file] = report.files;
    assert.ok(file, ran.stderr);
    assert.deepEqual(await readdir(join(top, 'tmp')), [], 'the work folder is left');
    return { code: ran.status, log: ran.stdout + ran.stderr, report, file };
  }

  async function runOne(fields: Partial<PlannedInput> = {}, text: string | Buffer = EVENTS): Promise<Ran> {
    return run(plan({ inputs: [await input(fields, text)] }));
  }
}
