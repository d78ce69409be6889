import assert from 'node:assert/strict';
import { PHASES, type Phase } from '../../machines/model.ts';
import { type Rest, restOf } from '../../reconcilers/decide/rest.ts';
import type { DatasetRow } from '../../reconcilers/model/rows.ts';
import type { StopCode } from '../../reconcilers/model/stops.ts';
import type { Gate, Totals } from '../../reconcilers/model/totals.ts';
import { aHold } from '../a-hold.ts';
import { someAlike } from '../alike-builder.ts';
import { aDataset, inputCounts, NOW, someTotals } from '../builders.ts';
import { someLimits } from '../spec-builders.ts';

const FULL: Gate = {
  kind: 'refused',
  message: 'refused: 600 jobs queued',
  tries: 1,
  generation: 1,
  sinceMs: NOW,
  retryAtMs: NOW + 15_000,
};
const WRONG: Gate = { ...FULL, kind: 'rejected', message: 'not accepted: no partition prod' };

interface Case {
  readonly it: string;
  readonly totals: Partial<Totals>;
  readonly dataset?: Partial<DatasetRow>;
  readonly phases?: readonly Phase[];
  readonly is: Rest['is'];
  readonly because?: RegExp;
  readonly code?: StopCode;
}

const ONE_SILENT = { liveJobs: 1, liveTransfers: 2, silent: { jobs: 1, transfers: 2 }, unsettling: 3 };
const verified = inputCounts({ verified: 3, done: 1 });
const failed = { inputs: inputCounts({ error: 2, done: 8 }) };

