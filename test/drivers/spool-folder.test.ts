import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { folderSpool } from '../../reconcilers/drivers/spool/folder.ts';
import { reportName, stderrName, stdoutName } from '../../reconcilers/drivers/spool/names.ts';
import type { JobTraces, ReportedFile, Spool } from '../../reconcilers/ports/spool.ts';

const { signal } = new AbortController();

describe('the folder spool', () => {
  let path: string;
  let spool: Spool;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'rereco-spool-'));
    spool = folderSpool({ path });
  });
  afterEach(() => rm(path, { recursive: true, force: true }));

  const give = (name: string, text: string, submission = 'r1-x-1') =>
    spool.write(submission, [{ name, text, executable: false }], signal);
  const traces = async (job: `${string}:${number}` = 'r1-x-1:0'): Promise<JobTraces> => {
    const found = (await spool.read([job], 0, signal)).found.get(job);
    assert.ok(found);
    return found;
  };

  it('writes scripts that can be run, once and again', async () => {
    const script = { name: 'job.sh', text: '#!/bin/sh\n', executable: true };
    for (const _ of [1, 2]) await spool.write('r1-x-1', [script], signal);
    assert.equal((await stat(join(spool.folder('r1-x-1'), 'job.sh'))).mode & 0o777, 0o755);
    assert.deepEqual(await readdir(spool.folder('r1-x-1')), ['job.sh']);
  });

  it('finds a job that left nothing', async () => {
    assert.deepEqual(await traces(), { report: null, invalid: null, logTail: '' });
  });

  it('reads a report, without the fields nobody knows', async () => {
    await give(reportName(0), JSON.stringify({ ...aReport(), further: 1 }));
    assert.deepEqual(await traces(), { report: aReport(), invalid: null, logTail: '' });
  });

  const invalid = [
    { it: 'a torn one', text: '{"submission": "r1-', says: /^not JSON: / },
    { it: 'a list', text: '[]', says: /must be object/ },
    { it: 'half an event', text: report({ eventsRead: 1.5 }), says: /files\/0\/eventsRead must be integer/ },
    {
      it: 'fewer than no events',
      text: report({ eventsRead: -1 }),
      says: /files\/0\/eventsRead must be >= 0/,
    },
    { it: 'a phase nobody knows', text: report({ failedAt: 'lunch' }), says: /failedAt/ },
    { it: 'one without outputs', text: report({ outputs: undefined }), says: /outputs/ },
    { it: 'that of another job', text: JSON.stringify({ ...aReport(), index: 4 }), says: /r1-x-1:4/ },
  ];
  for (const c of invalid) {
    it(`says what is wrong with a report: ${c.it}`, async () => {
      await give(reportName(0), c.text);
      const { report: found, invalid: reason } = await traces();
      assert.equal(found, null);
      assert.match(reason ?? '', c.says);
    });
  }

  it('keeps 64 kB of the logs, the errors among them', async () => {
    await give(stdoutName(0), `${'o'.repeat(200_000)}END OF OUTPUT\n`);
    await give(stderrName(0), 'Killed\n');
    const { logTail } = await traces();
    assert.equal(logTail.length, 65_536);
    assert.match(logTail, /END OF OUTPUT\nKilled\n$/);
  });

  it('does not know what lies in a folder it cannot read', async () => {
    await mkdir(join(path, 'jobs/r1-x-1', reportName(0)), { recursive: true });
    const seen = await spool.read(['r1-x-1:0', 'r1-x-2:0'], 17, signal);
    assert.deepEqual([[...seen.found.keys()], [...seen.unknown.keys()]], [['r1-x-2:0'], ['r1-x-1:0']]);
    assert.deepEqual([seen.askedAt, seen.complete], [17, true]);
  });

  it('gives no answer when it is not mounted', async () => {
    await rm(path, { recursive: true });
    await assert.rejects(spool.read(['r1-x-1:0'], 0, signal), {
      code: 'unavailable',
      message: /is not there; mount it/,
    });
    await assert.rejects(give('x', ''), { code: 'unavailable' });
  });

  it('is made with the folder it lies in, and no more', async () => {
    const deep = folderSpool({ path: join(path, 'new/spool') });
    for (const _ of [1, 2]) await deep.make(signal);
    assert.deepEqual(await readdir(join(path, 'new')), ['spool']);
    const message = /mkdir -p /;
    const typo = folderSpool({ path: join(path, 'no/such/spool') });
    await assert.rejects(typo.make(signal), { code: 'unavailable', message });
  });

  it('never reads a discarded report again, nor one that comes late', async () => {
    await give(reportName(0), JSON.stringify(aReport()));
    for (const _ of [1, 2]) await spool.discardReports(['r1-x-1', 'r1-none-1'], signal);
    assert.equal((await traces()).report, null);
    await give(reportName(0), JSON.stringify(aReport()));
    assert.equal((await traces()).report, null);
  });

  for (const name of ['../x', '.', 'a/b', '', '-x', '1x', 'a b']) {
    it(`uses no path for a submission named ${JSON.stringify(name)}`, async () => {
      assert.throws(() => spool.folder(name), { code: 'rejected' });
      await assert.rejects(spool.drop([name], signal), { code: 'rejected' });
    });
  }

  it('packs folders into one tar, the same bytes each time', async () => {
    await give('b', '', 'r1-x-2');
    await give('a', 'x'.repeat(300_000), 'r1-x-2');
    await give('job-0.out', 'out');
    const file = spool.scratch('logs.tar');
    const held = await spool.pack(['r1-x-2', 'r1-none-1', 'r1-x-1'], file, signal);
    assert.deepEqual(
      [...held],
      [
        ['r1-x-2', ['a', 'b']],
        ['r1-x-1', ['job-0.out']],
      ],
    );

    const first = await readFile(file);
    assert.deepEqual(await sizesIn(first), { 'r1-x-2/a': 300_000, 'r1-x-2/b': 0, 'r1-x-1/job-0.out': 3 });
    await spool.pack(['r1-x-2', 'r1-none-1', 'r1-x-1'], file, signal);
    assert.ok(first.equals(await readFile(file)));
  });

  it('knows what a tar holds that was made before, and none that is not there', async () => {
    await give('a.txt', 'a');
    await give('b.txt', '');
    const tar = spool.scratch('one.tar');
    assert.equal(await spool.packed(tar, signal), undefined);
    const held = await spool.pack(['r1-x-1', 'r1-none-1'], tar, signal);
    assert.deepEqual(await spool.packed(tar, signal), held);
  });

  it('leaves no half of a tar', async () => {
    await give('a', 'x');
    const packing = spool.pack(['r1-x-1'], join(tmpdir(), 'no/such/folder/x.tar'), signal);
    await assert.rejects(packing);
    const stopped = spool.pack(['r1-x-1'], join(path, 'x.tar'), AbortSignal.abort());
    await assert.rejects(stopped, { code: 'unavailable' });
    assert.deepEqual(await readdir(path), ['jobs']);
  });

  it('drops folders, once and again', async () => {
    await give('a', 'x');
    for (const _ of [1, 2]) await spool.drop(['r1-x-1'], signal);
    assert.deepEqual(await readdir(join(path, 'jobs')), []);
  });

  it('keeps small files of its own, and none outside', async () => {
    assert.equal(await spool.readText('marker', signal), undefined);
    await spool.replaceText('marker', 'one', signal);
    await spool.replaceText(join(path, 'marker'), 'two', signal);
    assert.equal(await spool.readText('marker', signal), 'two');
    await assert.rejects(spool.readText('../marker', signal), { code: 'rejected' });
  });

  it('names temporary files without making them, and deletes those only, once and again', async () => {
    const tar = spool.scratch('logs.tar');
    assert.deepEqual(await readdir(path), []);
    await give('a', 'x');
    await spool.pack(['r1-x-1'], tar, signal);
    for (const _ of [1, 2]) await spool.removeScratch(tar, signal);
    assert.deepEqual(await readdir(join(path, 'scratch')), []);
    const script = join(spool.folder('r1-x-1'), 'a');
    await assert.rejects(spool.removeScratch(script, signal), { code: 'rejected' });
    assert.throws(() => spool.scratch('../x'), { code: 'rejected' });
  });
});

function aReport() {
  return { submission: 'r1-x-1', index: 0, node: 'wn1', processor: null, files: [aFile()] };
}

function aFile(): ReportedFile {
  return {
    file: 'a.raw',
    failedAt: null,
    message: null,
    exitCode: 0,
    eventsRead: 10,
    skipped: [{ events: 1, reason: 'bad vertex' }],
    outputs: [
      {
        key: 'dst',
        name: 'a.dst',
        sizeBytes: 5,
        checksum: 'adler32:062c0215',
        eventsWritten: 9,
        metadata: null,
      },
    ],
    cpuMs: null,
    startedMs: 1,
    endedMs: 2,
  };
}

function report(changed: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...aReport(), files: [{ ...aFile(), ...changed }] });
}

async function sizesIn(tar: Buffer): Promise<Record<string, number | undefined>> {
  const entries = extract();
  entries.end(tar);
  const sizes: Record<string, number | undefined> = {};
  for await (const entry of entries) {
    sizes[entry.header.name] = entry.header.size;
    entry.resume();
  }
  return sizes;
}
