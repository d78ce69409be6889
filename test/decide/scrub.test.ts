import assert from 'node:assert/strict';
import { observe } from '../../reconcilers/act/observe.ts';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { scrubStats } from '../../reconcilers/decide/facts/scrub.ts';
import { processRules } from '../../reconcilers/decide/rules/process.ts';
import { folderSpool } from '../../reconcilers/drivers/spool/folder.ts';
import { EMPTY_PAGE, type OutputRow, type Page } from '../../reconcilers/model/rows.ts';
import { NOTHING_SEEN } from '../../reconcilers/model/world.ts';
import type { SitePorts } from '../../reconcilers/ports/ports.ts';
import type { ChecksumsAre } from '../../reconcilers/ports/store.ts';
import { aContext, aDataset, anAnswer, anInput, anOutput, NOW } from '../builders.ts';
import { memoryBatch } from '../memory/batch-system.ts';
import { memoryCatalog } from '../memory/catalog.ts';
import { described, type MemoryStore, memoryStore } from '../memory/store.ts';
import { aSite, RETRIES } from '../spec-builders.ts';

const DAY_MS = 86_400_000;
const EVERY_SECONDS = 30 * 86_400;
const never = new AbortController().signal;
const REVISION = 'a'.repeat(64);

/** Outputs of these sizes, in the order in which they are due, all there and good. */
function someOutputs(sizes: readonly number[], disk: MemoryStore): readonly OutputRow[] {
  return sizes.map((size, index) => {
    const path = `dst/${index}`;
    const bytes = Buffer.alloc(size, `${index}`);
    disk.contents.set(path, bytes);
    return anOutput({
      id: 10 + index,
      key: 'dst',
      name: `${index}`,
      state: 'located',
      path,
      ...described(bytes),
    });
  });
}

function portsWith(disk: MemoryStore): SitePorts {
  return {
    stores: new Map([['disk', disk.store]]),
    movers: new Map(),
    batch: memoryBatch({ jobsPerSubmission: 1 }).batch,
    catalog: memoryCatalog({ files: [], definitions: {} }).catalog,
    spool: folderSpool({ path: '/nowhere' }),
    counter: {
      count: () => Promise.reject(new Error('nothing is counted here')),
      countTogether: async () => new Map(),
    },
  };
}

interface Asked {
  readonly bytesPerDay?: number;
  readonly readToday?: number;
  readonly checksums?: ChecksumsAre;
}

/** Look at outputs as a pass does. @returns [id, result, bytes] of each that was looked at, and where its input stands */
async function scrubbed(outputs: readonly OutputRow[], disk: MemoryStore, asked: Asked = {}) {
  const { bytesPerDay = 1_000_000, readToday = 0, checksums = 'computed' } = asked;
  const dataset = aDataset();
  const site = aSite({ scrub: { everySeconds: EVERY_SECONDS, bytesPerDay } });
  const context = aContext({
    dataset: { ...dataset, loaded: { ...dataset.loaded, site } },
    traits: { ...aContext().traits, checksums: new Map([['disk', checksums]]) },
  });
  const input = anInput({ state: 'copied', revision: REVISION });
  const scrub = { due: outputs.map(({ id }) => id), readToday };
  const page: Page = { ...EMPTY_PAGE, inputs: [input], outputs, scrub };
  const { seen } = await observe(processRules.rounds(context, page), portsWith(disk), context, never);
  const findings = processRules.find(context, page, seen);
  const options = { now: NOW, phase: 'process', retry: RETRIES } as const;
  const { change, standing } = changeOf(page, findings, options);
  const { scrubs } = change;
  return {
    results: scrubs.map(({ fileId, result, bytes }) => [fileId, result, bytes]),
    dueIn: scrubs.map(({ dueMs }) => (dueMs - NOW) / DAY_MS),
    input: standing.input(input.id).state,
    lost: outputs.filter(({ id }) => standing.output(id).state === 'lost').map(({ id }) => id),
    steps: processRules.decide(context, page, seen, standing),
  };
}

