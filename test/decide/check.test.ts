import assert from 'node:assert/strict';
import type { ErrorClass } from '../../machines/model.ts';
import { type FinishedJob, judge } from '../../reconcilers/decide/judge/judge.ts';
import type { Observed } from '../../reconcilers/model/world.ts';
import type { JobTraces, ReportedFile, ReportedOutput } from '../../reconcilers/ports/spool.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import type { OutputPolicy } from '../../specs/types.ts';
import {
  aJobEnd,
  anAttempt,
  anInput,
  aReportedFile,
  aReportedOutput,
  aSubmission,
  aWantedOutput,
} from '../builders.ts';
import { anOutputSpec, aRule, aSpec } from '../spec-builders.ts';

function traces(file: ReportedFile | null, fields: Partial<JobTraces> = {}): JobTraces {
  const report = file && {
    submission: 'r4711-abcd1234-1',
    index: 0,
    node: 'wn1',
    processor: null,
    files: [file],
  };
  return { report, invalid: null, logTail: '', ...fields };
}

const inStore = (observed: Observed<StoredFile>) => new Map([['dst', observed]]);

/** A job that ended well: 100 events read, 100 written, 500 bytes in the store. */
function aFinishedJob(fields: Partial<FinishedJob> = {}): FinishedJob {
  return {
    input: anInput(),
    attempt: anAttempt(),
    submission: aSubmission(),
    end: aJobEnd(),
    traces: traces(aReportedFile()),
    companions: 1,
    wanted: [aWantedOutput()],
    stored: inStore({ is: 'present', value: { sizeBytes: 500 } }),
    application: aSpec().job.application,
    rules: [],
    ...fields,
  };
}

const reporting = (fields: Partial<ReportedFile>) => aFinishedJob({ traces: traces(aReportedFile(fields)) });

const writing = (fields: Partial<ReportedOutput>, more: Partial<FinishedJob> = {}) =>
  aFinishedJob({ traces: traces(aReportedFile({ outputs: [aReportedOutput(fields)] })), ...more });

const underPolicy = (policy: OutputPolicy, eventsWritten: number | null) =>
  writing({ eventsWritten }, { wanted: [aWantedOutput({ spec: anOutputSpec({ policy }) })] });

const HALF: OutputPolicy = { kind: 'range', atLeastPpm: 200_000, atMostPpm: 500_000 };

const GOOD_METADATA = {
  file_name: 'all_0000176852_001.dst',
  file_size: 500,
  event_count: 100,
  parents: ['all_0000176852_001.raw'],
  application: { family: 'reconstruction', name: 'd0reco', version: 'v1' },
};

/** A job of 100 events, or so many, that left an output of no bytes under a policy. */
function empty(policy: OutputPolicy, fields: Partial<ReportedOutput> = {}, read = 100): FinishedJob {
  const nothing = aReportedOutput({ sizeBytes: 0, eventsWritten: 0, ...fields });
  return {
    ...reporting({ eventsRead: read, outputs: [nothing] }),
    wanted: underPolicy(policy, 0).wanted,
    stored: inStore({ is: 'present', value: { sizeBytes: 0, checksum: 'adler32:00000001' } }),
  };
}

const withMetadata = (metadata: string | null) =>
  writing({ metadata }, { wanted: [aWantedOutput({ metadataName: 'all.meta.json' })] });

const saying = (fields: Readonly<Record<string, unknown>>) =>
  withMetadata(JSON.stringify({ ...GOOD_METADATA, ...fields }));

