/** What cleaning, taking anew and settling mean for rows, whoever does them. */
import assert from 'node:assert/strict';
import type { Phase } from '../../machines/model.ts';
import { cleanedInputs, cleanedOutputs, isCleanable } from '../../reconcilers/decide/facts/clean.ts';
import { settledAsDone, settledAsLost } from '../../reconcilers/decide/facts/settle.ts';
import { takenAnew } from '../../reconcilers/decide/facts/take-anew.ts';
import { processRules } from '../../reconcilers/decide/rules/process.ts';
import { liveWork } from '../../reconcilers/model/live-work.ts';
import type { InputRow, Page } from '../../reconcilers/model/rows.ts';
import { anAttempt, anInput, aSubmission, NOW } from '../builders.ts';
import { findingsInWords } from './one-file.ts';
import {
  aDst,
  aPage,
  around,
  done,
  inJob,
  JOB_NAME,
  NO_REPORT,
  type Sayings,
  says,
} from './process-world.ts';

describe('whether a file has anything to clean', () => {
  const inError = (phase: Phase) => anInput({ state: 'error', phase });
  const cases: readonly (readonly [string, InputRow, Phase, boolean])[] = [
    ['has where it failed in that phase', inError('verify'), 'verify', true],
    ['has not where it failed in another', inError('verify'), 'process', false],
    ['has while a job runs', anInput({ state: 'running' }), 'process', true],
    ['has not for another phase while a job runs', anInput({ state: 'running' }), 'transfer', false],
    ['has not when it is done', anInput({ state: 'done' }), 'process', false],
  ];
  for (const [title, input, phase, is] of cases) {
    it(title, () => assert.equal(isCleanable(input, phase), is));
  }
});

describe('inputs that a person cleans', () => {
  const failed = (fields: Partial<InputRow>) => ({ inputs: [anInput({ state: 'error', ...fields })] });
  const cases: readonly (readonly [string, Partial<Page>, Phase, readonly string[], readonly string[]])[] = [
    [
      'are tried again, their jobs being over',
      inJob(),
      'process',
      ['input operator.cleaned, attempt superseded'],
      [JOB_NAME],
    ],
    [
      'leave telling of the silence of a job to its other files',
      inJob({ job: { silentMs: 1, silentTold: true } }),
      'process',
      ['job silentTold', 'silent: over', 'input operator.cleaned, attempt superseded'],
      [JOB_NAME],
    ],
    [
      'keep outputs that are accepted, whose names are tried again',
      inJob({ outputs: [aDst({ state: 'accepted', class: 'unknown' })] }),
      'process',
      ['output retriesUsed siteRetries class signature reason retryAtMs phase actedMs'],
      [],
    ],
    [
      'are read anew where what was summed of them may be wrong',
      failed({ phase: 'verify', seenChecksum: 'md5:0' }),
      'verify',
      ['details', 'input sizeBytes checksum eventCount seenChecksum', 'input operator.cleaned'],
      [],
    ],
    [
      'are brought again without a word where nothing was summed',
      failed({ phase: 'transfer' }),
      'transfer',
      ['input operator.cleaned'],
      [],
    ],
    ['are left alone where nothing is wrong', done(), 'process', [], []],
  ];
  for (const [title, rows, phase, words, ended] of cases) {
    it(title, () => {
      const cleaned = cleanedInputs(aPage(rows), { phase, by: 'me', now: NOW });
      assert.deepEqual([findingsInWords(cleaned.findings), cleaned.ended], [words, ended]);
    });
  }
});

describe('outputs that a person cleans', () => {
  it('are promoted again where the catalog took their declaration back', () => {
    const page = aPage({ outputs: [aDst({ state: 'declared' }), aDst({ id: 3, name: 'other' })] });
    const order = { phase: 'publish', by: 'me', now: NOW } as const;
    assert.deepEqual(findingsInWords(cleanedOutputs(page, new Set(['other']), order)), [
      'output retriesUsed siteRetries class signature reason retryAtMs phase actedMs',
      'output output.retracted',
    ]);
  });
});

describe('a file that a person takes anew', () => {
  it('loses what was made of it, what was summed of it and its job', () => {
    const page = aPage(inJob({ input: { seenChecksum: 'md5:0' }, outputs: [aDst()] }));
    assert.deepEqual(findingsInWords(takenAnew(page, { by: 'me', now: NOW })), [
      'output output.superseded',
      'attemptEnd',
      'details',
      'input sizeBytes checksum eventCount seenChecksum',
      'source contradicts: over',
      'input source.replaced, attempt superseded',
    ]);
  });
});

describe('a job that a person calls lost', () => {
  const lost = (rows: Partial<Page>) => {
    const works = [...liveWork(aPage(rows)).values()];
    return findingsInWords(settledAsLost({ context: around(), works }, 'I saw it'));
  };
  const moving = (phase: Phase) => ({
    ...inJob(),
    attempts: [anAttempt({ phase })],
    submissions: [aSubmission({ phase, endpoint: 'a>b' })],
  });
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      'is tried again',
      lost(inJob({ job: { silentMs: 1, silentTold: true } })),
      [
        'job silentMs silentTold',
        'silent: over',
        'signature',
        'job job.vanished',
        'input job.lost, attempt lost',
        'input actedMs',
      ],
    ],
    [
      'burns no retry where it was never seen',
      lost(inJob({ submission: { state: 'intended' } })),
      ['signature', 'input , attempt lost', 'job job.vanished', 'input actedMs'],
    ],
    [
      'may bring a file',
      lost(moving('transfer')),
      ['signature', 'job job.vanished', 'input transfer.failed, attempt lost'],
    ],
    [
      'may send an output on',
      lost(moving('export')),
      ['signature', 'job job.vanished', 'output actedMs, attempt lost'],
    ],
  ];
  for (const [title, words, expected] of cases) it(title, () => assert.deepEqual(words, expected));
});

describe('a job that a person calls done', () => {
  const settle = (sayings: Sayings) => {
    const page = aPage(inJob());
    const works = [...liveWork(page).values()];
    const settling = { context: around(), rules: processRules, page, works, seen: says(sayings) };
    const settled = settledAsDone(settling, 'I saw it');
    return 'unjudged' in settled ? settled.unjudged : findingsInWords(settled.findings);
  };

  it('has failed where it left no report', () => {
    assert.deepEqual(settle({ traces: NO_REPORT }), [
      'signature',
      'input job.failed, attempt failed',
      'job job.failed',
    ]);
  });

  it('is not judged while the spool is silent', () => {
    assert.equal(settle({}), `the spool does not answer about ${JOB_NAME}`);
  });
});
