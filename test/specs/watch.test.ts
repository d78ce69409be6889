import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchSpecs } from '../../specs/watch.ts';
import { CROWDED, MOST_WATCHED, planWatch } from '../../specs/watch-plan.ts';
import { aDataset, type SpecFolder, specFolder } from './folder.ts';

/** A change is told of within about a second; a busy machine takes longer. */
const LIMIT_MS = 60_000;

describe('watchSpecs', function () {
  this.timeout(600_000);
  let folder: SpecFolder;
  let stop: AbortController;
  let told: EventEmitter;
  let all: (readonly string[])[];

  const watch = async (paths: readonly string[], extra: readonly string[] = []) => {
    const onChange = (files: readonly string[]) => {
      all.push(files);
      told.emit('change', files);
    };
    return watchSpecs(paths, onChange, stop.signal, extra);
  };
  const change = async () => (await once(told, 'change', { signal: AbortSignal.timeout(LIMIT_MS) }))[0];
  const at = (name: string) => join(folder.path, name);

  beforeEach(async () => {
    folder = await specFolder({ 'a.yaml': aDataset(), 'runs.txt': '1\n', 'other.txt': 'x' });
    stop = new AbortController();
    told = new EventEmitter();
    all = [];
  });
  afterEach(async () => {
    stop.abort();
    await folder.drop();
  });

  it('tells of a file that is written', async () => {
    await watch([folder.path]);
    const changed = change();
    await writeFile(at('a.yaml'), aDataset({ suspend: 'true' }));
    assert.deepEqual(await changed, [at('a.yaml')]);
  });

  it('tells of a file that another is renamed over, as editors do', async () => {
    await watch([folder.path]);
    const changed = change();
    await writeFile(at('.a.yaml.swp'), aDataset({ suspend: 'true' }));
    await rename(at('.a.yaml.swp'), at('a.yaml'));
    assert.deepEqual(await changed, [at('a.yaml')]);
  });

  it('tells of a named file that is renamed over twice', async () => {
    await watch([at('a.yaml')]);
    for (const suspend of ['true', 'false']) {
      const changed = change();
      await writeFile(at('new'), aDataset({ suspend }));
      await rename(at('new'), at('a.yaml'));
      assert.deepEqual(await changed, [at('a.yaml')]);
    }
  });

  it('tells of a new file in a new folder, and of one that is removed', async () => {
    await watch([folder.path]);
    const added = change();
    await mkdir(at('sub'));
    await writeFile(at('sub/b.yml'), aDataset({}, 'b'));
    assert.deepEqual(await added, [at('sub/b.yml')]);
    const removed = change();
    await rm(at('a.yaml'));
    assert.deepEqual(await removed, [at('a.yaml')]);
  });

  it('tells once of what is written together, and of nothing else', async () => {
    await mkdir(at('.git'));
    await watch([folder.path]);
    const both = [at('a.yaml'), at('b.yaml')];
    // On a busy machine minutes may lie between two lines: then together is what comes together once.
    for (let tries = 0; tries < 100 && !all.some((files) => files.length === both.length); tries += 1) {
      const changed = change();
      for (const name of ['.git/x.yaml', 'other.txt', 'a.yaml', 'b.yaml'])
        writeFileSync(at(name), `${tries}`);
      await changed;
    }
    assert.deepEqual(all.at(-1), both);
    assert.deepEqual([...new Set(all.flat())].sort(), both);
  });

  it('tells of run lists it is given', async () => {
    await watch([at('a.yaml')], [at('runs.txt')]);
    const changed = change();
    await writeFile(at('runs.txt'), '1\n2\n');
    assert.deepEqual(await changed, [at('runs.txt')]);
  });

  it('tells of what specs name since they were read, and no more of what they named before', async () => {
    const watched = await watch([folder.path], [at('runs.txt')]);
    watched.follow([at('other.txt')], []);
    await sleep(1_000);
    const changed = change();
    await writeFile(at('runs.txt'), '1\n2\n');
    await writeFile(at('other.txt'), 'y');
    assert.deepEqual(await changed, [at('other.txt')]);
  });

  it('tells of specs among many other files, by listing them', async () => {
    await mkdir(at('full'));
    for (let n = 0; n <= CROWDED; n++) await writeFile(at(`full/${n}.root`), '');
    await watch([at('full')]);
    for (const content of ['a', 'b']) {
      const changed = change();
      await writeFile(at('full/a.yaml'), aDataset({}, content));
      assert.deepEqual(await changed, [at('full/a.yaml')]);
    }
    const removed = change();
    await rm(at('full/a.yaml'));
    assert.deepEqual(await removed, [at('full/a.yaml')]);
  });

  it('goes on below a folder that fills up with other files', async () => {
    await folder.write('sub/b.yaml', aDataset({}, 'b'));
    const watched = await watch([folder.path]);
    for (let n = 0; n <= CROWDED; n++) await writeFile(at(`${n}.root`), '');
    watched.follow([], []);
    await sleep(1_000);
    for (const name of ['sub/b.yaml', 'a.yaml']) {
      const changed = change();
      await writeFile(at(name), aDataset({ suspend: 'true' }));
      assert.deepEqual(await changed, [at(name)]);
    }
  });

  it('looks for no specs where data are kept', async () => {
    await mkdir(at('data'));
    const watched = await watch([folder.path]);
    watched.follow([], [at('data'), folder.path]);
    await sleep(1_000);
    const changed = change();
    await folder.write('data/run1/x.yaml', 'x');
    await folder.write('data/y.yaml', 'y');
    await writeFile(at('a.yaml'), aDataset({ suspend: 'true' }));
    assert.deepEqual(await changed, [at('a.yaml')]);
    assert.deepEqual(all, [[at('a.yaml')]]);
  });

  it('refuses to watch what is not there', async () => {
    await assert.rejects(watch([at('none')]), { code: 'ENOENT' });
  });
});

describe('planWatch', () => {
  const seen = (path: string, entries: number, holdsSpecs = false) => ({ path, entries, holdsSpecs });
  const plan = (...folders: readonly ReturnType<typeof seen>[]) =>
    planWatch({ folders, files: new Map() }, ['/s']);

  it('watches folders with few files, and lists those with many in which specs are', () => {
    const folders = [
      seen('/s', 3, true),
      seen('/s/raw', 9_000),
      seen('/s/all', 9_000, true),
      seen('/s/new', 0),
    ];
    assert.deepEqual(plan(...folders), { watched: ['/s', '/s/new'], crowded: ['/s/all'] });
  });

  it('lists the folder that was named, however many files are in it', () => {
    assert.deepEqual(plan(seen('/s', CROWDED + 1)), { watched: [], crowded: ['/s'] });
  });

  it('watches only so many, first those with specs', () => {
    const runs = Array.from({ length: 5_000 }, (_, n) => seen(`/s/raw/${n}`, 1));
    const { watched } = plan(seen('/s', 2), ...runs, seen('/s/deep/specs', 1, true));
    assert.deepEqual([watched.length, watched.slice(0, 2)], [MOST_WATCHED, ['/s', '/s/deep/specs']]);
  });
});
