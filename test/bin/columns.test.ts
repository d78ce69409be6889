import assert from 'node:assert/strict';
import { type Column, inColumns } from '../../bin/print/columns.ts';
import { filesText, jobsText } from '../../bin/print/lists.ts';
import { standingText } from '../../bin/print/standing.ts';
import { widthOf } from '../../bin/print/width.ts';
import type { FileLine, JobLine } from '../../db/queries/datasets.ts';
import { FILE_STATES } from '../../machines/model.ts';
import { aContext } from '../builders.ts';

const NOON = Date.UTC(2026, 0, 2, 12);
const DATASET = 'p17-reprocessing-run2a-zmumu-v03';
const NAME = `all_${'0'.repeat(40)}_0000195142_${'physics'.repeat(4)}_017.raw`;

const A_FILE: FileLine = {
  dataset: DATASET,
  name: NAME,
  kind: 'input',
  dataTier: 'reconstructed',
  state: 'transferred',
  revision: null,
  run: 195142,
  sizeBytes: 123_456_789,
  eventCount: 1_234_567,
  location: `raw/195142/${NAME}`,
  parent: null,
  reason: 'the copy has 12 bytes, the catalog says 123456789',
};

const A_JOB: JobLine = {
  name: 'r4711-n66ecaa8-12345',
  dataset: DATASET,
  type: 'd0reco',
  status: 'running',
  submission: 'accepted',
  files: [NAME, 'b.raw', 'c.raw'],
  submittedMs: NOON,
  sinceMs: NOON,
  wallMs: 3_600_000,
  cpuMs: 5_000_000,
  peakMemoryBytes: 2_000_000_000,
  node: 'ccwsge0123.in2p3.fr',
  processor: 'EPYC',
  exitCode: null,
  signal: null,
  reference: null,
};

const at80 = { wide: false, width: 80, now: NOON + 42_000 };
const linesOf = (text: string) => text.split('\n');
const headsOf = (text: string) => (linesOf(text)[0] ?? '').split(/ +/);

describe('lists on a terminal of 80 columns', () => {
  it('have every column of files, with the ends of long names', () => {
    const text = filesText([A_FILE], at80);
    assert.deepEqual(headsOf(text), ['dataset', 'name', 'tier', 'state', 'events', 'size', 'reason']);
    for (const line of linesOf(text)) assert.ok(widthOf(line) <= 80, line);
    assert.match(text, /p17-…v03.* all_0\S*…\S*017\.raw .* transferred .*1234567 .*123\.5 MB .*the copy/);
  });

  it('have every column of jobs: files, status, times, CPU and node', () => {
    const text = jobsText([{ ...A_JOB, status: 'error', signal: 'SIGKILL' }], at80);
    const heads = ['name', 'type', 'dataset', 'file', 'status', 'since', 'wall', 'CPU', 'node'];
    assert.deepEqual(headsOf(text), heads);
    for (const line of linesOf(text)) assert.ok(widthOf(line) <= 80, line);
    assert.match(text, /r4\S*…\S*345 .*p1\S*…\S*3 \S*…\S* \+2 error SIGKILL .*42 s/);
  });

  it('tell queued jobs from running ones, and from those that perhaps do not exist', () => {
    const statusOf = (job: Partial<JobLine>) =>
      jobsText([{ ...A_JOB, ...job }], { ...at80, width: Number.POSITIVE_INFINITY });
    assert.match(statusOf({ status: 'pending' }), / queued /);
    assert.match(statusOf({ status: 'pending', submission: 'intended' }), / pending /);
    assert.match(statusOf({}), / running /);
    assert.match(statusOf({ status: 'error', exitCode: 137 }), / error 137 /);
  });

  it('leave nothing out and shorten nothing where all is asked for', () => {
    const wide = { wide: true, width: Number.POSITIVE_INFINITY, now: NOON };
    const [files, jobs] = [filesText([A_FILE], wide), jobsText([A_JOB], wide)];
    for (const whole of [DATASET, NAME, A_FILE.reason ?? '', '195142'])
      assert.ok(files.includes(whole), whole);
    assert.ok(jobs.includes(`${NAME} b.raw c.raw`));
    assert.deepEqual([files.includes('…'), jobs.includes('…')], [false, false]);
  });

  it('show no control character of a name', () => {
    assert.match(filesText([{ ...A_FILE, name: 'a\x1b[2Jb\nc' }], at80), /a\\x1b\[2Jb\\nc/);
  });
});

describe('where datasets stand on a terminal of 80 columns', () => {
  const { dataset, totals } = aContext();
  const named = { ...dataset, name: DATASET };
  const many = Object.fromEntries(FILE_STATES.map((state) => [state, 123_456]));

  it('has a column for every state, queued told from running', () => {
    const inputs = { ...totals.inputs, running: 7, done: 3 };
    const text = standingText([{ dataset: named, totals: { ...totals, inputs }, queued: 5, now: NOON }], 80);
    const [head = '', line = ''] = linesOf(text);
    assert.deepEqual(head.split(/ +/), [
      'dataset',
      'files',
      ...FILE_STATES.flatMap((state) => (state === 'running' ? ['queued', state] : [state])),
    ]);
    assert.ok(head.length <= 80 && line.length <= 80, text);
    assert.match(line, /^p17\S*…\S*v03 +10 .* 5 +2 +3 /);
    assert.match(text, new RegExp(`^${DATASET}: `, 'm'));
  });

  it('keeps them where there are a hundred thousand files in each', () => {
    const inputs = { ...totals.inputs, ...many };
    const text = standingText([{ dataset: named, totals: { ...totals, inputs }, queued: 5, now: NOON }], 80);
    const [head = '', line = ''] = linesOf(text);
    assert.equal(head.split(/ +/).length, FILE_STATES.length + 3);
    assert.ok(head.length <= 80 && line.length <= 80, text);
    assert.equal(line.match(/123456/g)?.length, FILE_STATES.length - 1);
  });
});

describe('inColumns', () => {
  const columns: readonly Column[] = [
    { head: 'name', shorten: 'middle', least: 6 },
    { head: 'transferred', align: 'right' },
  ];

  it('shortens nothing that fits', () => {
    assert.equal(inColumns(columns, [['a.raw', '1']], 80), 'name   transferred\na.raw            1');
  });

  it('shortens names, then gaps, then heads', () => {
    const rows = [['all_0000195142_001.raw', '1']];
    const of = (width: number) => inColumns(columns, rows, width).split('\n');
    assert.deepEqual(of(24), ['name         transferred', 'all_0…1.raw            1']);
    assert.deepEqual(of(18), ['name   transferred', 'all…aw           1']);
    assert.deepEqual(of(13), ['name   trans…', 'all…aw      1']);
    assert.deepEqual(of(1), ['name   tra…', 'all…aw    1']);
  });
});
