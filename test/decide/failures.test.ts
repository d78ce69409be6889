import assert from 'node:assert/strict';
import type { ErrorClass } from '../../machines/model.ts';
import { afterFailure, classify, signature } from '../../reconcilers/decide/judge/failures.ts';
import type { Trying } from '../../reconcilers/model/rows.ts';
import type { JobEnd } from '../../reconcilers/ports/batch-system.ts';
import type { FailureRule } from '../../specs/types.ts';
import { aJobEnd, NOW, someTrying } from '../builders.ts';
import { aRule, RETRY } from '../spec-builders.ts';

const failed = (cls: ErrorClass, trying: Partial<Trying> = {}, name = 'raw_1') =>
  afterFailure(someTrying(trying), { class: cls, reason: 'it broke' }, { name, retry: RETRY, now: NOW });

const waitSeconds = ({ retryAtMs }: { readonly retryAtMs: number | null }) =>
  ((retryAtMs ?? Number.NaN) - NOW) / 1000;

/** The jitter keeps a wait between three and five quarters of what it is meant to be. */
function assertAbout(seconds: number, meant: number): void {
  assert.ok(seconds >= 0.75 * meant && seconds <= 1.25 * meant, `${seconds} s is about ${meant} s`);
}

describe('afterFailure', () => {
  for (const cls of ['transient', 'resources', 'unknown'] as const) {
    it(`burns a retry of class ${cls} and tries again after the spec's first wait`, () => {
      const after = failed(cls);
      assert.equal(after.retriesUsed, 1);
      assertAbout(waitSeconds(after), RETRY.firstSeconds);
    });
  }

  for (const cls of ['data', 'software'] as const) {
    it(`stops at class ${cls}, burning nothing: trying again cannot help`, () => {
      const after = failed(cls, { retriesUsed: 2, siteRetries: 3 });
      assert.deepEqual([after.retryAtMs, after.retriesUsed, after.siteRetries], [null, 2, 3]);
    });
  }

  it('probes an outage every few minutes for as long as it lasts, burning nothing', () => {
    const after = failed('outage', { retriesUsed: 4, siteRetries: 20 });
    assert.deepEqual([after.retriesUsed, after.siteRetries], [4, 20]);
    assertAbout(waitSeconds(after), 180);
  });

  it('burns no retry on a bad node, but counts it', () => {
    const after = failed('site', { retriesUsed: 4, siteRetries: 19 });
    assert.deepEqual([after.retriesUsed, after.siteRetries], [4, 20]);
    assertAbout(waitSeconds(after), RETRY.firstSeconds);
  });

  it('takes bad nodes for an ordinary failure after twenty of them', () => {
    const after = failed('site', { retriesUsed: 1, siteRetries: 20 });
    assert.deepEqual([after.retriesUsed, after.siteRetries], [2, 20]);
  });

  it('doubles the wait with each retry, up to the longest', () => {
    const retry = { attempts: 20, firstSeconds: 60, longestSeconds: 3600 };
    const meant = [60, 120, 240, 480, 960, 1920, 3600, 3600];
    for (const [retriesUsed, seconds] of meant.entries()) {
      const failure = { class: 'transient', reason: 'it broke' } as const;
      const after = afterFailure(someTrying({ retriesUsed }), failure, { name: 'raw_1', retry, now: NOW });
      assertAbout(waitSeconds(after), seconds);
    }
  });

  it('stops when the last attempt the spec allows is used up', () => {
    assert.notEqual(failed('transient', { retriesUsed: 3 }).retryAtMs, null);
    const last = failed('transient', { retriesUsed: 4 });
    assert.deepEqual([last.retryAtMs, last.retriesUsed], [null, 5]);
  });

  it('has a jitter that depends on name and attempt alone, so that plans repeat', () => {
    assert.deepEqual(failed('transient'), failed('transient'));
    assert.notEqual(failed('transient').retryAtMs, failed('transient', {}, 'raw_2').retryAtMs);
    assert.notEqual(failed('transient').retryAtMs, failed('transient', { attempt: 2 }).retryAtMs);
  });

  it('spreads the retries of many files over the jitter', () => {
    const waits = Array.from({ length: 1000 }, (_, index) =>
      waitSeconds(failed('transient', {}, `raw_${index}`)),
    );
    assert.ok(Math.min(...waits) < 0.8 * RETRY.firstSeconds);
    assert.ok(Math.max(...waits) > 1.2 * RETRY.firstSeconds);
  });

  it('keeps the class, the reason and its signature', () => {
    const { class: cls, reason, signature: sign } = failed('data');
    assert.deepEqual([cls, reason, sign], ['data', 'it broke', 'it broke']);
  });
});

