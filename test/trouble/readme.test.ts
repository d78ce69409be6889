/** What the README has a new user paste, pasted line by line. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { aWorld, PROGRAM, type World } from '../campaign/world.ts';

const TOP = fileURLToPath(new URL('../..', import.meta.url));

describe('the README pasted', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    await mkdir(world.at('bin'));
    const script = `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`;
    await writeFile(world.at('bin/rereco'), script, { mode: 0o755 });
  });
  after(() => world.close());

  it('works from the copy of the example to a restored backup', async () => {
    const readme = await readFile(`${TOP}/README.md`, 'utf8');
    const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
    const own = blocks
      .filter((block) => /^(cp -r|rereco)/m.test(block))
      .join('')
      .split('\n');
    // The program is built, and on the path.
    const lines = own.filter((line) => line !== '' && !line.startsWith('npm '));
    assert.ok(lines.length > 7, 'the lines were found');
    const { host, port, user, database } = world.connection ?? {};
    const env = {
      ...process.env,
      HOME: world.folder,
      PATH: `${world.at('bin')}:${process.env.PATH}`,
      RERECO_STATE: world.at('.rereco'),
      DATABASE_URL: `postgres://${user}@/${database}?host=${host}&port=${port}`,
    };
    const pasted = lines
      .map((line) => `echo "$ ${line.replaceAll('"', '')}"; ${line}\necho "code $?"`)
      .join('\n');
    const { stdout, stderr } = spawnSync('sh', ['-c', pasted], { cwd: TOP, env, encoding: 'utf8' });
    const codes = [...stdout.matchAll(/^code (\d+)$/gm)].map(([, code]) => Number(code));
    assert.equal(codes.length, lines.length, stdout + stderr);
    // A plan with something in it ends with 3, all else with 0.
    lines.forEach((line, at) => {
      assert.equal(codes[at], line.includes('--dry-run') ? 3 : 0, `${line}\n${stdout}${stderr}`);
    });
    assert.match(stdout, /lhe-skim: settled: every file is at its goal/);
    assert.match(stdout, /sample\.dst \(output of lhe-skim\): promoted/);
  });
});
