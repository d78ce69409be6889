/** What is done next about a file in processing. */
import assert from 'node:assert/strict';
import { processRules } from '../../reconcilers/decide/rules/process.ts';
import { PROCESS_RULES } from '../../reconcilers/decide/rules/process-rules.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { InputRow } from '../../reconcilers/model/rows.ts';
import type { Gate, Totals } from '../../reconcilers/model/totals.ts';
import { someAlike } from '../alike-builder.ts';
import { anInput, inputCounts, NOW } from '../builders.ts';
import { anOutputSpec, aSpec, someLimits } from '../spec-builders.ts';
import { type RuleCase, untried, verdictOf } from './one-file.ts';
import {
  aDst,
  aPage,
  around,
  DST,
  done,
  EARLY_DST,
  inJob,
  RAW,
  reported,
  says,
  waiting,
} from './process-world.ts';

const OTHER = 'b'.repeat(64);
const FULL: Gate = {
  kind: 'refused',
  message: 'refused: 600 jobs queued',
  tries: 1,
  generation: 1,
  sinceMs: NOW - 1000,
  retryAtMs: NOW + 1000,
};
const ALIKE: Totals['trouble'] = { outage: null, alike: [someAlike()] };
const OUTAGE: Totals['trouble'] = {
  outage: { files: 1, reason: 'no route', lastMs: NOW, probing: 0, over: false },
  alike: [],
};
const HERE = says({ files: { [RAW]: { sizeBytes: 1000 } } });
const ACCEPTED = aDst({ state: 'accepted' });
const NAMING = says({ files: { [DST]: null, [EARLY_DST]: { sizeBytes: 500 } } });
const running = { state: 'running', node: 'wn1' } as const;
const failed = (fields: Partial<InputRow> = {}) => ({
  inputs: [anInput({ state: 'error', phase: 'process', class: 'transient', ...fields })],
});

/** A file from Fermilab, which can be brought once more. */
const replica = { sourceStore: 'fnal', sourcePath: 'raw_1' };
const MOVER = { driver: 'bbftp', callTimeoutMs: 1000, absentIsFinal: true, filesPerSubmission: 1 };
function brought(): PassContext {
  const context = around();
  return { ...context, traits: { ...context.traits, movers: new Map([['fnal>disk', MOVER]]) } };
}

