import assert from 'node:assert/strict';
import { previewRecords } from '../../reconcilers/act/preview-records.ts';
import type { Daemon, MembersReport } from '../../reconcilers/daemon/daemon.ts';
import { lookAtMembers } from '../../reconcilers/daemon/look-at-members.ts';
import { folderSpool } from '../../reconcilers/drivers/spool/folder.ts';
import { aDataset } from '../builders.ts';
import { memoryBatch } from '../memory/batch-system.ts';
import { memoryCatalog } from '../memory/catalog.ts';
import { memoryStore } from '../memory/store.ts';
import { aSite, aSpec } from '../spec-builders.ts';

/** Datasets of files below folders of one store, by name and how long their files must settle, and a daemon that looks at them. */
async function aLook(settleFor: Readonly<Record<string, number>>) {
  const clock = { now: 1_000_000 };
  const disk = memoryStore('disk');
  const told: MembersReport[] = [];
  const pauses: { readonly ms: number; readonly why: string }[] = [];
  /** What the world does while somebody waits. */
  const meanwhile = { act: () => {} };
  const records = previewRecords(null, () => clock.now);
  for (const [name, settleForSeconds] of Object.entries(settleFor)) {
    const source = { kind: 'files', files: [`${name}/*`] } as const;
    const { loaded } = aDataset({ name, input: { ...aSpec().input, source, settleForSeconds } });
    await records.apply({ ...loaded, site: aSite() }, clock.now);
  }
  const daemon: Daemon = {
    records,
    siteOf: () => ({
      ports: {
        stores: new Map([['disk', disk.store]]),
        movers: new Map(),
        batch: memoryBatch({ jobsPerSubmission: 1 }).batch,
        catalog: memoryCatalog().catalog,
        spool: folderSpool({ path: '/nowhere' }),
        counter: {
          count: () => Promise.reject(new Error('nothing is counted')),
          countTogether: async () => new Map(),
        },
      },
      traits: {
        batch: {
          ...{ driver: 'memory', callTimeoutMs: 0, absentIsFinal: true, jobsPerSubmission: 1 },
          nodes: { are: 'many', avoidable: true },
        },
        movers: new Map(),
        proofs: new Map(),
        checksums: new Map(),
      },
    }),
    manifest: () => {
      throw new Error('nothing is named by manifests');
    },
    signal: new AbortController().signal,
    async pause(ms, why) {
      pauses.push({ ms, why });
      meanwhile.act();
      clock.now += ms;
    },
    onPass: () => {},
    onMembers: (report) => void told.push(report),
    onProblem: (_about, error) => assert.fail(error),
  };
  return {
    write: (path: string, text: string) => disk.contents.set(path, Buffer.from(text)),
    meanwhile,
    pauses,
    look: async (resync = true) => {
      told.length = 0;
      await lookAtMembers(daemon, Object.keys(settleFor), { resync });
      return told.map(({ dataset, added, arriving }) => ({ dataset, added, arriving }));
    },
  };
}

describe('lookAtMembers', () => {
  it('waits once for the new files of all datasets, as long as the longest needs', async () => {
    const { write, look, pauses } = await aLook({ a: 5, b: 20 });
    for (const path of ['a/1', 'a/2', 'b/1']) write(path, 'whole');
    assert.deepEqual(await look(), [
      { dataset: 'a', added: 2, arriving: 0 },
      { dataset: 'b', added: 1, arriving: 0 },
    ]);
    assert.deepEqual(
      pauses.map(({ ms }) => Math.floor(ms / 1000)),
      [20],
    );
    assert.match(pauses[0]?.why ?? '', /^3 files are still being written, such as a\/1/);
  });

  it('takes those that have stayed the same, and tells of those that have not', async () => {
    const { write, look, meanwhile } = await aLook({ a: 5 });
    write('a/whole', 'whole');
    write('a/part', 'pa');
    meanwhile.act = () => write('a/part', 'part');
    assert.deepEqual(await look(), [{ dataset: 'a', added: 1, arriving: 1 }]);
  });

  it('does not wait where no file is new, or may be taken at once', async () => {
    const { write, look, pauses } = await aLook({ a: 0 });
    write('a/1', 'whole');
    assert.deepEqual(await look(), [{ dataset: 'a', added: 1, arriving: 0 }]);
    assert.deepEqual(pauses, []);
  });

  it('does not wait between two looks at everything', async () => {
    const { write, look, pauses } = await aLook({ a: 5 });
    write('a/1', 'whole');
    assert.deepEqual([await look(false), pauses], [[], []]);
  });

  it('leaves files that must not change for longer than a minute to a later command', async () => {
    const { write, look, pauses } = await aLook({ a: 61 });
    write('a/1', 'whole');
    assert.deepEqual([await look(), pauses], [[], []]);
  });
});
