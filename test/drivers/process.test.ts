import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { moduleBeside, startDetached } from '../../reconcilers/drivers/process/detach.ts';
import { isAlive, parseProcessStat, processIdentity } from '../../reconcilers/drivers/process/identity.ts';
import { runs, until } from './local-world.ts';

describe('the identity of a process', () => {
  async function ownIdentity(): Promise<string> {
    const identity = await processIdentity(process.pid);
    assert.ok(identity);
    return identity;
  }

  it('is that of a process that runs', async () => {
    assert.equal(await isAlive(await ownIdentity()), true);
  });

  it('is not that of another process under the same pid', async () => {
    assert.equal(await isAlive(`${await ownIdentity()}0`), false);
  });

  it('does not outlive a restart of the machine', async () => {
    assert.equal(await isAlive((await ownIdentity()).replace(/^[^:]+/, 'another-boot')), false);
  });

  it('ends with the process', async () => {
    const child = spawn('sleep', ['60']);
    const identity = await processIdentity(child.pid ?? 0);
    assert.ok(identity);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await isAlive(identity), false);
    assert.equal(await processIdentity(child.pid ?? 0), undefined);
  });

  it('ends when the process is a zombie', async () => {
    // The inner process is ended while the outer, which never waits for it, goes on.
    const child = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(child.stdout, 'data');
    const inner = Number(String(line));
    const identity = await processIdentity(inner);
    assert.ok(identity);
    try {
      process.kill(inner, 'SIGKILL');
      await until(async () => (await isAlive(identity)) === false);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('cannot be told from what is none', async () => {
    assert.equal(await isAlive('nonsense'), undefined);
  });

  it('is found whatever the command is called', () => {
    const line = `42 (a) b (c)) S 1 40 39 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 777 1 2`;
    assert.deepEqual(parseProcessStat(line), {
      pid: 42,
      state: 'S',
      group: 40,
      session: 39,
      cpuTicks: 11,
      childrenCpuTicks: 15,
      startTime: '777',
    });
    assert.equal(parseProcessStat(''), undefined);
  });
});

describe('startDetached', () => {
  let top: string;
  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), 'rereco-detach-'));
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  for (const [extension, type] of [
    ['ts', ': string'],
    ['mjs', ''],
  ]) {
    it(`starts a worker of its own session from a .${extension} module`, async () => {
      const module = join(top, `worker.${extension}`);
      const text = `const word${type} = process.argv[2] ?? '';
        console.log(JSON.stringify([word, process.env.GIVEN, process.env.NODE_OPTIONS ?? null, process.cwd()]));
        setInterval(() => {}, 1000);`;
      await writeFile(module, text);
      const logFile = join(top, 'log');
      const pid = await startDetached(pathToFileURL(module), ["it's"], {
        cwd: '/',
        logFile,
        env: { GIVEN: 'given' },
      });
      try {
        const log = () => readFile(logFile, 'utf8');
        await until(async () => (await log()).endsWith('\n'));
        assert.deepEqual(JSON.parse(await log()), ["it's", 'given', null, '/']);
        assert.equal(parseProcessStat(await readFile(`/proc/${pid}/stat`, 'utf8'))?.session, pid);
      } finally {
        process.kill(pid, 'SIGKILL');
      }
      await until(async () => !(await runs(pid)));
    });
  }

  it('throws when the log file cannot be made', async () => {
    const options = { cwd: '/', logFile: join(top, 'no', 'log'), env: {} };
    await assert.rejects(startDetached(new URL(import.meta.url), [], options), { code: 'ENOENT' });
  });
});

describe('moduleBeside', () => {
  it('names a module in the sources and in the build', () => {
    assert.equal(moduleBeside('./worker', 'file:///a/b/main.ts').href, 'file:///a/b/worker.ts');
    assert.equal(moduleBeside('./worker', 'file:///a/dist/b/main.js').href, 'file:///a/dist/b/worker.js');
  });
});
