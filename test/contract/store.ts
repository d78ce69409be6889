import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../reconcilers/ports/store.ts';

/** A store opened for one test, and the world's own way around it. */
export interface OpenStore {
  readonly store: Store;
  write(path: string, text: string): Promise<void>;
  /** undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** Where the driver's system can do so. */
  readonly cutAnswersInHalf?: () => void;
  close(): Promise<void>;
}

/** Each call opens a new, empty store. */
export interface StoreUnderTest {
  open(): Promise<OpenStore>;
}

const { signal } = new AbortController();
const HELLO = { sizeBytes: 5, checksum: 'adler32:062c0215' };
const OTHER = { sizeBytes: 5, checksum: 'adler32:06740223' };
const HOSTILE = ["it's", 'a  b', '-rf', '$(x)`y`', 'line\nbreak', 'Grüße-日本', '"quoted"\\', '*', '#a;b&c'];

/** What every Store must do. Call it inside the driver's own `describe`. */
export function behavesLikeAStore(subject: StoreUnderTest): void {
  let open: OpenStore;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rereco-test-'));
    open = await subject.open();
    await open.write('raw/a', 'hello');
  });
  afterEach(async () => {
    await open.close();
    await rm(folder, { recursive: true });
  });
  const local = async (text: string) => {
    await writeFile(join(folder, 'local'), text);
    return join(folder, 'local');
  };

  describe('asked about files', () => {
    it('finds what it holds, and is complete about what it does not', async () => {
      const seen = await open.store.stat(['raw/a', 'raw/b', 'no/such/folder', 'raw/a/b'], 'size', 17, signal);
      assert.deepEqual([...seen.found], [['raw/a', { sizeBytes: 5 }]]);
      assert.deepEqual([seen.complete, seen.unknown.size, seen.askedAt], [true, 0, 17]);
    });

    it('tells the checksum when it is asked for', async () => {
      const seen = await open.store.stat(['raw/a'], 'checksum', 0, signal);
      assert.deepEqual(seen.found.get('raw/a'), HELLO);
    });

    it('tells the checksum by the algorithm that is asked for, or none', async () => {
      const md5 = { sizeBytes: 5, checksum: 'md5:5d41402abc4b2a76b9719d911017c592' };
      const answer = await open.store.stat(['raw/a'], 'checksum:md5', 0, signal);
      assert.deepEqual(answer.found.get('raw/a'), md5);
      const strange = await open.store.stat(['raw/a'], 'checksum:strange', 0, signal);
      assert.deepEqual(strange.found.get('raw/a'), { sizeBytes: 5 });
    });

    it('knows no size of a folder, and does not call it absent', async () => {
      const seen = await open.store.stat(['raw'], 'size', 0, signal);
      assert.deepEqual([seen.found.size, [...seen.unknown.keys()]], [0, ['raw']]);
    });

    it('says where paths lie, each in a place of its own, whether or not something is there', async () => {
      const seen = await open.store.locate(['raw/a', 'raw/b', 'no/such/folder'], 17, signal);
      const places = [...seen.found.values()].map(({ place, path, refused }) =>
        [place, path, refused].join(),
      );
      assert.deepEqual([new Set(places).size, seen.complete, seen.askedAt], [3, true, 17]);
      const again = await open.store.locate(['raw/a'], 0, signal);
      assert.deepEqual(again.found.get('raw/a'), seen.found.get('raw/a'));
    });

    it('does not say where a path lies that leaves it', async () => {
      const seen = await open.store.locate(['../a', '/etc/passwd', ''], 0, signal);
      assert.deepEqual([seen.found.size, seen.unknown.size], [0, 3]);
    });

    it('does not call a path that leaves it absent', async () => {
      const seen = await open.store.stat(['../a', '/etc/passwd', 'raw//a', ''], 'size', 0, signal);
      assert.deepEqual([seen.found.size, seen.unknown.size], [0, 4]);
    });

    it('never calls a file absent when only half of the answer arrived', async () => {
      if (!open.cutAnswersInHalf) return;
      open.cutAnswersInHalf();
      assert.equal((await open.store.stat(['raw/a', 'raw/b'], 'size', 0, signal)).complete, false);
    });

    it('gives no answer at all while it is down', async () => {
      await open.goDown();
      await assert.rejects(open.store.stat(['raw/a'], 'size', 0, signal), { code: 'unavailable' });
      await assert.rejects(open.store.list('**', 0, signal), { code: 'unavailable' });
      await assert.rejects(open.store.locate(['raw/a'], 0, signal), { code: 'unavailable' });
      await assert.rejects(open.store.readText('raw/a', signal), { code: 'unavailable' });
      await assert.rejects(open.store.remove('raw/a', HELLO, signal), { code: 'unavailable' });
      await assert.rejects(open.store.promote('raw/a', 'b', null, signal), { code: 'unavailable' });
      await open.comeBack();
      assert.equal((await open.store.stat(['raw/a'], 'size', 0, signal)).found.size, 1);
    });

    it('gives no answer to a question that was given up', async () => {
      const asked = open.store.stat(['raw/a'], 'size', 0, AbortSignal.abort());
      await assert.rejects(asked, { code: 'unavailable' });
    });
  });

  describe('listing', () => {
    it('lists what matches, dots and depths included', async () => {
      for (const path of ['raw/b.lhe', 'raw/c/d.lhe', '.rereco/x', 'top']) await open.write(path, 'x');
      const list = async (glob: string) => [...(await open.store.list(glob, 0, signal)).found.keys()].sort();
      assert.deepEqual(await list('raw/*'), ['raw/a', 'raw/b.lhe']);
      assert.deepEqual(await list('raw/**/*.lhe'), ['raw/b.lhe', 'raw/c/d.lhe']);
      assert.deepEqual(await list('**'), ['.rereco/x', 'raw/a', 'raw/b.lhe', 'raw/c/d.lhe', 'top']);
      assert.deepEqual(await list('*'), ['top']);
      assert.deepEqual(await list('raw/a'), ['raw/a']);
    });

    it('holds nothing in a folder that does not exist, and says so completely', async () => {
      const seen = await open.store.list('none/such/*', 3, signal);
      assert.deepEqual([seen.found.size, seen.unknown.size, seen.complete, seen.askedAt], [0, 0, true, 3]);
    });

    it('refuses a glob that leaves it', async () => {
      await assert.rejects(open.store.list('../*', 0, signal), { code: 'rejected' });
    });
  });

  describe('promoting', () => {
    it('gives a file its other name, once and again', async () => {
      for (const _ of [1, 2]) await open.store.promote('raw/a', 'final/deep/a', HELLO, signal);
      assert.deepEqual([await open.read('raw/a'), await open.read('final/deep/a')], [undefined, 'hello']);
    });

    it('expects nothing where it is told to expect nothing', async () => {
      for (const _ of [1, 2]) await open.store.promote('raw/a', 'q/a', null, signal);
      assert.equal(await open.read('q/a'), 'hello');
    });

    it('puts nothing over another file', async () => {
      await open.write('raw/c', 'other');
      await assert.rejects(open.store.promote('raw/a', 'raw/c', HELLO, signal), { code: 'conflict' });
      assert.deepEqual([await open.read('raw/a'), await open.read('raw/c')], ['hello', 'other']);
    });

    it('is done when the same bytes are there already', async () => {
      await open.write('raw/c', 'hello');
      await open.store.promote('raw/a', 'raw/c', HELLO, signal);
      assert.deepEqual([await open.read('raw/a'), await open.read('raw/c')], [undefined, 'hello']);
    });

    it('takes no bytes but the expected ones', async () => {
      await assert.rejects(open.store.promote('raw/a', 'raw/c', OTHER, signal), { code: 'conflict' });
      await open.store.promote('raw/a', 'raw/c', HELLO, signal);
      await assert.rejects(open.store.promote('raw/a', 'raw/c', OTHER, signal), { code: 'conflict' });
      assert.equal(await open.read('raw/c'), 'hello');
    });

    it('says when neither is there', async () => {
      await assert.rejects(open.store.promote('raw/x', 'raw/y', HELLO, signal), { code: 'absent' });
    });

    it('gives as many files their names at once as it says, in a folder that is new', async () => {
      assert.ok(open.store.atOnce >= 1);
      const names = Array.from({ length: open.store.atOnce }, (_, n) => `early/${n}`);
      for (const name of names) await open.write(name, `I am ${name}`);
      await Promise.all(names.map((name) => open.store.promote(name, `late/deep/${name}`, null, signal)));
      for (const name of names) {
        assert.deepEqual(
          [await open.read(name), await open.read(`late/deep/${name}`)],
          [undefined, `I am ${name}`],
        );
      }
    });

    it('lets exactly one of two files have a name', async () => {
      const names = ['raw/1', 'raw/2', 'raw/3', 'raw/4'];
      for (const name of names) await open.write(name, `I am ${name}`);
      const ends = await Promise.allSettled(
        names.map((name) => open.store.promote(name, 'final/one', null, signal)),
      );
      const winners = ends.flatMap((end, index) => (end.status === 'fulfilled' ? [names[index]] : []));
      assert.equal(winners.length, 1);
      assert.equal(await open.read('final/one'), `I am ${winners[0]}`);
      for (const name of names.filter((one) => one !== winners[0])) {
        assert.equal(await open.read(name), `I am ${name}`);
      }
    });

    it('refuses to leave the root', async () => {
      await assert.rejects(open.store.promote('raw/a', '../a', null, signal), { code: 'rejected' });
      assert.equal(await open.read('raw/a'), 'hello');
    });
  });

  describe('removing', () => {
    it('deletes the file that was decided on, once and again', async () => {
      for (const _ of [1, 2]) await open.store.remove('raw/a', HELLO, signal);
      assert.equal(await open.read('raw/a'), undefined);
    });

    it('leaves other bytes alone, of another size or the same', async () => {
      await assert.rejects(open.store.remove('raw/a', { sizeBytes: 4 }, signal), { code: 'conflict' });
      await assert.rejects(open.store.remove('raw/a', OTHER, signal), { code: 'conflict' });
      assert.equal(await open.read('raw/a'), 'hello');
    });

    it('compares a checksum of another kind', async () => {
      const md5 = 'md5:5d41402abc4b2a76b9719d911017c592';
      await open.store.remove('raw/a', { sizeBytes: 5, checksum: md5 }, signal);
      assert.equal(await open.read('raw/a'), undefined);
    });
  });

  describe('moving bytes in and out', () => {
    it('stores a local file, once and again', async () => {
      for (const _ of [1, 2]) {
        assert.deepEqual(await open.store.put(await local('hello'), 'new/folder/x', signal), HELLO);
      }
      assert.equal(await open.read('new/folder/x'), 'hello');
    });

    it('stores nothing over other bytes', async () => {
      await assert.rejects(open.store.put(await local('other'), 'raw/a', signal), { code: 'conflict' });
      assert.equal(await open.read('raw/a'), 'hello');
    });

    it('brings a file to a local path, replacing what is there', async () => {
      const target = await local('a longer text that must go');
      await open.store.get('raw/a', target, signal);
      assert.equal(await readFile(target, 'utf8'), 'hello');
      await assert.rejects(open.store.get('raw/none', target, signal), { code: 'absent' });
      assert.equal(await readFile(target, 'utf8'), 'hello');
    });

    it('replaces and reads its own small files', async () => {
      assert.equal(await open.store.readText('.rereco/marker', signal), undefined);
      await open.store.replaceText('.rereco/marker', 'one', signal);
      await open.store.replaceText('.rereco/marker', 'two', signal);
      assert.equal(await open.store.readText('.rereco/marker', signal), 'two');
    });

    it('leaves nothing behind but what it was asked for', async () => {
      await open.store.put(await local('hello'), 'raw/b', signal);
      await assert.rejects(open.store.put(await local('other'), 'raw/a', signal));
      await open.store.replaceText('raw/c', 'text', signal);
      const seen = await open.store.list('**', 0, signal);
      assert.deepEqual([...seen.found.keys()].sort(), ['raw/a', 'raw/b', 'raw/c']);
    });
  });

  describe('folders', () => {
    it('has no empty one where there is no folder, and none that holds a file', async () => {
      assert.deepEqual(await open.store.emptyFolders('no/such/folder', signal), []);
      await open.write('attempts/one/x', 'x');
      assert.deepEqual(await open.store.emptyFolders('attempts', signal), []);
    });

    it('leaves one that holds something, and one that is gone', async () => {
      await open.write('attempts/one/x', 'x');
      for (const _ of [1, 2]) await open.store.removeFolders(['attempts/one', 'attempts/two'], signal);
      assert.equal(await open.read('attempts/one/x'), 'x');
    });
  });

  for (const name of HOSTILE) {
    it(`keeps a file named ${JSON.stringify(name)}`, async () => {
      const path = `raw/${name}/${name}`;
      await open.store.put(await local('hello'), path, signal);
      await open.store.promote(path, `final/${name}`, HELLO, signal);
      assert.equal(await open.read(`final/${name}`), 'hello');
      assert.deepEqual([...(await open.store.list('final/*', 0, signal)).found.keys()], [`final/${name}`]);
      const seen = await open.store.stat([`final/${name}`], 'checksum', 0, signal);
      assert.deepEqual(seen.found.get(`final/${name}`), HELLO);
      await open.store.remove(`final/${name}`, HELLO, signal);
      assert.equal(await open.read(`final/${name}`), undefined);
    });
  }
}
