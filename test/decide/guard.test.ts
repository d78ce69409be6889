/** Answers count only while the place they come from holds the marker that was written there. */
import assert from 'node:assert/strict';
import { guarded } from '../../reconcilers/act/guard.ts';
import { storePlace } from '../../reconcilers/act/marker.ts';
import { MARKER_PATH } from '../../reconcilers/model/names.ts';
import type { SitePorts } from '../../reconcilers/ports/ports.ts';
import { memoryBatch } from '../memory/batch-system.ts';
import { memoryCatalog } from '../memory/catalog.ts';
import { memoryStore } from '../memory/store.ts';
import { aSite } from '../spec-builders.ts';
import { aSpoolInMemory } from './spool-in-memory.ts';

const { signal } = new AbortController();
const NO_RESOURCES = {
  cpuTimeSeconds: null,
  walltimeSeconds: null,
  memoryBytes: null,
  scratchBytes: null,
};
const OURS = '{"installation":"ours","serial":1}\n';

function aPlace(marked: readonly string[], site = aSite({ name: 'lyon' })) {
  const disk = memoryStore('disk');
  const spool = aSpoolInMemory();
  const batch = memoryBatch({ jobsPerSubmission: 1 });
  const ports: SitePorts = {
    stores: new Map([['disk', disk.store]]),
    movers: new Map(),
    batch: batch.batch,
    catalog: memoryCatalog({ files: [], definitions: {} }).catalog,
    spool: spool.spool,
    counter: {
      count: () => Promise.reject(new Error('nothing is counted here')),
      countTogether: async () => new Map(),
    },
  };
  const records = {
    markedPlaces: async () => new Set(marked),
    installation: async () => ({ id: 'ours', serial: 1 }),
  };
  const open = guarded(ports, { site, records, mayMake: true });
  const store = open.stores.get('disk') ?? assert.fail();
  return { disk, spool, store, ports: open };
}

describe('a store that was marked', () => {
  const calls = {
    stat: ({ store }) => store.stat(['a'], 'size', 0, signal),
    list: ({ store }) => store.list('**', 0, signal),
    locate: ({ store }) => store.locate(['a'], 0, signal),
    promote: ({ store }) => store.promote('a', 'b', null, signal),
    remove: ({ store }) => store.remove('a', { sizeBytes: 5 }, signal),
    replaceText: ({ store }) => store.replaceText('b', '', signal),
    readText: ({ store }) => store.readText('a', signal),
    emptyFolders: ({ store }) => store.emptyFolders('x', signal),
    freeBytes: ({ store }) => store.freeBytes(signal),
  } satisfies Readonly<Record<string, (place: ReturnType<typeof aPlace>) => Promise<unknown>>>;

  for (const [name, call] of Object.entries(calls)) {
    it(`answers ${name} while its marker is there, and nothing once it is not`, async () => {
      const place = aPlace(['store disk']);
      place.disk.contents.set('a', Buffer.from('hello'));
      await assert.rejects(call(place), { code: 'unavailable', message: /store disk has lost its marker/ });
      assert.deepEqual([...place.disk.contents.keys()], ['a']);
      place.disk.contents.set(MARKER_PATH, Buffer.from(OURS));
      await call(place);
    });
  }

  it('answers nothing while it has the marker of another installation, or what is none', async () => {
    const { disk, store } = aPlace(['store disk']);
    for (const text of ['{"installation":"theirs","serial":1}', 'not a marker']) {
      disk.contents.set(MARKER_PATH, Buffer.from(text));
      await assert.rejects(store.list('**', 0, signal), { code: 'unavailable', message: /rereco db adopt/ });
    }
  });

  it('still lets its marker be read and written', async () => {
    const { disk, store } = aPlace(['store disk']);
    assert.equal(await store.readText(MARKER_PATH, signal), undefined);
    await store.replaceText(MARKER_PATH, OURS, signal);
    assert.equal(String(disk.contents.get(MARKER_PATH)), OURS);
  });
});

describe('a store that was never marked', () => {
  it('answers without a marker, of whomever', async () => {
    const { disk, store } = aPlace([]);
    assert.equal((await store.list('**', 0, signal)).complete, true);
    disk.contents.set(MARKER_PATH, Buffer.from('{"installation":"theirs","serial":1}'));
    assert.equal((await store.list('**', 0, signal)).complete, true);
  });

  it('of the built-in site is another in every folder', () => {
    const at = (root: string) => {
      const disk = {
        driver: 'posix',
        root,
        keepFreeBytes: 0,
        deleteProof: null,
        callsPerMinute: null,
        options: {},
      };
      return storePlace(aSite({ name: 'local', stores: { disk } }), 'disk');
    };
    assert.notEqual(at('/a'), at('/b'));
  });
});

describe('a spool', () => {
  it('is made before its first use, and never once it was marked', async () => {
    const fresh = aPlace([]);
    await fresh.ports.batch.observe(['r1-x-1'], 0, signal);
    assert.equal(fresh.spool.made(), 1);

    const marked = aPlace(['spool']);
    const lost = { code: 'unavailable', message: /spool has lost its marker/ };
    await assert.rejects(marked.ports.batch.observe(['r1-x-1'], 0, signal), lost);
    await assert.rejects(marked.ports.spool.read(['r1-x-1:0'], 0, signal), lost);
    assert.equal(marked.spool.made(), 0);
  });
});

describe('a name of another installation', () => {
  const THEIRS = 'r1-theirs-1';
  const LEFT = `.rereco/attempts/${THEIRS}/a.dst`;
  const order = { name: THEIRS, launch: '', jobs: [], options: {}, avoidNodes: [], resources: NO_RESOURCES };
  const calls = {
    'batch.submit': ({ ports }) => ports.batch.submit(order, signal),
    'batch.cancel': ({ ports }) => ports.batch.cancel([THEIRS], signal),
    'batch.settle': ({ ports }) => ports.batch.settle([THEIRS], signal),
    'batch.forget': ({ ports }) => ports.batch.forget([THEIRS], signal),
    'spool.write': ({ ports }) => ports.spool.write(THEIRS, [], signal),
    'spool.discardReports': ({ ports }) => ports.spool.discardReports([THEIRS], signal),
    'spool.pack': ({ ports }) => ports.spool.pack(['r1-ours-1', THEIRS], '/tar', signal),
    'spool.drop': ({ ports }) => ports.spool.drop([THEIRS], signal),
    'store.remove': ({ store }) => store.remove(LEFT, { sizeBytes: 5 }, signal),
    'store.promote': ({ store }) => store.promote(LEFT, 'a.dst', null, signal),
    'store.removeFolders': ({ store }) => store.removeFolders([`.rereco/attempts/${THEIRS}`], signal),
  } satisfies Readonly<Record<string, (place: ReturnType<typeof aPlace>) => Promise<unknown>>>;

  for (const [name, call] of Object.entries(calls)) {
    it(`is refused by ${name}, and what has it stays`, async () => {
      const place = aPlace([]);
      place.disk.contents.set(LEFT, Buffer.from('hello'));
      await assert.rejects(call(place), {
        code: 'forbidden',
        message: /r1-theirs-1 is no name of this inst/,
      });
      assert.deepEqual([...place.disk.contents.keys()], [LEFT]);
    });
  }

  it('may be looked at', async () => {
    const { disk, store, ports } = aPlace([]);
    disk.contents.set(LEFT, Buffer.from('hello'));
    assert.equal((await store.stat([LEFT], 'size', 0, signal)).found.size, 1);
    assert.equal((await ports.batch.observe([THEIRS], 0, signal)).complete, true);
  });
});
