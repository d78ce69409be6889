/** How much a job script does beside its command: the processes it starts, which cost more than most of what they do. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { posixStore } from '../../reconcilers/drivers/store/posix.ts';
import { type JobWorld, jobWorld, type TestInput } from './job-world.ts';

/** Of `EVENTS`. */
const MD5 = 'md5:c24c2501c60d68a25766278c51420653';

/** Everything a job script may start. */
const TOOLS = [
  ...[
    'awk',
    'cat',
    'cksum',
    'cmp',
    'cp',
    'date',
    'grep',
    'head',
    'ln',
    'md5sum',
    'mkdir',
    'mv',
    'od',
    'paste',
  ],
  ...['ps', 'rm', 'sed', 'sh', 'sleep', 'sync', 'tail', 'tr', 'uname', 'wc'],
];

describe('the work of a job script', () => {
  let world: JobWorld;
  before(async () => {
    world = await jobWorld();
    const tools = join(world.top, 'tools');
    await mkdir(tools);
    for (const tool of TOOLS) {
      const path = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
      await writeFile(join(tools, tool), `#!/bin/sh\necho ${tool} >>"$STARTED"\nexec ${path} "$@"\n`);
      await chmod(join(tools, tool), 0o755);
    }
    world.env.STARTED = join(world.top, 'started');
    // Nothing that is not in the list above is found.
    world.env.PATH = tools;
  });
  after(() => world.close());

  /** What a job starts whose input comes from a posix store, and whose outputs go there. */
  async function started(inputs: readonly Partial<TestInput>[]): Promise<readonly string[]> {
    const { jobCommands } = posixStore({ name: 'disk', root: world.top });
    const outputs = [{ ...world.output(), deliver: jobCommands.deliver() }];
    const whole = await Promise.all(
      inputs.map(async (input, n) => {
        const name = `${n}.lhe`;
        return world.input({
          fetch: jobCommands.fetch(0),
          checksum: MD5,
          ...input,
          name,
          place: `raw/${name}`,
          outputs: outputs.map((output) => ({ ...output, name: `${n}.dst`, place: `attempts/${n}.dst` })),
        });
      }),
    );
    await rm(join(world.top, 'attempts'), { recursive: true, force: true });
    await writeFile(join(world.top, 'started'), '');
    const { report } = await world.run({ inputs: whole });
    assert.deepEqual(
      report.files.map((file) => file.message),
      inputs.map(() => null),
    );
    return (await readFile(join(world.top, 'started'), 'utf8')).trim().split('\n');
  }

  it('is at most twenty-one processes for an input that is counted by patterns, its own and its command’s among them', async () => {
    const names = await started([{}]);
    assert.ok(names.length <= 21, names.join(' '));
  });

  it('is at most sixteen more for each further input', async () => {
    const one = await started([{}]);
    const three = await started([{}, {}, {}]);
    assert.ok(three.length - one.length <= 2 * 16, three.join(' '));
  });

  it('is at most three more for an input that reports its own counts', async () => {
    const patterns = await started([{}]);
    const command = 'cp {input} {output.dst}; echo read 3 >>"$RERECO_EVENTS"';
    const report = await started([{ command, eventsRead: { by: 'report' } }]);
    assert.ok(report.length - patterns.length <= 3, report.join(' '));
  });
});
