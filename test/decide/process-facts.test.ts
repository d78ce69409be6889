/** What has happened to a file in processing, for whatever the outside says of it. */
import assert from 'node:assert/strict';
import { processRules } from '../../reconcilers/decide/rules/process.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { Page } from '../../reconcilers/model/rows.ts';
import { VOID_EXIT_CODE } from '../../reconcilers/model/void.ts';
import { aJobEnd, anInput, NOW } from '../builders.ts';
import { findingsInWords } from './one-file.ts';
import {
  aDst,
  aPage,
  around,
  DST,
  done,
  EARLY_DST,
  EXPORTED,
  inJob,
  NO_REPORT,
  RAW,
  REPEATABLE,
  reported,
  type Sayings,
  says,
  waiting,
} from './process-world.ts';

interface FactCase {
  readonly it: string;
  readonly page: Partial<Page>;
  readonly says: Sayings;
  readonly context?: PassContext;
  readonly finds: readonly string[];
}

const INTENDED = { state: 'intended', systemId: null, acceptedMs: null } as const;
const GOOD = { ...reported(), files: { [EARLY_DST]: { sizeBytes: 500 }, [RAW]: { sizeBytes: 1000 } } };
const OTHER = 'b'.repeat(64);
const LONG_AGO = NOW - 3_600_000;
const badInput = (raw: Sayings['files']): Sayings => ({
  ...reported({ failedAt: 'stageIn', message: 'other bytes', outputs: [] }),
  files: raw ?? {},
});

