import assert from 'node:assert/strict';
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TEMPORARIES } from '../../machines/model.ts';
import { ADLER32_SEED, adler32, adler32Hex } from '../../reconcilers/drivers/store/adler32.ts';
import { TEMPORARY_PREFIX } from '../../reconcilers/drivers/store/durable.ts';
import { posixStore } from '../../reconcilers/drivers/store/posix.ts';
import { promoteFile } from '../../reconcilers/drivers/store/posix-change.ts';
import type { Store } from '../../reconcilers/ports/store.ts';
import { behavesLikeAStore } from '../contract/store.ts';

const { signal } = new AbortController();
const HELLO = { sizeBytes: 5, checksum: 'adler32:062c0215' };

describe('adler32', () => {
  const ramp = Buffer.from(Array.from({ length: 256_000 }, (_, index) => index % 256));
  // Source: zlib 1.2.13, by Python's zlib.adler32.
  const cases = [
    { of: 'nothing', bytes: Buffer.alloc(0), sum: '00000001' },
    { of: 'a word', bytes: Buffer.from('Wikipedia'), sum: '11e60398' },
    { of: 'many blocks', bytes: ramp, sum: 'a73b292f' },
    { of: 'the largest bytes', bytes: Buffer.alloc(1_000_000, 0xff), sum: '3843e1be' },
  ];
  for (const { of, bytes, sum } of cases) {
    it(`sums ${of} as zlib does`, () => assert.equal(adler32Hex(adler32(ADLER32_SEED, bytes)), sum));
  }

  it('sums pieces as it sums the whole', () => {
    let sum = ADLER32_SEED;
    for (let at = 0; at < ramp.length; at += 7_777) sum = adler32(sum, ramp.subarray(at, at + 7_777));
    assert.equal(adler32Hex(sum), 'a73b292f');
  });
});