const GOOD: Readonly<Record<string, FinishedJob>> = {
  'ended well': aFinishedJob(),
  'is unknown to the batch system but left a good report': aFinishedJob({ end: null }),
  'skipped events with a reason': reporting({
    eventsRead: 98,
    skipped: [{ events: 2, reason: 'bad calorimeter' }],
    outputs: [aReportedOutput({ eventsWritten: 98 })],
  }),
  'read an input whose events nobody has counted': aFinishedJob({ input: anInput({ eventCount: null }) }),
  'failed for a companion of the input': aFinishedJob({ companions: 3, end: aJobEnd({ exitCode: 1 }) }),
  'wrote nothing of an output without a policy': underPolicy({ kind: 'none' }, null),
  'wrote the least a range allows': underPolicy(HALF, 20),
  'wrote the most a range allows': underPolicy(HALF, 50),
  'left the checksum the store has': writing(
    { checksum: 'adler32:00000001' },
    { stored: inStore({ is: 'present', value: { sizeBytes: 500, checksum: 'adler32:00000001' } }) },
  ),
  'left an empty output where no event had to be written': empty({
    kind: 'range',
    atMostPpm: 1_000_000,
    atLeastPpm: 0,
  }),
  'left an empty output without a policy or a count': empty({ kind: 'none' }, { eventsWritten: null }),
  'left an empty output of an input without events': aFinishedJob({
    ...empty({ kind: 'equal' }, {}, 0),
    input: anInput({ eventCount: 0 }),
  }),
  'left metadata that agrees': saying({}),
  'left metadata with its parents as objects': saying({ parents: [{ file_name: 'all_0000176852_001.raw' }] }),
  'left metadata that says no more than its name': withMetadata('{"file_name": "all_0000176852_001.dst"}'),
};

const BAD: Readonly<Record<string, readonly [FinishedJob, ErrorClass, RegExp]>> = {
  'left no report': [aFinishedJob({ traces: traces(null) }), 'unknown', /no report and exited with 0/],
  'left no report and is unknown to the batch system': [
    aFinishedJob({ traces: traces(null), end: null }),
    'unknown',
    /nobody knows how it ended/,
  ],
  'left a report that says nothing of the input': [
    reporting({ file: 'another.raw' }),
    'unknown',
    /left no report/,
  ],
  'left a report that cannot be read': [
    aFinishedJob({ traces: traces(null, { invalid: 'not JSON' }) }),
    'unknown',
    /not valid: not JSON/,
  ],
  'was ended by a signal, whatever it reports': [
    aFinishedJob({ end: aJobEnd({ exitCode: null, signal: 'SIGKILL' }) }),
    'transient',
    /ended by SIGKILL/,
  ],
  'passed a limit': [
    aFinishedJob({ end: aJobEnd({ exitCode: null, batchState: 'walltime' }) }),
    'resources',
    /walltime/,
  ],
  'exited with another code than its good report says': [
    aFinishedJob({ end: aJobEnd({ exitCode: 2 }) }),
    'unknown',
    /exited with 2/,
  ],
  'failed in its command': [
    reporting({ failedAt: 'command', exitCode: 7, message: 'core dumped' }),
    'unknown',
    /^the command failed \(exit 7\): core dumped$/,
  ],
  'had its command killed': [
    reporting({ failedAt: 'command', exitCode: 139, signal: 'SIGSEGV', message: 'x exit code 139' }),
    'unknown',
    /^the command was ended by SIGSEGV \(exit 139\)$/,
  ],
  'had its command killed, under an older program': [
    reporting({ failedAt: 'command', exitCode: 139, message: 'x exit code 139' }),
    'unknown',
    /^the command was ended by SIGSEGV \(exit 139\)$/,
  ],
  'wrote no output': [
    reporting({ failedAt: 'output', message: 'the command left no output a.dst' }),
    'unknown',
    /^the command left no output a\.dst$/,
  ],
  'does not say how many events it read': [reporting({ eventsRead: null }), 'software', /job\.eventsRead/],
  'read one event too few': [reporting({ eventsRead: 99 }), 'data', /read 99 events, the catalog says 100/],
  'read one event too many': [reporting({ eventsRead: 101 }), 'data', /read 101 events/],
  'skipped events without a reason': [
    reporting({ eventsRead: 98, skipped: [{ events: 2, reason: ' ' }] }),
    'software',
    /without a reason/,
  ],
  'skipped some events and lost others': [
    reporting({ eventsRead: 97, skipped: [{ events: 2, reason: 'bad calorimeter' }] }),
    'data',
    /read 97 events and skipped 2, the catalog says 100/,
  ],
  'reports no such output': [reporting({ outputs: [] }), 'software', /output dst is missing/],
  'wrote one event too few': [writing({ eventsWritten: 99 }), 'unknown', /99 events written, 100 read/],
  'does not say how many events it wrote': [writing({ eventsWritten: null }), 'software', /eventsWritten/],
  'wrote less than a range allows': [underPolicy(HALF, 19), 'unknown', /20 % to 50 %/],
  'wrote more than a range allows': [underPolicy(HALF, 51), 'unknown', /20 % to 50 %/],
  'left an output of another size': [
    writing({ sizeBytes: 501 }),
    'transient',
    /the store has 500 bytes, the job wrote 501/,
  ],
  'left an output with another checksum': [
    writing(
      { checksum: 'adler32:00000001' },
      { stored: inStore({ is: 'present', value: { sizeBytes: 500, checksum: 'adler32:00000002' } }) },
    ),
    'transient',
    /adler32:00000002, the job wrote adler32:00000001/,
  ],
  'left an empty output where some events had to be written': [
    empty({ kind: 'range', atMostPpm: 1_000_000, atLeastPpm: 1 }),
    'unknown',
    /it is empty/,
  ],
  'says that it wrote events to an empty output': [
    empty({ kind: 'none' }, { eventsWritten: 3 }),
    'unknown',
    /it is empty, but 3 events were written to it/,
  ],
  'left an empty output': [
    writing({ sizeBytes: 0 }, { stored: inStore({ is: 'present', value: { sizeBytes: 0 } }) }),
    'unknown',
    /it is empty/,
  ],
  'reports an output that the store does not have': [
    aFinishedJob({ stored: inStore({ is: 'absent' }) }),
    'transient',
    /disk does not have it/,
  ],
  'left no metadata': [withMetadata(null), 'software', /all\.meta\.json is missing/],
  'left metadata that cannot be read': [withMetadata('{'), 'software', /not a JSON object/],
  'left metadata without a name': [withMetadata('{}'), 'software', /file_name/],
  'left metadata of another file': [saying({ file_name: 'other.dst' }), 'software', /file_name "other\.dst"/],
  'left metadata with another size': [saying({ file_size: 1 }), 'software', /file_size 1/],
  'left metadata with other events': [saying({ event_count: 99 }), 'software', /event_count 99/],
  'left metadata with another version': [
    saying({ application: { version: 'v2' } }),
    'software',
    /application\.version "v2"/,
  ],
  'left metadata with other parents': [saying({ parents: ['x.raw'] }), 'software', /parents \["x\.raw"\]/],
  'left metadata with too many parents': [
    saying({ parents: ['all_0000176852_001.raw', 'x.raw'] }),
    'software',
    /parents/,
  ],
};