const CASES: readonly RuleCase[] = [
  {
    it: 'submits a file that is verified',
    page: waiting(),
    seen: HERE,
    context: around(),
    rule: 'submitIt',
    does: 'submit',
  },
  {
    it: 'submits a file again whose time has come',
    page: failed({ retryAtMs: NOW }),
    seen: HERE,
    context: around(),
    finds: ['retry.due'],
    rule: 'submitIt',
    does: 'submit',
  },
  {
    it: 'puts a copy aside that it finds broken',
    page: waiting(replica),
    seen: says({ files: { [RAW]: { sizeBytes: 999 } } }),
    context: brought(),
    finds: ['check.failed'],
    rule: 'putBadCopyAside',
    does: 'quarantine',
  },
  {
    it: 'does nothing about a broken copy that is the source itself',
    page: waiting(),
    seen: says({ files: { [RAW]: { sizeBytes: 999 } } }),
    context: around(),
    finds: ['check.failed'],
    rule: 'nothingToSubmit',
  },
  {
    it: 'puts bytes aside that are not those of an output',
    page: done(),
    seen: says({ files: { [DST]: { sizeBytes: 1 } } }),
    context: around(),
    finds: ['output.corrupt', 'output.corrupt'],
    rule: 'putLostOutputsAside',
    does: 'quarantine',
  },
  {
    it: 'gives an accepted output its final name',
    page: inJob({ outputs: [ACCEPTED] }),
    seen: NAMING,
    context: around(),
    rule: 'nameOutputsFinally',
    does: 'promote',
  },
  {
    it: 'gives it to an output in the very pass that accepts it',
    page: inJob(),
    seen: says({ ...reported(), files: { [EARLY_DST]: { sizeBytes: 500 }, [RAW]: { sizeBytes: 1000 } } }),
    context: around(),
    finds: ['job.succeeded'],
    rule: 'nameOutputsFinally',
    does: 'promote',
  },
  {
    it: 'waits where the final name is taken',
    page: inJob({ outputs: [{ ...ACCEPTED, class: 'unknown', reason: 'it is taken' }] }),
    seen: NAMING,
    context: around(),
    rule: 'nameOutputsFinally',
    does: 'name.taken',
  },
  {
    it: 'names outputs also of an older revision, and of a suspended dataset',
    page: inJob({ revision: OTHER, outputs: [ACCEPTED] }),
    seen: NAMING,
    context: around({ suspend: true }),
    rule: 'nameOutputsFinally',
    does: 'promote',
  },
  {
    it: 'cancels the job of an older revision',
    page: inJob({ revision: OTHER }),
    seen: says({ job: running }),
    context: around(),
    finds: ['processing.outdated', 'job.failed'],
    rule: 'cancelSupersededJob',
    does: 'cancel',
  },
  {
    it: 'does not cancel what has ended',
    page: inJob({ revision: OTHER }),
    seen: says(reported()),
    context: around(),
    finds: ['processing.outdated', 'job.failed'],
    rule: 'jobIsUnderWay',
    does: 'job.underWay',
  },
  {
    it: 'waits for a job, also where its dataset is suspended',
    page: inJob(),
    seen: says({ job: running }),
    context: around({ suspend: true }),
    rule: 'jobIsUnderWay',
    does: 'job.underWay',
  },
  {
    it: 'waits for a job of which nothing is said',
    page: inJob(),
    seen: says({}),
    context: around(),
    rule: 'jobIsUnderWay',
    does: 'job.underWay',
  },
  {
    it: 'says when a file is tried again whose job has failed',
    page: inJob(),
    seen: says(reported({ failedAt: 'command', outputs: [] })),
    context: around(),
    finds: ['job.failed', 'job.failed'],
    rule: 'jobFailed',
    does: 'retry.notDue',
  },
  {
    it: 'leaves a file that failed for good to a person',
    page: failed({ retryAtMs: null }),
    seen: HERE,
    context: around(),
    rule: 'jobFailed',
    does: 'failed.forGood',
  },
  {
    it: 'does not try a file again that failed as all others did',
    page: failed({ retryAtMs: NOW, signature: 'exit 1' }),
    seen: HERE,
    context: around({}, { totals: { trouble: ALIKE } }),
    rule: 'retryIsHeld',
    does: 'held.software',
  },
  {
    it: 'does not try a file again that the input no longer names',
    page: failed({ retryAtMs: NOW, retiredMs: NOW - 1 }),
    seen: HERE,
    context: around(),
    rule: 'retryIsHeld',
    does: 'retired',
  },
  {
    it: 'does not try the service again at once',
    page: failed({ retryAtMs: NOW, class: 'outage' }),
    seen: HERE,
    context: around({}, { totals: { trouble: OUTAGE } }),
    rule: 'retryIsHeld',
    does: 'outage.pause',
  },
  {
    it: 'has nothing to say of a file that is done',
    page: done(),
    seen: says({ files: { [DST]: { sizeBytes: 500 } } }),
    context: around(),
    rule: 'nothingToSubmit',
  },
  {
    it: 'submits no file that the input no longer names',
    page: waiting({ retiredMs: NOW - 1 }),
    seen: HERE,
    context: around(),
    rule: 'inputIsRetired',
    does: 'retired',
  },
  {
    it: 'submits no file of a run nobody asks for',
    page: waiting(),
    seen: HERE,
    context: around({ input: { ...aSpec().input, runs: { include: [[1, 2]], exclude: [] } } }),
    rule: 'runIsNotWanted',
    does: 'run.unknown',
  },
  {
    it: 'submits nothing of a suspended dataset',
    page: waiting(),
    seen: HERE,
    context: around({ suspend: true }),
    rule: 'datasetIsStopped',
    does: 'suspended.inSpec',
  },
  {
    it: 'submits nothing while files fail alike',
    page: waiting(),
    seen: HERE,
    context: around({}, { totals: { trouble: ALIKE } }),
    rule: 'softwareIsHeld',
    does: 'held.software',
  },
  {
    it: 'submits nothing while too many files fail',
    page: waiting(),
    seen: HERE,
    context: around(
      { limits: someLimits({ maxFailedSharePpm: 100_000 }) },
      { totals: { failing: 5, inputs: inputCounts({ error: 5, done: 5 }) } },
    ),
    rule: 'tooManyFail',
    does: 'held.failures',
  },
  {
    it: 'asks nothing of a batch system that is full',
    page: waiting(),
    seen: HERE,
    context: around({}, { totals: { gates: { process: FULL } } }),
    rule: 'batchTakesNothing',
    does: 'system.full',
  },
  {
    it: 'submits nothing while a shared service is down',
    page: waiting(),
    seen: HERE,
    context: around({}, { totals: { trouble: OUTAGE } }),
    rule: 'serviceIsDown',
    does: 'outage.pause',
  },
  {
    it: 'submits the file that tries the service again',
    page: waiting({ class: 'outage' }),
    seen: HERE,
    context: around({}, { totals: { trouble: OUTAGE } }),
    rule: 'submitIt',
    does: 'submit',
  },
  {
    it: 'submits nothing on a copy that the store does not answer about',
    page: waiting(),
    seen: says({}),
    context: around(),
    rule: 'copyIsNotSeen',
    does: 'system.silent',
  },
];

describe('the process phase', () => {
  for (const one of CASES) {
    it(one.it, () => {
      const { finds, rules, does } = verdictOf(processRules, one);
      const decided = one.does === undefined ? [] : [one.rule];
      assert.deepEqual([finds, rules, does], [one.finds ?? [], decided, one.does ? [one.does] : []]);
    });
  }

  it('has a case for every rule', () => {
    assert.deepEqual(untried(PROCESS_RULES, CASES), []);
  });

  it('names all outputs of a file at once, those whose names are taken apart', () => {
    const tmb = { id: 3, key: 'tmb', name: 'tmb_1', path: 'tmb/tmb_1' };
    const third = { id: 4, key: 'log', name: 'log_1', path: 'log/log_1' };
    const outputs = [
      ACCEPTED,
      aDst({ ...ACCEPTED, ...tmb, class: 'unknown' }),
      aDst({ ...ACCEPTED, ...third }),
    ];
    const context = around({ outputs: ['dst', 'tmb', 'log'].map((key) => anOutputSpec({ key })) });
    const one = { it: '', page: aPage(inJob({ outputs })), seen: NAMING, context };
    assert.deepEqual(verdictOf(processRules, one).does, ['promote', 'promote', 'name.taken']);
  });
});
