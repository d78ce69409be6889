import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { watchSpecs } from '../../specs/watch.ts';
import { aDataset, type SpecFolder, specFolder } from './folder.ts';

/** A change is told of within about a second; a busy machine takes longer. */
const LIMIT_MS = 60_000;

describe('watchSpecs', () => {
  let folder: SpecFolder;
  let stop: AbortController;
  let told: EventEmitter;
  let all: (readonly string[])[];

  const watch = async (paths: readonly string[], extra: readonly string[] = []) => {
    const onChange = (files: readonly string[]) => {
      all.push(files);
      told.emit('change', files);
    };
    await watchSpecs(paths, onChange, stop.signal, extra);
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

  it('refuses to watch what is not there', async () => {
    await assert.rejects(watch([at('none')]), { code: 'ENOENT' });
  });
});
