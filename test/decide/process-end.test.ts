import assert from 'node:assert/strict';
import { type FileEnd, jobVerdict } from '../../reconcilers/decide/facts/process-end.ts';
import type { JobEnd } from '../../reconcilers/ports/batch-system.ts';
import type { ReportedFile } from '../../reconcilers/ports/spool.ts';
import { aJobEnd, aReportedFile } from '../builders.ts';
import { aWork } from '../work-builders.ts';

type Fate = 'good' | 'waiting' | 'bad';

const NAMES = ['a', 'b', 'c'];

/** The ends of files of one job; `failed`: those its report says failed. */
function ends(fates: readonly Fate[], end: JobEnd | null = aJobEnd(), failed: readonly string[] = []) {
  const work = aWork();
  const files: readonly ReportedFile[] = NAMES.map((file) =>
    failed.includes(file)
      ? aReportedFile({ file, failedAt: 'command', message: 'it said no' })
      : aReportedFile({ file }),
  );
  const report = { submission: 'r1', index: 0, node: 'wn1', processor: null, files };
  return fates.map((is, at): FileEnd => {
    const of = { work, name: NAMES[at] ?? '', end, report };
    return is === 'bad' ? { ...of, is, reason: 'too few events' } : { ...of, is };
  });
}

describe('the one verdict of a job with three files', () => {
  const cases: readonly {
    readonly it: string;
    readonly files: readonly FileEnd[];
    readonly verdict: ReturnType<typeof jobVerdict>;
  }[] = [
    { it: 'is good when every file is', files: ends(['good', 'good', 'good']), verdict: null },
    {
      it: 'is bad when the middle one is, whatever the last one says',
      files: ends(['good', 'bad', 'good'], aJobEnd({ exitCode: 1 }), ['b']),
      verdict: { failed: '1 of 3 files failed: b: too few events' },
    },
    {
      it: 'is bad when the first one is',
      files: ends(['bad', 'good', 'good']),
      verdict: { failed: '1 of 3 files failed: a: too few events' },
    },
    {
      it: 'is none yet while a store has not answered',
      files: ends(['good', 'waiting', 'good']),
      verdict: undefined,
    },
    {
      it: 'is bad at once when one failed while another waits',
      files: ends(['waiting', 'bad', 'good']),
      verdict: { failed: '1 of 3 files failed: b: too few events' },
    },
    {
      it: 'is bad when the report says so of a file that was judged before',
      files: ends(['good'], aJobEnd({ exitCode: 1 }), ['c']),
      verdict: { failed: '1 of 3 files failed: c: it said no' },
    },
    {
      it: 'is bad when only the batch system says so',
      files: ends(['good', 'good', 'good'], aJobEnd({ exitCode: 4 })),
      verdict: { failed: 'every file went well, but the job exited with 4' },
    },
    {
      it: 'is good when nobody knows how it ended and every file is',
      files: ends(['good', 'good'], null),
      verdict: null,
    },
    { it: 'is none without a file', files: [], verdict: undefined },
  ];
  for (const { it: title, files, verdict } of cases) {
    it(title, () => assert.deepEqual(jobVerdict(files), verdict));
  }
});
