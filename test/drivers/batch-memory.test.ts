import assert from 'node:assert/strict';
import type { SubmissionName } from '../../machines/model.ts';
import type { JobEnd, SubmissionOrder } from '../../reconcilers/ports/batch-system.ts';
import { behavesLikeABatchSystem, INDEX, type Work } from '../contract/batch-system.ts';
import { type MemoryBatch, memoryBatch } from '../memory/batch-system.ts';

const never = new AbortController().signal;

const ENDS: Readonly<Record<Work, Partial<JobEnd> | undefined>> = {
  'exit 0': {},
  'exit 7': { exitCode: 7 },
  'kill -9': { exitCode: null, signal: 'SIGKILL' },
  wait: undefined,
};

function anOrder(name: SubmissionName): SubmissionOrder {
  return {
    name,
    launch: ':',
    jobs: [{ index: INDEX, script: '/s', stdout: '/o', stderr: '/e' }],
    avoidNodes: [],
    resources: { cpuTimeSeconds: null, walltimeSeconds: null, memoryBytes: null, scratchBytes: null },
    options: {},
  };
}

describe('the batch system in memory', () => {
  behavesLikeABatchSystem({
    async open() {
      const works = new Map<SubmissionName, Work>();
      const memory = memoryBatch({
        autorun: ({ name }) => ENDS[works.get(name) ?? 'wait'],
      });
      const { batch } = memory;
      return {
        // Jobs that wait have started by the time somebody looks.
        batch: {
          ...batch,
          async submit(order, signal) {
            const id = await batch.submit(order, signal);
            memory.start(order.name);
            return id;
          },
        },
        async order(name, work) {
          if (!works.has(name)) works.set(name, work);
          return anOrder(name);
        },
        goDown: async () => memory.goDown(),
        close: async () => {},
      };
    },
  });

  describe('made to fail', () => {
    let memory: MemoryBatch;
    beforeEach(() => {
      memory = memoryBatch();
    });

    it('creates the job whose answer it loses', async () => {
      memory.loseAnswerOfSubmit();
      await assert.rejects(memory.batch.submit(anOrder('r1-t-1'), never), { code: 'unavailable' });
      assert.equal((await memory.batch.observe(['r1-t-1'], 0, never)).found.size, 1);
    });

    it('creates nothing at a quota', async () => {
      memory.refuse();
      await assert.rejects(memory.batch.submit(anOrder('r1-t-1'), never), { code: 'refused' });
      assert.equal(memory.created.length, 0);
    });

    it('never calls a job absent when only half of the answer arrived', async () => {
      await memory.batch.submit(anOrder('r1-t-1'), never);
      await memory.batch.submit(anOrder('r1-t-2'), never);
      memory.cutAnswersInHalf();
      const seen = await memory.batch.observe(['r1-t-1', 'r1-t-2'], 0, never);
      assert.deepEqual([[...seen.found.keys()], seen.complete], [['r1-t-1'], false]);
    });
  });
});