const CASES: readonly FactCase[] = [
  {
    it: 'takes an intent for accepted that the batch system has',
    page: inJob({ input: { state: 'verified' }, submission: INTENDED, job: { status: 'pending' } }),
    says: { job: { state: 'queued' } },
    finds: ['submission', 'input job.accepted'],
  },
  {
    it: 'gives up an intent that was never carried out, and burns no retry',
    page: inJob({ input: { state: 'verified' }, submission: INTENDED }),
    says: { job: null },
    finds: ['input , attempt lost', 'job job.vanished'],
  },
  {
    it: 'waits for an intent that may still be on its way',
    page: inJob({ submission: { ...INTENDED, intendedMs: NOW - 1000 } }),
    says: { job: null },
    context: around({}, REPEATABLE),
    finds: [],
  },
  {
    it: 'notes since when nothing is said of a job',
    page: inJob(),
    says: {},
    finds: ['job silentMs'],
  },
  {
    it: 'tells of a job of which nothing was said for too long',
    page: inJob({ job: { silentMs: NOW - 90_000_000 } }),
    says: {},
    finds: ['job silentTold', 'silent: raised'],
  },
  {
    it: 'says nothing of a job that is absent while the spool is silent',
    page: inJob(),
    says: { job: null },
    finds: ['job silentMs'],
  },
  {
    it: 'says nothing of a job that has ended while the spool is silent',
    page: inJob(),
    says: { job: reported().job ?? null },
    finds: ['job silentMs'],
  },
  {
    it: 'ends the silence about a job that is answered about',
    page: inJob({ job: { silentMs: 1, silentTold: true } }),
    says: { job: { state: 'queued' } },
    finds: ['job silentMs silentTold', 'silent: over'],
  },
  {
    it: 'counts the first absence of a job',
    page: inJob(),
    says: { job: null, traces: null },
    context: around({}, REPEATABLE),
    finds: ['job absentMs absentSeen'],
  },
  {
    it: 'loses a job that was absent often and long enough',
    page: inJob({ job: { absentMs: LONG_AGO, absentSeen: 2 } }),
    says: { noJobInIt: true, traces: NO_REPORT },
    context: around({}, REPEATABLE),
    finds: ['job job.vanished', 'input job.lost, attempt lost'],
  },
  {
    it: 'loses a job that found its submission torn, and burns no retry',
    page: inJob(),
    says: { job: aJobEnd({ exitCode: VOID_EXIT_CODE }), traces: NO_REPORT },
    finds: ['job job.vanished', 'input job.lost, attempt lost'],
  },
  {
    it: 'loses a job that its system calls void',
    page: inJob(),
    says: { job: aJobEnd({ exitCode: null, batchState: 'void' }), traces: NO_REPORT },
    finds: ['job job.vanished', 'input job.lost, attempt lost'],
  },
  {
    it: 'does not take a command for void that exits with the same code, for it leaves a report',
    page: inJob(),
    says: {
      ...reported({ failedAt: 'command', exitCode: VOID_EXIT_CODE }, { exitCode: VOID_EXIT_CODE }),
      files: GOOD.files,
    },
    finds: ['input job.failed, attempt failed', 'job job.failed'],
  },
  {
    it: 'goes by the report of a job that nobody knows any more',
    page: inJob(),
    says: { ...GOOD, job: null },
    finds: ['attemptNote', 'accept dst', 'job job.succeeded'],
  },
  {
    it: 'forgets the absences of a job that is there again',
    page: inJob({ job: { absentMs: 1, absentSeen: 2 } }),
    says: { job: { state: 'queued' } },
    finds: ['job absentMs absentSeen'],
  },
  {
    it: 'sees a job start',
    page: inJob({ job: { status: 'pending' } }),
    says: { job: { state: 'running', node: 'wn1' } },
    finds: ['job job.started'],
  },
  {
    it: 'tells of a job that is queued without hope',
    page: inJob(),
    says: { job: { state: 'stuck', reason: 'Eqw' } },
    finds: ['job stuck', 'job stuck: raised'],
  },
  {
    it: 'tells that a job is stuck no longer',
    page: inJob({ job: { stuck: 'Eqw' } }),
    says: { job: { state: 'queued' } },
    finds: ['job stuck', 'job stuck: over'],
  },
  {
    it: 'accepts what a job wrote, and ends the job',
    page: inJob(),
    says: GOOD,
    finds: ['attemptNote', 'accept dst', 'job job.succeeded'],
  },
  {
    it: 'accepts nothing twice: a later job only supplies what is missing',
    page: inJob({ outputs: [aDst({ attemptId: 7 })] }),
    says: GOOD,
    finds: ['attemptNote', 'input job.succeeded, attempt accepted', 'job job.succeeded'],
  },
  {
    it: 'leaves a job alone whose outputs no store answers about',
    page: inJob(),
    says: reported(),
    finds: [],
  },
  {
    it: 'fails a file whose job failed',
    page: inJob(),
    says: reported({ failedAt: 'command', exitCode: 1, outputs: [] }, { exitCode: 1 }),
    finds: ['input job.failed, attempt failed', 'job job.failed'],
  },
  {
    it: 'fails a file whose job left no report',
    page: inJob(),
    says: { ...reported({}, { exitCode: 1 }), traces: NO_REPORT },
    finds: ['input job.failed, attempt failed', 'job job.failed'],
  },
  {
    it: 'takes no result of a job that read a copy which is broken by now',
    page: inJob(),
    says: { ...GOOD, files: { ...GOOD.files, [RAW]: { sizeBytes: 999 } } },
    finds: ['input check.failed, attempt failed', 'job job.failed'],
  },
  {
    it: 'blames the copy where the job had no good input and the store agrees',
    page: inJob(),
    says: badInput({ [RAW]: { sizeBytes: 999 } }),
    finds: ['input check.failed, attempt failed', 'job job.failed'],
  },
  {
    it: 'blames the job where the store’s copy is good',
    page: inJob(),
    says: badInput({ [RAW]: { sizeBytes: 1000 } }),
    finds: ['input job.failed, attempt failed', 'job job.failed'],
  },
  {
    it: 'says only that the job failed while the store has not read its copy again',
    page: inJob(),
    says: badInput({}),
    finds: ['job job.failed'],
  },
  {
    it: 'closes the attempt of an older revision',
    page: inJob({ revision: OTHER }),
    says: { job: { state: 'running', node: 'wn1' } },
    finds: ['input processing.outdated, attempt superseded', 'job job.failed'],
  },
  {
    it: 'asks no job any more whose outputs are accepted',
    page: inJob({ outputs: [aDst({ state: 'accepted' })] }),
    says: { files: { [DST]: null, [EARLY_DST]: { sizeBytes: 500 } } },
    finds: [],
  },
  {
    it: 'loses accepted bytes that are in neither place',
    page: inJob({ outputs: [aDst({ state: 'accepted' })] }),
    says: { files: { [DST]: null, [EARLY_DST]: null } },
    finds: ['output output.absent', 'input job.failed, attempt failed'],
  },
  {
    it: 'tries a file again whose time has come, and looks at its copy',
    page: { inputs: [anInput({ state: 'error', phase: 'process', class: 'site', retryAtMs: NOW })] },
    says: { files: { [RAW]: null } },
    finds: ['input retry.due', 'input copy.absent'],
  },
  {
    it: 'sends back a file whose copy was released',
    page: waiting({ copyPath: null }),
    says: {},
    finds: ['input copy.absent'],
  },
  {
    it: 'sends back a file whose copy has gone',
    page: waiting(),
    says: { files: { [RAW]: null } },
    finds: ['input copy.absent'],
  },
  {
    it: 'fails a file whose copy is broken',
    page: waiting(),
    says: { files: { [RAW]: { sizeBytes: 999 } } },
    finds: ['input check.failed'],
  },
  {
    it: 'finds a file that is done under another revision',
    page: done({ revision: OTHER }),
    says: { files: { [DST]: null } },
    context: around({ onChange: 'reprocess' }),
    finds: ['input processing.outdated'],
  },
  {
    it: 'keeps it where the spec says so',
    page: done({ revision: OTHER }),
    says: {},
    finds: [],
  },
  {
    it: 'finds an output of a finished file gone',
    page: done(),
    says: { files: { [DST]: null } },
    finds: ['output output.absent', 'input output.absent'],
  },
  {
    it: 'finds an output of a finished file cut short',
    page: done(),
    says: { files: { [DST]: { sizeBytes: 1 } } },
    finds: ['output output.corrupt', 'input output.corrupt'],
  },
  {
    it: 'leaves outputs that were sent on to the export phase',
    page: { ...done(), outputs: [aDst({ state: 'copied' })] },
    says: { files: { [DST]: null } },
    context: around({ outputs: EXPORTED }),
    finds: [],
  },
];

describe('the facts of the process phase', () => {
  for (const one of CASES) {
    it(one.it, () => {
      const found = processRules.find(one.context ?? around(), aPage(one.page), says(one.says));
      assert.deepEqual(findingsInWords(found), one.finds);
    });
  }

  it('undoes a file once, however many of its outputs are lost', () => {
    const outputs = [aDst(), aDst({ id: 3, key: 'tmb', path: 'tmb/1' })];
    const world = says({ files: { [DST]: null, 'tmb/1': null } });
    assert.deepEqual(findingsInWords(processRules.find(around(), aPage({ ...done(), outputs }), world)), [
      'output output.absent',
      'input output.absent',
      'output output.absent',
    ]);
  });
});
