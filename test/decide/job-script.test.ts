import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EVENTS, JOB, type JobWorld, jobWorld, type TestInput, type TestOutput } from './job-world.ts';

describe('jobScript', () => {
  let world: JobWorld;
  beforeEach(async () => {
    world = await jobWorld();
  });
  afterEach(() => world.close());

  it('leaves a whole report and the output when all goes well', async () => {
    const { code, report, file } = await world.runOne();
    assert.equal(code, 0);
    assert.deepEqual([report.submission, report.index], ['r1-t-1', 2]);
    assert.ok(report.node && report.processor);
    const { cpuMs, startedMs, endedMs, ...told } = file;
    assert.ok(cpuMs !== null && cpuMs >= 0 && startedMs !== null && endedMs !== null && startedMs <= endedMs);
    assert.deepEqual(told, {
      file: 'a.lhe',
      failedAt: null,
      message: null,
      inputChecksum: 'unchecked',
      uncheckedBecause: 'no checksum of it is known',
      exitCode: 0,
      signal: null,
      eventsRead: 3,
      skipped: [],
      outputs: [
        {
          key: 'dst',
          name: 'a.dst',
          sizeBytes: EVENTS.length,
          checksum: null,
          eventsWritten: 3,
          metadata: null,
        },
      ],
    });
    assert.equal(await readFile(join(world.top, 'store', 'a.dst'), 'utf8'), EVENTS);
  });

  it('says by what its input was proved', async () => {
    const { file } = await world.runOne({ checksum: 'md5:0a', fetch: world.fetching('') });
    assert.deepEqual([file.inputChecksum, file.uncheckedBecause], ['md5:0a', null]);
    const why = 'this node has no "md5sum"';
    const other = await world.runOne({ checksum: 'md5:0a', fetch: world.fetching(why) });
    assert.deepEqual([other.file.inputChecksum, other.file.uncheckedBecause], ['unchecked', why]);
  });

  it('fails at stage-in, in the words of what fetched it, when the bytes are others', async () => {
    const why = 'the input arrived with md5:0b, not md5:0a';
    const { file, code } = await world.runOne({ checksum: 'md5:0a', fetch: world.fetching(why, 1) });
    assert.deepEqual([file.failedAt, file.message, file.inputChecksum, code], ['stageIn', why, null, 3]);
    assert.deepEqual(file.outputs, []);
  });

  it('measures the CPU time of the command', async () => {
    const { file } = await world.runOne({
      command: 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; cp {input} {output.dst}',
    });
    assert.ok((file.cpuMs ?? 0) >= 20, `${file.cpuMs} ms`);
  });

  it('shows what the command prints, both streams', async () => {
    const { log } = await world.runOne({ command: 'echo to out; echo to err >&2; cp {input} {output.dst}' });
    assert.match(log, /to out\nto err/);
  });

  it('gives the command its environment', async () => {
    const value = `it's "$HOME" \`x\``;
    const input = await world.input({ command: 'printf "%s" "$MODE" >{output.dst}' });
    await world.run({ inputs: [input], environment: { MODE: value } });
    assert.equal(await readFile(join(world.top, 'store', 'a.dst'), 'utf8'), value);
  });

  it('keeps its own variables and those of the environment apart', async () => {
    const environment = { in: '1', run: '0000176852', box: '3', log: '4', report: '5', files: '6' };
    const command = `printf '%s' "$in $run $box $log $report $files" >{output.dst}; cat {input} >>{output.dst}`;
    const { file } = await world.run({ inputs: [await world.input({ command })], environment });
    assert.deepEqual([file.failedAt, file.eventsRead], [null, 3]);
    const left = await readFile(join(world.top, 'store', 'a.dst'), 'utf8');
    assert.equal(left, `1 0000176852 3 4 5 6${EVENTS}`);
  });

  it('counts alike in every locale, and leaves the command its own', async () => {
    // In a UTF-8 locale a dot does not match a byte that is no UTF-8.
    const bytes = Buffer.from('e\xe9\ne\xc3\xa9\n', 'latin1');
    const counted = { by: 'pattern', pattern: '^e.$' } as const;
    const command = 'echo "$LC_ALL"; cp {input} {output.dst}';
    for (const locale of ['C', 'C.UTF-8', 'de_DE.UTF-8']) {
      world.env.LC_ALL = locale;
      const { file, log } = await world.runOne({ command, eventsRead: counted }, bytes);
      assert.deepEqual([file.eventsRead, log], [1, `${locale}\n`]);
    }
    delete world.env.LC_ALL;
    const unset = await world.runOne({ command: `echo "\${LC_ALL-none}"; cp {input} {output.dst}` });
    assert.equal(unset.log, 'none\n');
    const input = await world.input({ command });
    const set = await world.run({ inputs: [input], environment: { LC_ALL: 'POSIX' } });
    assert.equal(set.log, 'POSIX\n');
  });

  describe('counting', () => {
    const cases: { it: string; command: string; how: TestInput['eventsRead']; read: number | null }[] = [
      {
        it: 'adds up lines of the report',
        command: 'echo read 2 >>"$RERECO_EVENTS"; echo read 40 >>"$RERECO_EVENTS"',
        how: { by: 'report' },
        read: 42,
      },
      { it: 'finds no number in an empty report', command: ':', how: { by: 'report' }, read: null },
      {
        it: 'takes the first integer of a file',
        command: 'printf "\\nevents: 0042 of 50\\n7\\n" >n.txt',
        how: { by: 'file', file: 'n.txt' },
        read: 42,
      },
      { it: 'misses a file that is not there', command: ':', how: { by: 'file', file: 'n.txt' }, read: null },
      {
        it: 'misses a number in a file without one',
        command: 'echo none >n.txt',
        how: { by: 'file', file: 'n.txt' },
        read: null,
      },
      {
        it: 'takes the last match in the log, whole',
        command: 'echo 12 events; echo "345 events, 678 events" >&2; echo bye',
        how: { by: 'log', log: '([0-9]+) events' },
        read: 678,
      },
      {
        it: 'takes patterns with anchors and every sign',
        command: 'echo "a/b|c,d#e@f: 5"',
        how: { by: 'log', log: '^a/b[|]c,d#e@f: ([0-9]+)$' },
        read: 5,
      },
      {
        it: 'finds no match in the log',
        command: 'echo 12 tracks',
        how: { by: 'log', log: '([0-9]+) events' },
        read: null,
      },
      {
        it: 'fails for a pattern without a group',
        command: 'echo 12 events',
        how: { by: 'log', log: '[0-9]+ events' },
        read: null,
      },
      {
        it: 'counts no matching line as zero',
        command: ':',
        how: { by: 'pattern', pattern: '^EVENT' },
        read: 0,
      },
      {
        it: 'fails for a pattern that is none',
        command: ':',
        how: { by: 'pattern', pattern: '(' },
        read: null,
      },
      {
        it: 'asks a command',
        command: ':',
        how: { by: 'command', command: 'grep -c "event" {file}' },
        read: 3,
      },
      {
        it: 'takes nothing from a command that fails',
        command: ':',
        how: { by: 'command', command: 'echo 3; exit 1' },
        read: null,
      },
      {
        it: 'takes no word for a number',
        command: ':',
        how: { by: 'command', command: 'echo three' },
        read: null,
      },
    ];
    for (const c of cases) {
      it(c.it, async () => {
        const { file, code } = await world.runOne({
          command: `${c.command}\ncp {input} {output.dst}`,
          eventsRead: c.how,
        });
        assert.equal(file.eventsRead, c.read);
        assert.deepEqual([file.failedAt, code], c.read === null ? ['count', 3] : [null, 0]);
      });
    }

    it('counts what was written by every kind of counter', async () => {
      const kinds: TestOutput['eventsWritten'][] = [
        { by: 'report' },
        { by: 'file', file: 'n.txt' },
        { by: 'log', log: 'wrote ([0-9]+)' },
        { by: 'command', command: 'wc -l < {file}' },
      ];
      const outputs = kinds.map((how, n) =>
        world.output({ key: `o${n}`, name: `o ${n}`, eventsWritten: how }),
      );
      const { file } = await world.runOne({
        command:
          'for n in 0 1 2 3; do cp {input} "o $n"; done\necho written o0 5 >"$RERECO_EVENTS"; echo 6 >n.txt; echo wrote 8',
        outputs,
      });
      assert.deepEqual(
        file.outputs.map((output) => output.eventsWritten),
        [5, 6, 8, 7],
      );
    });

    it('leaves open what nobody reported of an output', async () => {
      const { file } = await world.runOne({ outputs: [world.output({ eventsWritten: { by: 'report' } })] });
      assert.deepEqual([file.failedAt, file.outputs[0]?.eventsWritten], [null, null]);
    });

    it('fails on a line in the report that it does not understand', async () => {
      const { file } = await world.runOne({
        command: 'echo read three >"$RERECO_EVENTS"; cp {input} {output.dst}',
      });
      assert.equal(file.failedAt, 'count');
      assert.match(file.message ?? '', /read three/);
    });
  });

  it('ends on TERM without a report, ending the command; what it printed is in the log', async () => {
    const command = 'echo begun; echo $$ >../../../pid; sleep 60';
    const launch = await world.write({ inputs: [await world.input({ command })] });
    const job = spawn('sh', ['-c', launch, 'rereco-job', `${JOB}`], {
      env: world.env,
      detached: true,
      stdio: 'ignore',
    });
    const closed = new Promise((resolve) => job.on('close', (_code, signal) => resolve(signal)));
    const pid = await eventually(join(world.top, 'tmp', 'pid'), /\n$/);
    job.kill('SIGTERM');
    assert.equal(await closed, 'SIGTERM');
    assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
    assert.deepEqual((await readdir(world.folder)).sort(), ['job-2.out', 'job.sh', 'jobs']);
    assert.match(await readFile(join(world.folder, 'job-2.out'), 'utf8'), /^begun\n/);
  });

  it('has in its log what the command has printed, while it runs and after a kill -9', async () => {
    const command = 'echo one; echo two >&2; echo three; sleep 60';
    const launch = await world.write({ inputs: [await world.input({ command })] });
    const job = spawn('sh', ['-c', launch, 'rereco-job', `${JOB}`], {
      env: world.env,
      detached: true,
      stdio: 'ignore',
    });
    const closed = new Promise((resolve) => job.on('close', resolve));
    const log = join(world.folder, 'job-2.out');
    assert.equal(await eventually(log, /three\n$/), 'one\ntwo\nthree\n');
    process.kill(-(job.pid ?? 0), 'SIGKILL');
    await closed;
    assert.equal(await readFile(log, 'utf8'), 'one\ntwo\nthree\n');
  });

  /** What a file holds as soon as that matches. */
  async function eventually(file: string, pattern: RegExp): Promise<string> {
    for (const start = performance.now(); performance.now() - start < 90_000; await pause(25)) {
      const text = await readFile(file, 'utf8').catch(() => '');
      if (pattern.test(text)) return text;
    }
    throw new Error(`${file} does not come to hold ${pattern}`);
  }
});