const CASES: readonly Case[] = [
  { it: 'is settled when every file is done', totals: { inputs: inputCounts({ done: 4 }) }, is: 'settled' },
  {
    it: 'is not settled while a rule holds it: it may lack files',
    totals: { inputs: inputCounts({ done: 4 }) },
    dataset: { holds: [aHold({ reason: 'the input names several files a.raw' })] },
    is: 'stuck',
    because: /several files/,
    code: 'held.members',
  },
  {
    it: 'is stuck when all is done and a problem contradicts it',
    totals: { inputs: inputCounts({ done: 4 }), unsettling: 2 },
    is: 'stuck',
    because: /2 problems need a person; see `rereco errors`/,
    code: 'problem.open',
  },
  {
    it: 'is stuck when nothing is known of all that is left',
    totals: { inputs: inputCounts({ running: 1, pending: 2, done: 3 }), ...ONE_SILENT },
    is: 'stuck',
    because: /nothing is known of 1 job and 2 transfers .*rereco settle/,
    code: 'work.silent',
  },
  {
    it: 'moves while other jobs run beside one of which nothing is known',
    totals: { inputs: inputCounts({ running: 2, pending: 2 }), ...ONE_SILENT, liveJobs: 2 },
    is: 'moving',
  },
  {
    it: 'waits while other files can go on beside one of which nothing is known',
    totals: { inputs: inputCounts({ running: 1, pending: 2, verified: 2 }), ...ONE_SILENT },
    is: 'waiting',
  },
  {
    it: 'moves while work is in motion, whatever contradicts',
    totals: { inputs: verified, liveJobs: 1, unsettling: 1 },
    is: 'moving',
  },
  {
    it: 'is stuck when all that is left waits for places that other files have',
    totals: { inputs: inputCounts({ done: 4, verified: 2 }), blocked: 2, unsettling: 2 },
    is: 'stuck',
    because: /2 files are waiting for places/,
    code: 'place.taken',
  },
  {
    it: 'waits while other files can go on',
    totals: { inputs: inputCounts({ done: 4, verified: 3 }), blocked: 2, unsettling: 2 },
    is: 'waiting',
  },
  {
    it: 'is not settled without a file',
    totals: {},
    is: 'waiting',
    because: /^it has no file yet$/,
  },
  {
    it: 'names one file that is not at its goal, and no outputs where there are none',
    totals: { inputs: inputCounts({ done: 4, verified: 1 }) },
    is: 'waiting',
    because: /^1 file is not at its goal yet$/,
  },
  {
    it: 'names one output that is not at its goal, and no files where there are none',
    totals: { inputs: inputCounts({ done: 4 }), outputs: { dst: { accepted: 1 } } },
    is: 'waiting',
    because: /^1 output is not at its goal yet$/,
  },
  {
    it: 'names both where both are not at their goal',
    totals: { inputs: inputCounts({ done: 4, verified: 1 }), outputs: { dst: { accepted: 1 } } },
    is: 'waiting',
    because: /^1 file and 1 output are not at their goal yet$/,
  },
  {
    it: 'names the replicas where only they are left',
    totals: { inputs: inputCounts({ done: 4 }), unreleased: 1 },
    is: 'waiting',
    because: /^1 replica of a raw file is not released yet$/,
  },
  {
    it: 'names the logs where only they are left',
    totals: { inputs: inputCounts({ done: 4 }), unarchived: 1 },
    dataset: aDataset({ archive: { store: 'disk', path: 'logs', jobsPerTar: 10 } }),
    is: 'waiting',
    because: /^the logs of 1 submission are not archived yet$/,
  },
  { it: 'moves while a job runs', totals: { inputs: verified, liveJobs: 1 }, is: 'moving' },
  {
    it: 'does not move while only another phase would follow what runs',
    totals: { inputs: verified, liveJobs: 1, liveTransfers: 1 },
    phases: ['verify'],
    is: 'waiting',
  },
  { it: 'moves while a file is tried again', totals: { ...failed, retrying: { process: 2 } }, is: 'moving' },
  {
    it: 'does not move while only another phase would try again',
    totals: { ...failed, retrying: { process: 2 } },
    phases: ['transfer', 'verify'],
    is: 'waiting',
  },
  {
    it: 'is stuck when only a person can help',
    totals: { ...failed, stopped: 2 },
    is: 'stuck',
    because: /2 files are in error for good.*rereco clean/,
  },
  {
    it: 'moves while a system is full: it empties by itself',
    totals: { inputs: verified, gates: { process: FULL } },
    is: 'moving',
    because: /600 jobs queued/,
  },
  {
    it: 'is stuck when a system takes no such order',
    totals: { inputs: verified, gates: { process: WRONG } },
    is: 'stuck',
    because: /no partition prod.*when the spec changes/,
  },
  {
    it: 'is stuck while software fails everywhere alike',
    totals: {
      inputs: inputCounts({ verified: 3, error: 4 }),
      retrying: { process: 4 },
      trouble: { outage: null, alike: [someAlike({ files: 4 })] },
    },
    is: 'stuck',
    because: /held: 4 files failed alike/,
  },
  {
    it: 'moves while most files fail and are tried again',
    totals: { inputs: inputCounts({ verified: 3, error: 6 }), failing: 6, retrying: { process: 6 } },
    is: 'moving',
  },
  {
    it: 'is stuck when most files have failed for good',
    totals: { inputs: inputCounts({ verified: 3, error: 6 }), failing: 6, stopped: 6 },
    dataset: aDataset({ limits: someLimits({ maxFailedSharePpm: 100_000 }) }),
    is: 'stuck',
    because: /held: 6 of 6 files failed/,
  },
  {
    it: 'is stuck while it is held',
    totals: { inputs: verified },
    dataset: { holds: [aHold()] },
    is: 'stuck',
    because: /names no files/,
  },
];

describe('restOf', () => {
  for (const { it: title, totals, dataset, phases, is, because, code } of CASES) {
    it(title, () => {
      const standing = { dataset: aDataset({}, dataset), totals: someTotals(totals), now: NOW };
      const rest = restOf(standing, phases ?? PHASES);
      assert.equal(rest.is, is);
      if (because !== undefined) assert.match('because' in rest ? rest.because : '', because);
      if (code !== undefined) assert.equal('code' in rest ? rest.code : null, code);
    });
  }
});
