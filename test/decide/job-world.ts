import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  OutputKind,
  PlannedInput,
  PlannedOutput,
  SubmissionPlan,
} from '../../reconcilers/job/job-plan.ts';
import { jobScript } from '../../reconcilers/job/job-script.ts';
import { jobTable } from '../../reconcilers/job/job-table.ts';
import { launchText } from '../../reconcilers/job/launch.ts';
import { shQuote } from '../../reconcilers/job/sh-quote.ts';
import { VOID_EXIT_CODE } from '../../reconcilers/model/void.ts';
import type { JobReport, ReportedFile } from '../../reconcilers/ports/spool.ts';
import { endProcessesOf } from '../end-processes.ts';

/** A raw file with three events. */
export const EVENTS = 'head\n<event>\n1\n<event>\n2\n<event>\n3\n';

/** An output with what is the same for it in every job. */
export type TestOutput = PlannedOutput & OutputKind;

/** An input with what is the same for all. */
export type TestInput = Omit<PlannedInput, 'outputs'> &
  Pick<SubmissionPlan, 'fetch' | 'eventsRead'> & { readonly outputs: readonly TestOutput[] };

/** A job of these inputs; what is the same for all is the first one's. */
export interface TestPlan {
  readonly inputs: readonly TestInput[];
  readonly environment?: SubmissionPlan['environment'];
  /** Other jobs of the submission. */
  readonly other?: SubmissionPlan['jobs'];
}

/** What running a job script came to. */
export interface Ran {
  readonly code: number | null;
  /** What is in the job's log. */
  readonly log: string;
  readonly report: JobReport;
  /** The first of the report's files. */
  readonly file: ReportedFile;
}

/** A folder of its own, with a name that needs quoting, in which job scripts are run for real. */
export interface JobWorld {
  readonly top: string;
  readonly env: NodeJS.ProcessEnv;
  /** The submission's folder in the spool. */
  readonly folder: string;
  output(output?: Partial<TestOutput>): TestOutput;
  /** An input whose command copies it, unless told otherwise; its raw file is made. */
  input(input?: Partial<TestInput>, text?: string | Buffer): Promise<TestInput>;
  /** Write the script of a job and its table. @returns the text that launches it */
  write(plan: TestPlan): Promise<string>;
  run(plan: TestPlan): Promise<Ran>;
  /** Text that fetches the raw file and says something of its bytes. */
  fetching(about: string, exitCode?: number): string;
  /** Run a job of one input. */
  runOne(input?: Partial<TestInput>, text?: string | Buffer): Promise<Ran>;
  close(): Promise<void>;
}

/** The job's index in its submission. */
export const JOB = 2;

export async function jobWorld(): Promise<JobWorld> {
  const top = await mkdtemp(join(tmpdir(), "rereco job's "));
  for (const folder of ['raw', 'store', 'tmp', 'spool']) await mkdir(join(top, folder));
  const env = { PATH: process.env.PATH, TMPDIR: join(top, 'tmp') };
  const folder = join(top, 'spool');
  const raw = shQuote(join(top, 'raw'));
  return {
    top,
    env,
    folder,
    output,
    input,
    write,
    run,
    runOne: async (fields = {}, text = EVENTS) => run({ inputs: [await input(fields, text)] }),
    fetching: (about, exitCode = 0) =>
      `cp -- ${raw}/"$3" "$1"; printf %s ${shQuote(about)} >"$2"; exit ${exitCode}`,
    async close() {
      await endProcessesOf(top);
      await rm(top, { recursive: true, force: true });
    },
  };

  function output(fields: Partial<TestOutput> = {}): TestOutput {
    const name = fields.name ?? 'a.dst';
    return {
      key: 'dst',
      name,
      place: name,
      deliver: `cp -- "$1" ${shQuote(join(top, 'store'))}/"$2"`,
      metadata: null,
      eventsWritten: { by: 'pattern', pattern: '^<event>' },
      ...fields,
    };
  }

  async function input(fields: Partial<TestInput> = {}, text: string | Buffer = EVENTS): Promise<TestInput> {
    const name = fields.name ?? 'a.lhe';
    await writeFile(join(top, 'raw', name), text);
    return {
      name,
      sizeBytes: Buffer.byteLength(text),
      place: name,
      fetch: `cp -- ${raw}/"$3" "$1" && echo 'no checksum of it is known' >"$2"`,
      checksum: null,
      command: 'cp {input} {output.dst}',
      eventsRead: { by: 'pattern', pattern: '^<event>' },
      outputs: [output()],
      ...fields,
    };
  }

  async function write({ inputs, environment = {}, other = [] }: TestPlan): Promise<string> {
    const [first] = inputs;
    assert.ok(first);
    const plan: SubmissionPlan = {
      submission: 'r1-t-1',
      dataset: 'test',
      requestId: 1,
      folder,
      environment,
      fetch: first.fetch,
      eventsRead: first.eventsRead,
      outputs: first.outputs,
      jobs: [...other, { index: JOB, inputs }],
    };
    const [script, table] = [jobScript(plan), jobTable(plan)];
    await writeFile(join(folder, 'job.sh'), script);
    await writeFile(join(folder, 'jobs'), table);
    assert.equal(spawnSync('sh', ['-n', join(folder, 'job.sh')]).status, 0, 'sh -n finds an error');
    return launchText(folder, { script, table }, VOID_EXIT_CODE);
  }

  async function run(plan: TestPlan): Promise<Ran> {
    const launch = await write(plan);
    await rm(join(folder, `job-${JOB}.out`), { force: true });
    const ran = spawnSync('sh', ['-c', launch, 'rereco-job', `${JOB}`], { encoding: 'utf8', env, cwd: top });
    assert.equal(ran.stdout + ran.stderr, '', 'what is printed is not in the log');
    const log = await readFile(join(folder, `job-${JOB}.out`), 'utf8');
    const report = JSON.parse(await readFile(join(folder, `report-${JOB}.json`), 'utf8')) as JobReport;
    const [file] = report.files;
    assert.ok(file, log);
    assert.deepEqual(await readdir(join(top, 'tmp')), [], 'the work folder is left');
    return { code: ran.status, log, report, file };
  }
}