describe('judging a finished job', () => {
  for (const [what, job] of Object.entries(GOOD)) {
    it(`accepts one that ${what}`, () => {
      const verdict = judge(job);
      assert.equal(verdict.is, 'good', JSON.stringify(verdict));
    });
  }

  for (const [what, [job, cls, reason]] of Object.entries(BAD)) {
    it(`refuses one that ${what}: ${cls}`, () => {
      const verdict = judge(job);
      assert.ok(verdict.is === 'bad', JSON.stringify(verdict));
      assert.equal(verdict.failure.class, cls);
      assert.match(verdict.failure.reason, reason);
      assert.equal(verdict.end.state, 'failed');
    });
  }

  it('waits for a store that has not answered, rather than taking silence for absence', () => {
    const silent = judge(aFinishedJob({ stored: inStore({ is: 'unknown', why: 'no route' }) }));
    assert.ok(silent.is === 'waiting');
    assert.match(silent.because, /no route/);
    assert.equal(judge(aFinishedJob({ stored: new Map() })).is, 'waiting');
  });

  it('makes of a good job its outputs, under the names of its attempt', () => {
    const verdict = judge(aFinishedJob());
    assert.ok(verdict.is === 'good');
    assert.deepEqual(verdict.outputs, [
      {
        inputId: 1,
        key: 'dst',
        name: 'all_0000176852_001.dst',
        dataTier: 'reconstructed',
        run: 176852,
        sizeBytes: 500,
        eventCount: 100,
        checksum: null,
        revision: 'a'.repeat(64),
        attemptId: 11,
        store: 'disk',
        path: 'dst/all_0000176852_001.dst',
        attemptPath: '.rereco/attempts/r4711-abcd1234-1/all_0000176852_001.dst',
        metadata: {},
      },
    ]);
  });

  it('records what was read and skipped, of good jobs and bad', () => {
    const skips = [{ events: 2, reason: 'bad calorimeter' }];
    const counts = { eventsRead: 97, eventsSkipped: 2, skips, cpuMs: 900 };
    const { is, ...verdict } = judge(reporting({ eventsRead: 97, skipped: skips }));
    assert.equal(is, 'bad');
    assert.ok('end' in verdict);
    const { class: _, reason: __, ...end } = verdict.end;
    assert.deepEqual(end, { state: 'failed', ...counts });
  });

  it("lets the spec's rules say what kind of failure it is", () => {
    const job = {
      ...reporting({ failedAt: 'command', exitCode: 7 }),
      rules: [aRule({ exitCode: 7, class: 'data' })],
    };
    const verdict = judge(job);
    assert.ok(verdict.is === 'bad');
    assert.equal(verdict.failure.class, 'data');
  });

  const jobFailureOf = (fields: Partial<ReportedFile>, logTail = '') => {
    const verdict = judge(aFinishedJob({ traces: traces(aReportedFile(fields), { logTail }) }));
    return verdict.is === 'bad' ? verdict.failure.job : undefined;
  };
  const ended = (exitCode: number, logTail: string) =>
    jobFailureOf({ failedAt: 'command', exitCode, message: `exit code ${exitCode}` }, logTail)?.signature;

  it('has one signature for alike failures, and two for two exit codes', () => {
    const log = (sum: string) =>
      `reading\nchecksum ${sum} of /scratch/${sum}/all_0000176852_001.raw is wrong`;
    const [one, other] = [ended(1, log('0xdeadbeef')), ended(1, log('00000012'))];
    assert.equal(one, 'exit 1: checksum N of PATH is wrong');
    assert.equal(other, one);
    assert.equal(
      ended(134, `${log('0xdeadbeef')}\nAborted (core dumped)`),
      'SIGABRT: checksum N of PATH is wrong',
    );
    // Whoever is killed from outside has not said why.
    assert.equal(ended(137, log('0xdeadbeef')), 'SIGKILL');
    assert.equal(ended(2, ''), 'exit 2');
  });

  const SUSPECT: Readonly<Record<string, Partial<ReportedFile>>> = {
    'could not run (126)': { failedAt: 'command', exitCode: 126 },
    'was not found (127)': { failedAt: 'command', exitCode: 127 },
    'wrote no output': { failedAt: 'output' },
    'wrote no events that can be counted': { failedAt: 'count' },
    'wrote no events': { outputs: [aReportedOutput({ eventsWritten: 0 })] },
    'read no events': { eventsRead: 0 },
    'says nothing of events read': { eventsRead: null },
    'says nothing of events written': { outputs: [aReportedOutput({ eventsWritten: null })] },
  };
  for (const [what, fields] of Object.entries(SUSPECT)) {
    it(`makes the software or the node suspect where a command ${what}`, () => {
      assert.equal(jobFailureOf(fields)?.suspect, true);
    });
  }

  it('makes nobody suspect where a command failed as it may for its input', () => {
    assert.equal(jobFailureOf({ failedAt: 'command', exitCode: 1 })?.suspect, false);
    assert.equal(jobFailureOf({ eventsRead: 99 })?.suspect, false);
  });

  it('tells apart an input that never arrived at its job', () => {
    const verdict = judge(reporting({ failedAt: 'stageIn' }));
    assert.ok(verdict.is === 'bad' && verdict.stageIn);
  });
});
