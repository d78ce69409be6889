import assert from 'node:assert/strict';
import { isLost, lookInside } from '../../reconcilers/decide/facts/answers.ts';
import type { Answer, Observed } from '../../reconcilers/model/world.ts';
import { aJob, anAnswer, anAttempt, aSubmission, NOW } from '../builders.ts';

type Jobs = ReadonlyMap<number, string>;

const naming = (fields: Partial<Answer<string, Jobs>> = {}) =>
  anAnswer<string, Jobs>(['r1'], { found: new Map([['r1', new Map([[0, 'runs']])]]), ...fields });

describe('one job within the answers about its submission', () => {
  const cases: readonly {
    readonly it: string;
    readonly answers: readonly Answer<string, Jobs>[];
    readonly index: number;
    readonly is: Observed<string>['is'];
  }[] = [
    { it: 'is there when it is named', answers: [naming()], index: 0, is: 'present' },
    {
      it: 'is absent when a complete answer names its companions only',
      answers: [naming()],
      index: 1,
      is: 'absent',
    },
    {
      it: 'is unknown when an answer that was cut short names its companions only',
      answers: [naming({ complete: false })],
      index: 1,
      is: 'unknown',
    },
    {
      it: 'is there when an answer that was cut short names it',
      answers: [naming({ complete: false })],
      index: 0,
      is: 'present',
    },
    { it: 'is absent with its submission', answers: [anAnswer(['r1'])], index: 0, is: 'absent' },
    {
      it: 'is unknown with its submission',
      answers: [anAnswer(['r1'], { unknown: new Map([['r1', 'no answer']]), complete: false })],
      index: 0,
      is: 'unknown',
    },
    {
      it: 'is unknown when the last clear answer is older than the last step',
      answers: [naming({ askedAt: NOW - 2 })],
      index: 1,
      is: 'unknown',
    },
    {
      it: 'is judged by the latest answer',
      answers: [naming(), naming({ complete: false })],
      index: 1,
      is: 'unknown',
    },
  ];
  for (const { it: title, answers, index, is } of cases) {
    it(title, () => assert.equal(lookInside(answers, 'r1', NOW - 1, (jobs) => jobs.get(index)).is, is));
  }
});

describe('whether a job that is absent is lost', () => {
  const work = (job: Parameters<typeof aJob>[0]) => ({
    attempt: anAttempt(),
    submission: aSubmission(),
    job: aJob(job),
    jobName: 'r1',
  });
  const REPEATABLE = { absentIsFinal: false };
  const cases = [
    { it: 'is not at the first absence', job: { absentMs: null, absentSeen: 0 }, lost: false },
    { it: 'is not before the grace is over', job: { absentMs: NOW - 200_000, absentSeen: 9 }, lost: false },
    { it: 'is not before it was absent often enough', job: { absentMs: 0, absentSeen: 1 }, lost: false },
    { it: 'is after repeated absence and the grace', job: { absentMs: 0, absentSeen: 2 }, lost: true },
  ];
  for (const { it: title, job, lost } of cases) {
    it(title, () => assert.equal(isLost(work(job), REPEATABLE, NOW), lost));
  }

  it('is at once where the system says that absence is final', () => {
    assert.equal(isLost(work({}), { absentIsFinal: true }, NOW), true);
  });
});
