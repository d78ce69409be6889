import assert from 'node:assert/strict';
import type { ErrorClass } from '../../machines/model.ts';
import { classify, type FailedJob, type Problem } from '../../reconcilers/decide/judge/classify.ts';
import type { JobEnd } from '../../reconcilers/ports/batch-system.ts';
import type { FailureRule } from '../../specs/types.ts';
import { aJobEnd } from '../builders.ts';
import { aRule } from '../spec-builders.ts';

const PROBLEM: Problem = { class: 'unknown', reason: 'the command failed' };

function aFailedJob(fields: Partial<FailedJob> = {}): FailedJob {
  return {
    end: aJobEnd({ exitCode: 1 }),
    exitCode: 1,
    signal: null,
    node: 'wn1',
    lines: [],
    names: ['raw_1.lhe'],
    problem: PROBLEM,
    ...fields,
  };
}

function classOf(end: Partial<JobEnd> | null, rules: readonly FailureRule[] = [], logTail = ''): ErrorClass {
  const job = end && aJobEnd(end);
  const exitCode = job?.exitCode ?? null;
  return classify(aFailedJob({ end: job, exitCode, lines: logTail.split('\n') }), rules).class;
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
    assert.equal(classify(aFailedJob(), rules).reason, 'the command failed (calibration-db)');
  });

  it("lets a rule name the signal that ended the command, beside the job's own", () => {
    const rules = [aRule({ signal: 'SIGSEGV', class: 'data' })];
    assert.equal(classify(aFailedJob({ exitCode: 139, signal: 'SIGSEGV' }), rules).class, 'data');
    assert.equal(classify(aFailedJob({ exitCode: 1 }), rules).class, 'unknown');
  });

  it('takes a command that passed its own limit for one that lacked resources, and no other signal', () => {
    assert.equal(classify(aFailedJob({ exitCode: 152, signal: 'SIGXCPU' }), []).class, 'resources');
    assert.equal(classify(aFailedJob({ exitCode: 137, signal: 'SIGKILL' }), []).class, 'unknown');
  });
});

describe('what a failed job has in common with others', () => {
  const lines = ['loading 12', 'ERROR: sum 0xdeadbeef', 'bye 7', 'rereco: command: the command ended'];
  const problem: Problem = {
    class: 'unknown',
    reason: 'the command failed (exit 1)',
    alike: 'exit 1',
    untold: '',
  };
  const rule = aRule({ log: 'ERROR.*', class: 'data', system: 'db' });

  it("is its exit code and the log's last line that is not ours", () => {
    const { reason, job } = classify(aFailedJob({ lines, problem }), []);
    assert.equal(reason, 'the command failed (exit 1): bye 7');
    assert.deepEqual(job, { signature: 'exit 1: bye N', node: 'wn1', suspect: false });
  });

  it('is the line that a failure rule has matched, where one has', () => {
    const { reason, job } = classify(aFailedJob({ lines, problem }), [rule]);
    assert.equal(reason, 'the command failed (exit 1): ERROR: sum 0xdeadbeef (db)');
    assert.equal(job?.signature, 'exit 1: ERROR: sum N');
  });

  it('is no line of the log where the problem is known without it', () => {
    const known: Problem = { class: 'data', reason: 'the job read 9 events, the catalog says 10' };
    const { reason, job } = classify(aFailedJob({ lines, problem: known }), []);
    assert.equal(reason, known.reason);
    assert.equal(job?.signature, 'the job read N events, the catalog says N');
  });

  it('is what is said else where the log says nothing', () => {
    const { reason, job } = classify(aFailedJob({ problem: { ...problem, untold: 'core dumped' } }), []);
    assert.equal(reason, 'the command failed (exit 1): core dumped');
    assert.equal(job?.signature, 'exit 1');
  });

  it('makes nobody suspect where a rule or the batch system says whose doing it is', () => {
    const suspect = { ...problem, suspect: true };
    const isSuspect = (fields: Partial<FailedJob>, rules: readonly FailureRule[] = []) =>
      classify(aFailedJob({ lines, problem: suspect, ...fields }), rules).job?.suspect;
    assert.equal(isSuspect({}), true);
    assert.equal(isSuspect({}, [rule]), false);
    assert.equal(isSuspect({ end: aJobEnd({ exitCode: null, batchState: 'walltime' }) }), false);
  });
});
