import assert from 'node:assert/strict';
import { observe } from '../../reconcilers/act/observe.ts';
import { look } from '../../reconcilers/model/world.ts';
import type { SitePorts } from '../../reconcilers/ports/ports.ts';
import { aContext } from '../builders.ts';
import { memoryBatch } from '../memory/batch-system.ts';
import { memoryCatalog } from '../memory/catalog.ts';
import { memoryStore } from '../memory/store.ts';
import { aSpoolInMemory } from './spool-in-memory.ts';

const { signal } = new AbortController();

describe('observe', () => {
  it('has one answer about a store whose files are counted one by one, for each look goes through all', async () => {
    const paths = Array.from({ length: 250 }, (_, index) => `raw/${index}`);
    const ports: SitePorts = {
      stores: new Map([['disk', memoryStore('disk').store]]),
      movers: new Map(),
      batch: memoryBatch({ jobsPerSubmission: 1 }).batch,
      catalog: memoryCatalog({ files: [], definitions: {} }).catalog,
      spool: aSpoolInMemory().spool,
      counter: { count: async (_, path) => path.length, countTogether: async () => new Map() },
    };
    const round = () => ({ counts: paths.map((path) => ({ store: 'disk', path })) });
    const { seen } = await observe([round], ports, aContext(), signal);
    const answers = seen.counts.get('disk');
    assert.equal(answers?.length, 1);
    assert.deepEqual(look(answers, 'raw/249', 0), { is: 'present', value: 7 });
    assert.equal(look(answers, 'raw/250', 0).is, 'unknown');
  });
});
