import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copyMover } from '../../reconcilers/drivers/mover/copy.ts';
import { cancelTransfer } from '../../reconcilers/drivers/mover/copy-cancel.ts';
import { endTransfer, readEnd, readResults } from '../../reconcilers/drivers/mover/copy-folder.ts';
import { isAlive, pidOf, processIdentity } from '../../reconcilers/drivers/process/identity.ts';
import { posixStore } from '../../reconcilers/drivers/store/posix.ts';
import type { Mover, MoveSeen } from '../../reconcilers/ports/mover.ts';
import { anOrder, behavesLikeAMover, untilOver } from '../contract/mover.ts';
import { endProcessesOf } from '../end-processes.ts';
import { memoryStore } from '../memory/store.ts';

const { signal } = new AbortController();
const BIG_BYTES = 3 * 1024 ** 3;

describe('the copy mover', () => {
  let base: string;
  let mover: Mover;
  const stores = () => ({
    from: posixStore({ name: 'far', root: join(base, 'far') }),
    to: posixStore({ name: 'near', root: join(base, 'near') }),
  });
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'rereco-copy-'));
    for (const name of ['far', 'near', 'spool']) await mkdir(join(base, name));
    mover = copyMover({ ...stores(), spool: join(base, 'spool') });
  });
  afterEach(async () => {
    // A worker that is still at work would write into what is being removed.
    await endProcessesOf(base);
    await rm(base, { recursive: true, force: true });
  });

  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), text);
  };
  const read = (path: string) => readFile(join(base, path), 'utf8').catch(() => undefined);
  const folder = (name: string) => join(base, 'spool/moves', name);
  const look = async (name: string) => (await mover.observe([name], 0, signal)).found.get(name)?.files;
  const causes = (files: ReadonlyMap<number, MoveSeen> | undefined) =>
    [...(files?.values() ?? [])].map((seen) => (seen.state === 'failed' ? seen.cause : seen.state));

  /** A transfer as a crash left it: a ticket, and no worker. */
  const abandoned = async (name: string, creator: string | null) => {
    const places = {
      from: { what: 'store far', folder: join(base, 'far') },
      to: { what: 'store near', folder: join(base, 'near') },
    };
    await write(
      `spool/moves/${name}/ticket.json`,
      JSON.stringify({ order: anOrder(name, 'a', 'b'), ...places, creator }),
    );
  };
  /** A source that takes seconds to copy and no room on disk. */
  const bigSource = async () => {
    const handle = await open(join(base, 'far/big'), 'w');
    await handle.truncate(BIG_BYTES);
    await handle.close();
  };
  const until = async (claim: () => Promise<boolean>) => {
    for (let tries = 0; tries < 3_600 && !(await claim()); tries++) await delay(25);
    assert.ok(await claim());
  };
  const copying = async (name: string) => {
    const seen = (await look(name))?.get(0);
    return seen?.state === 'running' && (seen.movedBytes ?? 0) > 0;
  };

  describe('like every mover', () => {
    behavesLikeAMover({
      open: async () => ({
        mover,
        writeSource: (path, text) => write(`far/${path}`, text),
        writeTarget: (path, text) => write(`near/${path}`, text),
        readSource: (path) => read(`far/${path}`),
        readTarget: (path) => read(`near/${path}`),
        goDown: () => rename(join(base, 'spool'), join(base, 'away')),
        comeBack: () => rename(join(base, 'away'), join(base, 'spool')),
        close: async () => undefined,
      }),
    });
  });

  it('needs two stores that this machine sees', () => {
    const from = memoryStore('far').store;
    assert.throws(() => copyMover({ ...stores(), from, spool: base }), {
      code: 'rejected',
      message: /store far/,
    });
  });

  it('calls the files of an unmounted source failed, not absent', async () => {
    await rm(join(base, 'far'), { recursive: true });
    await mover.submit(anOrder('t1', 'a'), signal);
    assert.deepEqual(causes(await untilOver(mover, 't1')), ['away']);
  });

  it('says that a source is a folder, whatever its size', async () => {
    await mkdir(join(base, 'far/raw'));
    await mover.submit(anOrder('t1', 'raw'), signal);
    const [seen] = (await untilOver(mover, 't1')).values();
    assert.match(seen?.state === 'failed' ? seen.reason : '', /raw is not a file at the source/);
  });

  it('makes no target root that is not mounted', async () => {
    await write('far/a', 'hello');
    await rm(join(base, 'near'), { recursive: true });
    await mover.submit(anOrder('t1', 'a'), signal);
    assert.deepEqual(causes(await untilOver(mover, 't1')), ['away']);
    assert.deepEqual((await readdir(base)).sort(), ['far', 'spool']);
  });

  it('writes nothing into a target without its mark', async () => {
    await write('far/a', 'hello');
    const order = { ...anOrder('t1', 'a'), mark: '.rereco/mark' };
    await mover.submit(order, signal);
    assert.deepEqual(causes(await untilOver(mover, 't1')), ['away']);
    assert.deepEqual(await readdir(join(base, 'near')), []);
    await write('near/.rereco/mark', '');
    await mover.submit({ ...order, name: 't2' }, signal);
    assert.deepEqual(causes(await untilOver(mover, 't2')), ['moved']);
  });

  it('finds the worker killed in the middle of a file, and never changes that answer', async () => {
    await bigSource();
    await mover.submit(anOrder('t1', 'big', 'a'), signal);
    await until(() => copying('t1'));
    const worker = (await readFile(join(folder('t1'), 'worker'), 'utf8')).trim();
    process.kill(pidOf(worker), 'SIGKILL');
    await until(async () => (await isAlive(worker)) === false);
    assert.deepEqual(causes(await look('t1')), ['interrupted', 'interrupted']);

    const late = { index: 0, seen: { state: 'moved', sizeBytes: 5, checksum: null } };
    await appendFile(join(folder('t1'), 'results.ndjson'), `${JSON.stringify(late)}\n`);
    assert.deepEqual(causes(await look('t1')), ['interrupted', 'interrupted']);
  });

  it('kills the worker of a transfer that is cancelled', async () => {
    await bigSource();
    await mover.submit(anOrder('t1', 'big'), signal);
    await until(() => copying('t1'));
    const worker = (await readFile(join(folder('t1'), 'worker'), 'utf8')).trim();
    await mover.forget(['t1'], signal);
    assert.deepEqual(causes(await look('t1')), ['running']);
    await mover.cancel(['t1'], signal);
    assert.deepEqual([causes(await look('t1')), await isAlive(worker)], [['interrupted'], false]);
  });

  it('waits for the worker of a creator that lives', async () => {
    await abandoned('t1', (await processIdentity(process.pid)) ?? null);
    assert.deepEqual(causes(await look('t1')), ['queued', 'queued']);
    assert.equal(await readEnd(folder('t1')), undefined);
  });

  it('does not call a transfer cancelled whose worker lives on', async () => {
    await abandoned('t1', null);
    // It leads no group, so that no signal to its group ends it: as if it waited for a disk.
    const worker = spawn('sleep', ['600'], { stdio: 'ignore' });
    await once(worker, 'spawn');
    await write('spool/moves/t1/worker', `${await processIdentity(worker.pid ?? 0)}\n`);
    await assert.rejects(cancelTransfer(folder('t1'), 100), { code: 'unavailable', message: /does not end/ });
    assert.equal(await readEnd(folder('t1')), undefined);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await cancelTransfer(folder('t1'));
    assert.equal((await readEnd(folder('t1')))?.why, 'cancelled');
  });

  it('gives up a transfer whose creator and worker are gone', async () => {
    await abandoned('t1', 'another-boot:1:1');
    assert.deepEqual(causes(await look('t1')), ['interrupted', 'interrupted']);
    assert.equal((await readEnd(folder('t1')))?.why, 'interrupted');
  });

  it('knows nothing of a transfer that was started in another container, and takes a word for its end', async () => {
    const own = (await processIdentity(process.pid)) ?? '';
    await abandoned('t1', own.replace(/\/\d+:/, '/1:'));
    const seen = await mover.observe(['t1'], 0, signal);
    assert.deepEqual([seen.found.size, [...seen.unknown.keys()]], [0, ['t1']]);
    assert.match(seen.unknown.get('t1') ?? '', /another PID namespace/);
    await write('spool/moves/t1/worker', own.replace(/\/\d+:/, '/1:'));
    await assert.rejects(mover.cancel(['t1'], signal), { code: 'unavailable' });
    assert.equal(await readEnd(folder('t1')), undefined);

    await mover.settle(['t1'], signal);
    assert.deepEqual(causes(await look('t1')), ['interrupted', 'interrupted']);
  });

  it('says the same for looking only, and changes nothing', async () => {
    await abandoned('t1', 'another-boot:1:1');
    const looking = copyMover({ ...stores(), spool: join(base, 'spool'), readOnly: true });
    const seen = await looking.observe(['t1'], 0, signal);
    assert.deepEqual(causes(seen.found.get('t1')?.files), ['interrupted', 'interrupted']);
    assert.deepEqual(await readdir(folder('t1')), ['ticket.json']);
    await assert.rejects(looking.submit(anOrder('t2', 'a'), signal), { code: 'forbidden' });
  });

  it('keeps the results before a torn line', async () => {
    await abandoned('t1', null);
    const line = JSON.stringify({ index: 0, seen: { state: 'moved', sizeBytes: 5, checksum: null } });
    await write('spool/moves/t1/results.ndjson', `${line}\n{"index":1,"se`);
    assert.deepEqual(causes(await look('t1')), ['moved', 'interrupted']);
    assert.equal((await readResults(folder('t1'), Infinity)).bytes, line.length + 1);
  });

  it('ends a transfer once, whoever comes first', async () => {
    await abandoned('t1', null);
    const ends = await Promise.all([
      endTransfer(folder('t1'), 'finished'),
      endTransfer(folder('t1'), 'interrupted'),
      endTransfer(folder('t1'), 'cancelled'),
    ]);
    assert.equal(new Set(ends.map(({ why }) => why)).size, 1);
  });

  it('leaves a ticket it cannot read unknown', async () => {
    await write('spool/moves/t1/ticket.json', '{"ord');
    const seen = await mover.observe(['t1', 't2'], 0, signal);
    assert.deepEqual([seen.found.size, [...seen.unknown.keys()]], [0, ['t1']]);
  });

  it('takes no checksum that nobody can compute', async () => {
    const order = anOrder('t1', { checksum: 'enstore:123' });
    await assert.rejects(mover.submit(order, signal), { code: 'rejected' });
    assert.equal(await read('spool/moves/t1/ticket.json'), undefined);
  });

  it('tells a full disk from other failures', async function () {
    if (!(await canMount())) {
      console.log('      skipped: this system lets nobody mount a small disk (unshare, mount)');
      this.skip();
    }
    await write('far/a', 'x'.repeat(200_000));
    await write('far/b', 'hello');
    await abandoned('t1', (await processIdentity(process.pid)) ?? null);
    const worker = fileURLToPath(new URL('../../reconcilers/drivers/mover/copy-worker.ts', import.meta.url));
    // The worker alone sees the small disk; what it tells is read out here.
    await inSmallDisk(join(base, 'near'), [process.execPath, '--import', 'tsx', worker, folder('t1')]);
    assert.deepEqual(causes(await look('t1')), ['space', 'space']);
  });
});

const run = promisify(execFile);

function inSmallDisk(folder: string, command: readonly string[]): Promise<unknown> {
  const script = 'mount -t tmpfs -o size=64k none "$1" && shift && exec "$@"';
  return run('unshare', ['--map-root-user', '--mount', 'sh', '-c', script, 'sh', folder, ...command]);
}

async function canMount(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'rereco-mount-'));
  try {
    await inSmallDisk(folder, ['true']);
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true });
  }
}
