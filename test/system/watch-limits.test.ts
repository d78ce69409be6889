/** A watch of specs beside much data, on systems that allow few watches. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../campaign/questions.ts';
import { aWorld, type World } from '../campaign/world.ts';

const specOf = (name: string) => `apiVersion: rereco/v1
kind: Dataset
metadata: {name: ${name}}
spec:
  input: {files: "raw/${name}-*.txt", eventCount: {pattern: "^EVENT"}}
  job: {command: 'cp {input} {output.dst}', eventsRead: {pattern: "^EVENT"}}
  outputs:
    dst: {name: "{stem}.dst", path: dst, eventsWritten: {pattern: "^EVENT"}}
`;

/** Goes before a command, which then may watch so many files and folders. */
const allowed = (watches: number, what = 'watches') => [
  'unshare',
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  `echo ${watches} > /proc/sys/user/max_inotify_${what} && exec "$@"`,
  'sh',
];

/** Skip a test, saying why, where this system lets nobody make a user namespace. */
async function needsLimit(test: Mocha.Context): Promise<void> {
  const [command = '', ...args] = allowed(10);
  try {
    await promisify(execFile)(command, [...args, 'true']);
  } catch {
    console.log('      skipped: this system lets nobody limit watches in a user namespace (unshare --user)');
    test.skip();
  }
}

/** The watches a process has. */
async function watchesOf(pid: number): Promise<number> {
  const folder = `/proc/${pid}/fdinfo`;
  const infos = await Promise.all(
    (await readdir(folder)).map((fd) => readFile(`${folder}/${fd}`, 'utf8').catch(() => '')),
  );
  return infos
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('inotify wd')).length;
}

describe('a watch of specs beside much data', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    world = await aWorld('shared');
    await world.write('one.yaml', specOf('one'));
    for (const folder of ['other', 'raw', 'dst']) {
      await mkdir(world.at(folder));
      for (let n = 0; n < 3_000; n++) await writeFile(world.at(folder, `${n}.root`), '');
    }
  });
  after(() => world.close());

  it('costs few of the system’s watches', async () => {
    const watcher = world.start('watch', '--resync', '1');
    try {
      await world.write('raw/one-1.txt', 'EVENT 1\n');
      await until(180, async () => (await readdir(world.at('dst'))).includes('one-1.dst'));
      const watches = await watchesOf(watcher.pid);
      assert.ok(watches > 0 && watches < 20, `${watches} watches`);
    } finally {
      watcher.kill('SIGTERM');
      await watcher.ended;
    }
  });

  for (const [what, prefix, told] of [
    ['no watches', allowed(0), /ENOSPC.*sysctl fs\.inotify\.max_user_watches=/],
    ['fewer watches than there are specs', allowed(2), /ENOSPC.*sysctl fs\.inotify\.max_user_watches=/],
    ['no instance of inotify', allowed(0, 'instances'), /EMFILE.*fs\.inotify\.max_user_instances/],
  ] as const) {
    it(`goes on where the system allows ${what}, and says what to do`, async function () {
      await needsLimit(this);
      for (const name of ['two', 'three', 'four']) await world.write(`specs/${name}.yaml`, specOf(name));
      const watch = watchBehind(prefix, world.folder);
      try {
        await until(180, () => /^ready$/m.test(watch.printed()) && told.test(watch.printed()));
        await world.write('specs/five.yaml', specOf('five'));
        await until(180, () => watch.printed().includes('specs/five.yaml'));
        await world.write('specs/two.yaml', specOf('two').replace('cp', 'cp -p'));
        await until(180, () => watch.printed().includes('specs/two.yaml'));
      } finally {
        watch.end();
      }
    });

    it(`is told by the command what to do where the system allows ${what}`, async function () {
      await needsLimit(this);
      // The database's socket is out of reach in such a namespace: the watch says so and tries again.
      const watcher = world.startBehind(prefix, 'watch');
      try {
        await until(180, () => told.test(watcher.printed().out));
      } finally {
        watcher.kill('SIGTERM');
        await watcher.ended;
      }
    });
  }
});

const CHILD = fileURLToPath(new URL('./watch-child.ts', import.meta.url));

/** A watch of a folder in a process of its own. */
function watchBehind([command = '', ...prefix]: readonly string[], folder: string) {
  const child = spawn(command, [...prefix, process.execPath, '--import', 'tsx', CHILD, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  return { printed: () => printed, end: () => void child.kill('SIGKILL') };
}