describe('signature', () => {
  it('is alike for failures that differ in numbers and names only', () => {
    assert.equal(
      signature('event count 99 of raw_7.lhe', 'raw_7.lhe'),
      signature('event count 98 of raw_8.lhe', 'raw_8.lhe'),
    );
    const sums = (one: string, other: string) => signature(`it has ${one}, not ${other}`, 'a');
    assert.equal(sums('adler32:0a1b2c3d', 'adler32:00000001'), sums('adler32:ffffffff', 'adler32:0b0b0b0b'));
  });

  it('differs for other failures', () => {
    assert.notEqual(signature('disk full', 'a'), signature('no such file', 'a'));
  });

  it('is short', () => {
    assert.equal(signature('x'.repeat(1000), 'a').length, 200);
  });
});

const OTHERWISE = { class: 'unknown', reason: 'the command failed' } as const;

function classOf(end: Partial<JobEnd> | null, rules: readonly FailureRule[] = [], logTail = ''): ErrorClass {
  const job = end && aJobEnd(end);
  const exitCode = job?.exitCode ?? null;
  return classify({ end: job, exitCode, logTail, otherwise: OTHERWISE }, rules).class;
}

describe('classify', () => {
  const BUILT_IN: readonly (readonly [Partial<JobEnd>, ErrorClass])[] = [
    [{ exitCode: null, batchState: 'walltime', signal: 'SIGKILL' }, 'resources'],
    [{ exitCode: null, batchState: 'memory' }, 'resources'],
    [{ exitCode: null, batchState: 'node failed' }, 'site'],
    [{ exitCode: null, batchState: 'supervisor lost' }, 'site'],
    [{ exitCode: null, signal: 'SIGXCPU' }, 'resources'],
    [{ exitCode: null, signal: 'SIGKILL' }, 'transient'],
    [{ exitCode: null, signal: 'SIGTERM' }, 'transient'],
    [{ exitCode: null, signal: 'SIGSEGV' }, 'unknown'],
    [{ exitCode: null, batchState: 'something new' }, 'unknown'],
    [{ exitCode: 1 }, 'unknown'],
  ];
  for (const [end, expected] of BUILT_IN) {
    it(`takes ${JSON.stringify(end)} for ${expected} without a rule`, () => {
      assert.equal(classOf(end), expected);
    });
  }

  it('keeps what is known otherwise where nobody knows how the job ended', () => {
    assert.equal(classOf(null), 'unknown');
  });

  it("lets the spec's rules come before the built-in ones", () => {
    assert.equal(
      classOf({ exitCode: null, signal: 'SIGKILL' }, [aRule({ signal: 'SIGKILL', class: 'site' })]),
      'site',
    );
  });

  it('takes the first rule that matches', () => {
    const rules = [
      aRule({ exitCode: 3, class: 'data' }),
      aRule({ log: 'ORA-[0-9]+', class: 'outage' }),
      aRule({ exitCode: 4, class: 'software' }),
    ];
    assert.equal(classOf({ exitCode: 4 }, rules, 'ORA-12154 no listener'), 'outage');
    assert.equal(classOf({ exitCode: 3 }, rules, 'ORA-12154 no listener'), 'data');
    assert.equal(classOf({ exitCode: 4 }, rules), 'software');
    assert.equal(classOf({ exitCode: 5 }, rules), 'unknown');
  });

  it('reads a log line by line, by the expressions that grep has', () => {
    const log = 'FATAL \t ORA-01017 on host7\nend';
    const found = (pattern: string) =>
      classOf({ exitCode: 1 }, [aRule({ log: pattern, class: 'outage' })], log);
    assert.equal(found('^FATAL[[:space:]]+ORA-[[:digit:]]+'), 'outage');
    assert.equal(found('host7$'), 'outage');
    assert.equal(found('host7[^x]end'), 'unknown');
  });

  it('asks of a rule that all it names is so', () => {
    const rules = [aRule({ exitCode: 1, log: '^out of memory$', class: 'resources' })];
    assert.equal(classOf({ exitCode: 1 }, rules, 'a\nout of memory\nb'), 'resources');
    assert.equal(classOf({ exitCode: 1 }, rules, 'fine'), 'unknown');
    assert.equal(classOf({ exitCode: 2 }, rules, 'out of memory'), 'unknown');
    assert.equal(classOf({ batchState: 'purged' }, [aRule({ batchState: 'purged', class: 'site' })]), 'site');
  });

  it('names the system a rule blames, after what went wrong', () => {
    const rules = [aRule({ exitCode: 1, class: 'outage', system: 'calibration-db' })];
    const job = { end: aJobEnd({ exitCode: 1 }), exitCode: 1, logTail: '', otherwise: OTHERWISE };
    assert.equal(classify(job, rules).reason, 'the command failed (calibration-db)');
  });
});
