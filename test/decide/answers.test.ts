import assert from 'node:assert/strict';
import {
  forgetSilence,
  isLost,
  lookInside,
  noteAbsence,
  noteAnswer,
  notePresence,
  noteSilence,
  noteSubmission,
} from '../../reconcilers/decide/facts/answers.ts';
import type { Finding } from '../../reconcilers/model/findings.ts';
import type { Answer, Observed } from '../../reconcilers/model/world.ts';
import { aContext, aJob, anAnswer, aSubmission, NOW } from '../builders.ts';
import { aWork } from '../work-builders.ts';

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
  const work = (job: Parameters<typeof aJob>[0]) => aWork({ job: aJob(job) });
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

/** Findings in a few words: columns of a job or submission, a problem raised or over. */
function inWords(findings: readonly Finding[]): readonly string[] {
  return findings.map((finding) => {
    if (finding.on === 'job' || finding.on === 'submission') return JSON.stringify(finding.patch);
    if (finding.on === 'problem') return `${finding.kind}: ${finding.problem === null ? 'over' : 'raised'}`;
    return finding.on;
  });
}

describe('what an answer about a job changes', () => {
  const LONG_AGO = NOW - 25 * 3_600_000;
  const context = aContext();
  const silent = (job: Parameters<typeof aJob>[0], speaks = true) =>
    noteSilence(context, aWork({ job: aJob(job), speaks }), 'it is down');

  const cases: readonly (readonly [string, readonly Finding[], readonly string[]])[] = [
    ['its first silence is noted with the time', silent({}), [`{"silentMs":${NOW}}`]],
    ['a silence that lasts changes nothing', silent({ silentMs: NOW - 1 }), []],
    [
      'one that lasts too long is told of',
      silent({ silentMs: LONG_AGO }),
      ['{"silentTold":true}', 'silent: raised'],
    ],
    ['it is told of once', silent({ silentMs: LONG_AGO, silentTold: true }), []],
    ['it is told of on behalf of one file', silent({ silentMs: LONG_AGO }, false), []],
    ['an answer where none was missed changes nothing', noteAnswer(aWork()), []],
    [
      'an answer ends a silence',
      noteAnswer(aWork({ job: aJob({ silentMs: 1 }) })),
      ['{"silentMs":null,"silentTold":false}'],
    ],
    [
      'an answer ends what was told',
      noteAnswer(aWork({ job: aJob({ silentMs: 1, silentTold: true }) })),
      ['{"silentMs":null,"silentTold":false}', 'silent: over'],
    ],
    [
      'a file that is given up leaves the telling to others',
      forgetSilence(aWork({ job: aJob({ silentTold: true }) })),
      ['{"silentTold":false}', 'silent: over'],
    ],
    ['a file that is given up in good order changes nothing', forgetSilence(aWork()), []],
    ['an absence is counted', noteAbsence(aWork(), NOW), [`{"absentMs":${NOW},"absentSeen":1}`]],
    [
      'the next keeps the time of the first',
      noteAbsence(aWork({ job: aJob({ absentMs: 7, absentSeen: 1 }) }), NOW),
      ['{"absentMs":7,"absentSeen":2}'],
    ],
    [
      'no more are counted than prove something',
      noteAbsence(aWork({ job: aJob({ absentMs: 7, absentSeen: 3 }) }), NOW),
      [],
    ],
    [
      'a job that is there again was never absent',
      notePresence(aWork({ job: aJob({ absentMs: 7, absentSeen: 1 }) })),
      ['{"absentMs":null,"absentSeen":0}'],
    ],
    ['one that has always been there changes nothing', notePresence(aWork()), []],
    [
      'an intent that is found was carried out',
      noteSubmission(aWork({ submission: aSubmission({ state: 'intended' }) }), '42', NOW),
      [`{"state":"accepted","systemId":"42","acceptedMs":${NOW}}`],
    ],
    ['an accepted submission stays as it is', noteSubmission(aWork(), '42', NOW), []],
  ];
  for (const [title, findings, words] of cases) {
    it(title, () => assert.deepEqual(inWords(findings), words));
  }
});
