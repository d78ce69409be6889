/** What a submission's folder holds, and what a job does that finds another one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cksumLine } from '../../reconcilers/job/cksum.ts';
import { jobTable } from '../../reconcilers/job/job-table.ts';
import { VOID_EXIT_CODE } from '../../reconcilers/model/void.ts';
import { JOB, type JobWorld, jobWorld } from './job-world.ts';

const TOOLS = new URL('../../reconcilers/job/tools/', import.meta.url);

describe('the folder of a submission', () => {
  let world: JobWorld;
  beforeEach(async () => {
    world = await jobWorld();
  });
  afterEach(() => world.close());

  /** Run a job of which nothing but its folder is wrong. */
  async function launch(text: string, path = world.env.PATH) {
    const env = { ...world.env, PATH: path };
    const ran = spawnSync('sh', ['-c', text, 'rereco-job', `${JOB}`], { encoding: 'utf8', env });
    return { code: ran.status, said: ran.stderr };
  }

  async function assertNothingDone(): Promise<void> {
    const left = [...(await readdir(join(world.top, 'tmp'))), ...(await readdir(join(world.top, 'store')))];
    assert.deepEqual(left, []);
    const names = await readdir(world.folder).catch(() => []);
    assert.deepEqual(
      names.filter((name) => !['job.sh', 'jobs'].includes(name)),
      [],
    );
  }

  const torn = [
    { it: 'a table cut short', tear: () => writeFile(join(world.folder, 'jobs'), `${JOB} a.lhe 37`) },
    { it: 'an empty table', tear: () => writeFile(join(world.folder, 'jobs'), '') },
    { it: 'an empty script', tear: () => writeFile(join(world.folder, 'job.sh'), '') },
    {
      it: 'a script of which a part is zeros',
      async tear() {
        const bytes = await readFile(join(world.folder, 'job.sh'));
        await writeFile(join(world.folder, 'job.sh'), bytes.fill(0, 4096, 8192));
      },
    },
    {
      it: 'the table of another submission',
      async tear() {
        const other = await world.input({ name: 'b.lhe' });
        await writeFile(
          join(world.folder, 'jobs'),
          jobTable({ jobs: [{ index: JOB, inputs: [other] }], outputs: [] }),
        );
      },
    },
  ];
  for (const { it: what, tear } of torn) {
    it(`makes its jobs void with ${what}: they do nothing`, async () => {
      const text = await world.write({ inputs: [await world.input()] });
      await tear();
      const { code, said } = await launch(text);
      assert.equal(code, VOID_EXIT_CODE);
      assert.match(said, /^rereco: void: the script or the table in .* is not what was submitted\n$/);
      await assertNothingDone();
    });
  }

  it('is waited for, a minute long, and without it a job is void', async () => {
    const text = await world.write({ inputs: [await world.input()] });
    await rm(world.folder, { recursive: true });
    const { code, said } = await launch(text, await sleepingNot('echo >>"$TMPDIR/slept"'));
    assert.equal(code, VOID_EXIT_CODE);
    assert.match(said, /^rereco: void: .* does not hold the script and the table of this job\n$/);
    const slept = await readFile(join(world.top, 'tmp', 'slept'), 'utf8');
    assert.equal(slept.length, 60);
  });

  it('may be seen late', async () => {
    const text = await world.write({ inputs: [await world.input()] });
    await rm(join(world.top, 'later'), { recursive: true, force: true });
    spawnSync('mv', [world.folder, join(world.top, 'later')]);
    const { code } = await launch(text, await sleepingNot(`mv "$TMPDIR/../later" "$TMPDIR/../spool"`));
    assert.equal(code, 0);
    assert.ok((await readdir(world.folder)).includes(`report-${JOB}.json`));
  });

  /** A PATH on which `sleep` does something else, and sleeps not. */
  async function sleepingNot(instead: string): Promise<string> {
    const tools = join(world.top, 'tools');
    await mkdir(tools);
    await writeFile(join(tools, 'sleep'), `#!/bin/sh\n${instead}\n`);
    await chmod(join(tools, 'sleep'), 0o755);
    return `${tools}:${world.env.PATH}`;
  }

  it('has a table of one line an input, whatever is in its name and its command', async () => {
    const odd = await world.input({
      name: 'two\nlines',
      command: 'echo \'it\n\'"$nl"; cp {input} {output.dst}',
    });
    const plain = await world.input();
    const table = jobTable({ jobs: [{ index: 0, inputs: [odd, plain] }], outputs: plain.outputs });
    assert.equal(table.split('\n').length, 3);
    const { file } = await world.run({ inputs: [odd] });
    assert.deepEqual([file.file, file.failedAt], ['two\nlines', null]);
  });

  it('gives each of several jobs its own lines', async () => {
    const inputs = [await world.input({ name: 'one' }), await world.input({ name: 'two\nlines' })];
    const other = [{ index: 12, inputs: [await world.input({ name: 'other' })] }];
    const { report } = await world.run({ inputs, other });
    assert.deepEqual(
      report.files.map(({ file, failedAt }) => [file, failedAt]),
      [
        ['one', null],
        ['two\nlines', null],
      ],
    );
  });

  it('has a command that all inputs share in its script, and others in its table', async () => {
    const one = await world.input({ name: 'one' });
    const two = await world.input({ name: 'two' });
    const jobs = (inputs: readonly (typeof one)[]) => ({
      jobs: [{ index: 0, inputs }],
      outputs: one.outputs,
    });
    assert.doesNotMatch(jobTable(jobs([one, two])), /RERECO_INPUT/);
    const other = { ...two, command: 'echo two; cp {input} {output.dst}' };
    assert.match(jobTable(jobs([one, other])), /^0 one .*RERECO_INPUT.*\n0 two .*echo two.*\n$/);
  });
});

describe('cksumLine', () => {
  it('is what cksum prints', () => {
    for (const length of [0, 1, 3, 255, 256, 257, 70_000]) {
      const bytes = Buffer.from(Array.from({ length }, (_, n) => (n * n) % 256));
      const printed = spawnSync('cksum', { input: bytes, encoding: 'utf8' }).stdout.trim();
      assert.equal(cksumLine('x', bytes), `${printed} x`);
    }
  });
});

describe('the tools of a job script', () => {
  it('are what stands in their files: npm run tools', async () => {
    for (const file of (await readdir(TOOLS)).filter((name) => name.endsWith('.sh'))) {
      const text = await readFile(new URL(file, TOOLS), 'utf8');
      const module: Record<string, string> = await import(new URL(file.replace(/sh$/, 'ts'), TOOLS).href);
      const [written] = Object.values(module);
      assert.equal(written, text.replace(/^# shellcheck .*\n/, ''), file);
    }
  });

  it('please shellcheck, where there is one', async function () {
    const files = (await readdir(TOOLS)).filter((name) => name.endsWith('.sh'));
    const ran = spawnSync('shellcheck', files, { cwd: TOOLS, encoding: 'utf8' });
    if (ran.error) this.skip();
    assert.equal(ran.stdout, '');
  });
});
