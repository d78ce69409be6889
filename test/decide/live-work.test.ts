import assert from 'node:assert/strict';
import { keyOf, liveWork } from '../../reconcilers/model/live-work.ts';
import { EMPTY_PAGE, type Page } from '../../reconcilers/model/rows.ts';
import { aJob, anAttempt, anOutput, aSubmission } from '../builders.ts';

/** Files 1 and 2 in one job, file 3 in another of the same submission. */
function aPage(fields: Partial<Page> = {}): Page {
  return {
    ...EMPTY_PAGE,
    submissions: [aSubmission({ name: 'r1' })],
    jobs: [aJob(), aJob({ index: 1 })],
    attempts: [
      anAttempt({ id: 11, fileId: 1 }),
      anAttempt({ id: 12, fileId: 2 }),
      anAttempt({ id: 13, fileId: 3, jobIndex: 1 }),
    ],
    ...fields,
  };
}

const speakers = (page: Page) => [...liveWork(page)].flatMap(([id, { speaks }]) => (speaks ? [id] : []));

describe('the live work of a page', () => {
  it('joins each live attempt to its own job', () => {
    const work = liveWork(aPage()).get(3);
    assert.deepEqual(work && [work.job.index, work.jobName, keyOf(work)], [1, 'r1:1', 'r1:1']);
  });

  it('names a job that is alone in its submission by that', () => {
    const alone = aPage({ jobs: [aJob()], attempts: [anAttempt()] });
    assert.equal(liveWork(alone).get(1)?.jobName, 'r1');
  });

  it('lets the first file of each job speak for it', () => {
    assert.deepEqual(speakers(aPage()), [1, 3]);
  });

  it('lets no file speak that only waits for the names of its outputs', () => {
    const outputs = [anOutput({ attemptId: 11, state: 'accepted' })];
    assert.deepEqual(speakers(aPage({ outputs })), [2, 3]);
  });

  for (const missing of ['submissions', 'jobs'] as const) {
    it(`is a fault of ours where its ${missing} are not there`, () => {
      assert.throws(() => liveWork(aPage({ [missing]: [] })), {
        name: 'InternalError',
        message: 'attempt 1 of file 1 is in no job of a submission; please report',
      });
    });
  }
});