describe('looking again at the bytes of outputs', () => {
  let disk: MemoryStore;
  beforeEach(() => {
    disk = memoryStore('disk');
  });

  it('reads what is due, and says when it is due again', async () => {
    const { results, dueIn, input } = await scrubbed(someOutputs([30, 40], disk), disk);
    assert.deepEqual(results, [
      [10, 'good', 30],
      [11, 'good', 40],
    ]);
    assert.deepEqual([dueIn, input], [[30, 30], 'copied']);
  });

  it('finds bytes that were swapped: the output is lost, put aside, and its input processed again', async () => {
    const outputs = someOutputs([30, 40], disk);
    disk.contents.set('dst/1', Buffer.alloc(40, 'x'));
    const { results, input, lost, steps } = await scrubbed(outputs, disk);
    assert.deepEqual(results, [
      [10, 'good', 30],
      [11, 'corrupt', 40],
    ]);
    assert.deepEqual([input, lost], ['error', [11]]);
    assert.match(JSON.stringify(steps), /"kind":"quarantine".*"path":"dst\/1"/);
  });

  it('reads a file that is larger than the share of a pass, one a pass, while the day has bytes left', () => {
    const GB = 1_000_000_000;
    const outputs = [10, 11].map((id) =>
      anOutput({ id, key: 'dst', path: `dst/${id}`, state: 'located', sizeBytes: 5 * GB }),
    );
    const found = new Map(outputs.map(({ path, sizeBytes }) => [path, { sizeBytes }]));
    const stats = new Map([['disk', [anAnswer([...found.keys()], { found })]]]);
    const asked = (readToday: number) => {
      const dataset = aDataset();
      const site = aSite({ scrub: { everySeconds: EVERY_SECONDS, bytesPerDay: 100 * GB } });
      const context = aContext({ dataset: { ...dataset, loaded: { ...dataset.loaded, site } } });
      const page: Page = { ...EMPTY_PAGE, outputs, scrub: { due: [10, 11], readToday } };
      return scrubStats(context, page, (output) => output, { ...NOTHING_SEEN, stats }).map(
        ({ path }) => path,
      );
    };
    assert.deepEqual(asked(20 * GB), ['dst/10']);
    assert.deepEqual(asked(96 * GB), []);
  });

  it('stops where the day has no bytes left, those that wait longest first', async () => {
    const outputs = someOutputs([30, 40, 5], disk);
    const day = { bytesPerDay: 100, readToday: 60 };
    assert.deepEqual((await scrubbed(outputs, disk, day)).results, [[10, 'good', 30]]);
  });

  it('gives a file that is larger than a day’s share a day of its own', async () => {
    const outputs = someOutputs([300, 5], disk);
    assert.deepEqual((await scrubbed(outputs, disk, { bytesPerDay: 100 })).results, [[10, 'good', 300]]);
    assert.deepEqual((await scrubbed(outputs, disk, { bytesPerDay: 100, readToday: 1 })).results, []);
  });

  it('never reads what is not on disk, and asks again the next day', async () => {
    const outputs = someOutputs([30, 40], disk);
    disk.toTape('dst/0');
    const { results, dueIn } = await scrubbed(outputs, disk);
    assert.deepEqual(results, [
      [10, 'not on disk', 0],
      [11, 'good', 40],
    ]);
    assert.deepEqual([dueIn, disk.recalled], [[1, 30], []]);
  });

  it('takes the checksum that a tape store keeps: nothing is read, no bytes are counted', async () => {
    const tape = memoryStore('disk', undefined, 'kept');
    const outputs = someOutputs([30, 40], tape);
    for (const { path } of outputs) tape.toTape(path);
    const { results } = await scrubbed(outputs, tape, { bytesPerDay: 1, checksums: 'kept' });
    assert.deepEqual(results, [
      [10, 'good', 0],
      [11, 'good', 0],
    ]);
    assert.deepEqual(tape.recalled, []);
  });

  it('says where nothing can be compared, and takes no output for damaged because of it', async () => {
    const outputs = someOutputs([30], disk).map((output) => ({ ...output, checksum: 'md5:0123' }));
    const { results, input } = await scrubbed(outputs, disk);
    assert.deepEqual([results, input], [[[10, 'not compared', 30]], 'copied']);
  });

  it('learns nothing from a store that does not answer', async () => {
    const outputs = someOutputs([30], disk);
    disk.goDown();
    const { results, input } = await scrubbed(outputs, disk);
    assert.deepEqual([results, input], [[], 'copied']);
  });

  it('reads nothing of what is cut already: its size says it', async () => {
    const outputs = someOutputs([30], disk);
    disk.contents.set('dst/0', Buffer.alloc(3));
    const { results, input, lost } = await scrubbed(outputs, disk);
    assert.deepEqual([results, input, lost], [[], 'error', [10]]);
  });
});