describe('the posix store', () => {
  let base: string;
  let root: string;
  let store: Store;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'rereco-posix-'));
    root = join(base, 'root');
    await mkdir(root);
    store = posixStore({ name: 'disk', root });
  });
  afterEach(() => rm(base, { recursive: true }));

  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const read = (path: string) => readFile(join(root, path), 'utf8').catch(() => undefined);

  it('marks a file anew at every change, also one that sets the times of its bytes back', async () => {
    const mark = async () => (await store.list('raw/*', 0, signal)).found.get('raw/a')?.modified;
    await write('raw/a', 'hello');
    const longAgo = new Date('2003-04-12T00:00:00Z');
    await utimes(join(root, 'raw/a'), longAgo, longAgo);
    const first = await mark();
    assert.equal(await mark(), first);
    const seen = new Set([first]);
    // The clock of a file system may stand still for some milliseconds.
    while (seen.size === 1) {
      await write('raw/a', 'other');
      await utimes(join(root, 'raw/a'), longAgo, longAgo);
      seen.add(await mark());
    }
  });

  describe('like every store', () => {
    behavesLikeAStore({
      open: async () => ({
        store,
        write,
        read,
        goDown: () => rename(root, `${root}.away`),
        comeBack: () => rename(`${root}.away`, root),
        close: async () => undefined,
      }),
    });
  });

  it('takes no root that depends on the working folder', () => {
    assert.throws(() => posixStore({ name: 'disk', root: 'data' }), { code: 'rejected' });
  });

  describe('without its root', () => {
    const local = () => join(base, 'local');
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      stat: () => store.stat(['x'], 'size', 0, signal),
      list: () => store.list('**', 0, signal),
      promote: () => store.promote('x', 'y', null, signal),
      remove: () => store.remove('x', HELLO, signal),
      put: () => store.put(local(), 'x', signal),
      get: () => store.get('x', local(), signal),
      readText: () => store.readText('x', signal),
      replaceText: () => store.replaceText('x', 'text', signal),
      freeBytes: () => store.freeBytes(signal),
    };
    for (const [name, call] of Object.entries(calls)) {
      it(`answers nothing to ${name}, does not make it, and says what to type`, async () => {
        await rm(root, { recursive: true });
        await writeFile(local(), 'hello');
        await assert.rejects(call(), {
          code: 'unavailable',
          message: `store disk: its root ${root} is not there; mount it, or make it: mkdir -p ${root}`,
        });
        assert.deepEqual(await readdir(base), ['local']);
      });
    }

    it('says what else stands there', async () => {
      await rm(root, { recursive: true });
      await writeFile(root, '');
      await assert.rejects(calls.stat?.() ?? Promise.resolve(), {
        code: 'unavailable',
        message: /not a folder/,
      });
      await rm(root);
      await symlink('/no/such/disk', root);
      const message = /is a symbolic link to nothing/;
      await assert.rejects(calls.freeBytes?.() ?? Promise.resolve(), { code: 'unavailable', message });
    });
  });

  it('finds folders in which nothing is, and removes those', async () => {
    await write('attempts/full/x', 'x');
    await write('attempts/file', 'x');
    for (const name of ['empty', 'other']) await mkdir(join(root, 'attempts', name));
    const empty = await store.emptyFolders('attempts', signal);
    assert.deepEqual([...empty].sort(), ['attempts/empty', 'attempts/other']);
    await store.removeFolders([...empty, 'attempts/full', 'attempts/file', 'attempts/none'], signal);
    assert.deepEqual((await readdir(join(root, 'attempts'))).sort(), ['file', 'full']);
    await assert.rejects(store.removeFolders(['../outside'], signal), { code: 'rejected' });
  });

  it('lists what calls that were killed were writing', async () => {
    await write(`attempts/one/${TEMPORARY_PREFIX}1`, 'half');
    const seen = await store.list('attempts/**', 0, signal);
    assert.deepEqual([...seen.found.keys()], [`attempts/one/${TEMPORARY_PREFIX}1`]);
  });

  it('writes its small files where a sweep looks, and again when one is swept away meanwhile', async () => {
    let left = 0;
    const sweeping = setInterval(async () => {
      const names = await readdir(join(root, TEMPORARIES)).catch(() => []);
      for (const name of names.slice(0, left)) {
        left -= 1;
        await rm(join(root, TEMPORARIES, name), { force: true });
      }
    }, 1);
    try {
      for (let n = 0; n < 20; n += 1) {
        left = 2;
        await store.replaceText('deep/x', `text ${n}`, signal);
      }
    } finally {
      clearInterval(sweeping);
    }
    assert.equal(await read('deep/x'), 'text 19');
    assert.deepEqual(await readdir(join(root, 'deep')), ['x']);
  });

  describe('symbolic links', () => {
    it('does not call what lies behind a broken one absent', async () => {
      await symlink('/no/such/disk', join(root, 'tape'));
      await symlink('/no/such/file', join(root, 'one'));
      const seen = await store.stat(['tape/run1/x', 'one', 'two'], 'size', 0, signal);
      assert.deepEqual([seen.found.size, [...seen.unknown.keys()].sort()], [0, ['one', 'tape/run1/x']]);
      assert.equal((await store.list('tape/**', 0, signal)).complete, false);
      await assert.rejects(store.readText('tape/x', signal), { code: 'unavailable' });
    });

    it('reads through one, and writes through none that leads out', async () => {
      await mkdir(join(base, 'outside'));
      await writeFile(join(base, 'outside/x'), 'hello');
      await symlink(join(base, 'outside'), join(root, 'out'));
      await write('a', 'hello');
      assert.equal(await store.readText('out/x', signal), 'hello');
      await assert.rejects(store.remove('out/x', HELLO, signal), { code: 'rejected' });
      await assert.rejects(store.promote('a', 'out/new/a', null, signal), { code: 'rejected' });
      await assert.rejects(store.replaceText('out/y', '', signal), { code: 'rejected' });
      assert.deepEqual(await readdir(join(base, 'outside')), ['x']);
    });

    it('lists a linked folder once, and comes out of a circle', async () => {
      await write('real/x', 'hello');
      await symlink('.', join(root, 'circle'));
      await symlink('real', join(root, 'alias'));
      assert.deepEqual([...(await store.list('**', 0, signal)).found.keys()], ['real/x']);
      assert.deepEqual([...(await store.list('alias/*', 0, signal)).found.keys()], ['alias/x']);
    });
  });

  describe('promoting', () => {
    it('goes on after a crash between link and unlink', async () => {
      await write('a', 'hello');
      await link(join(root, 'a'), join(root, 'b'));
      await store.promote('a', 'b', HELLO, signal);
      assert.deepEqual([await read('a'), await read('b')], [undefined, 'hello']);
    });

    it('puts nothing over other bytes of the same size', async () => {
      await write('a', 'hello');
      await write('b', 'HELLO');
      await assert.rejects(store.promote('a', 'b', null, signal), { code: 'conflict' });
      assert.deepEqual([await read('a'), await read('b')], ['hello', 'HELLO']);
    });

    for (const code of ['EPERM', 'ENOTSUP', 'EMLINK', 'EXDEV']) {
      it(`copies where a hard link is answered with ${code}`, async () => {
        const noLink = async () => {
          throw Object.assign(new Error(code), { code });
        };
        const place = { what: 'store disk', folder: root };
        await write('a', 'hello');
        await write('c', 'other');
        const to = (name: string) => promoteFile(place, { from: 'a', to: name }, null, signal, noLink);
        await assert.rejects(to('c'), { code: 'conflict' });
        await to('b');
        await to('b');
        assert.deepEqual([await read('a'), await read('b'), await read('c')], [undefined, 'hello', 'other']);
        assert.deepEqual((await readdir(root)).sort(), ['b', 'c']);
      });
    }

    it('suffers no harm from many repeats at once', async () => {
      await write('a', 'hello');
      const calls = Array.from({ length: 50 }, () => store.promote('a', 'b', HELLO, signal));
      await Promise.all(calls);
      assert.deepEqual([await read('a'), await read('b')], [undefined, 'hello']);
    });

    it('takes a folder in the way for a conflict', async () => {
      await write('a', 'hello');
      await mkdir(join(root, 'b'));
      await write('file', 'x');
      await assert.rejects(store.promote('a', 'b', HELLO, signal), { code: 'conflict' });
      await assert.rejects(store.promote('a', 'file/b', HELLO, signal), { code: 'conflict' });
      assert.equal(await read('a'), 'hello');
    });
  });

  it('answers for twenty thousand files', async () => {
    await mkdir(join(root, 'many'));
    const paths = Array.from({ length: 20_000 }, (_, index) => `many/${index}`);
    for (const path of paths.slice(0, 1_000)) await writeFile(join(root, path), path);
    const seen = await store.stat(paths, 'size', 0, signal);
    assert.deepEqual([seen.found.size, seen.unknown.size], [1_000, 0]);
  });

  it('tells its free bytes', async () => assert.ok(((await store.freeBytes(signal)) ?? 0) > 0));
});
