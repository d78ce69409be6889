import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shQuote } from '../../reconcilers/job/sh-quote.ts';
import { EVENTS, type JobWorld, jobWorld } from './job-world.ts';

describe('jobScript in trouble', () => {
  let world: JobWorld;
  beforeEach(async () => {
    world = await jobWorld();
  });
  afterEach(() => world.close());

  describe('failing', () => {
    it('says when the input cannot be fetched', async () => {
      const { file, code } = await world.runOne({ fetch: 'exit 9' });
      assert.deepEqual([file.failedAt, file.exitCode, code], ['stageIn', null, 3]);
      assert.match(file.message ?? '', /exit code 9/);
    });

    it('says when the input arrived with another size', async () => {
      const { file } = await world.runOne({ sizeBytes: 7 });
      assert.deepEqual([file.failedAt, file.exitCode], ['stageIn', null]);
    });

    it('says when fetching left no file', async () => {
      assert.equal((await world.runOne({ fetch: ':' })).file.failedAt, 'stageIn');
    });

    it("gives the command's exit code", async () => {
      const { file, code } = await world.runOne({ command: 'echo trouble; exit 5' });
      assert.deepEqual([file.failedAt, file.exitCode, code], ['command', 5, 5]);
      assert.deepEqual(await readdir(join(world.top, 'store')), []);
    });

    const ends = [
      { command: 'kill -9 $$', exitCode: 137, signal: 'SIGKILL' },
      { command: "sh -c 'kill -SEGV $$'; exit $?", exitCode: 139, signal: 'SIGSEGV' },
      // No shell can tell this from the one above.
      { command: 'exit 139', exitCode: 139, signal: 'SIGSEGV' },
      { command: 'exit 128', exitCode: 128, signal: null },
      { command: 'exit 160', exitCode: 160, signal: null },
      { command: 'exit 255', exitCode: 255, signal: null },
    ];
    for (const { command, exitCode, signal } of ends) {
      it(`tells of exit code ${exitCode} and ${signal ?? 'no signal'} after ${command}`, async () => {
        const { file } = await world.runOne({ command });
        assert.deepEqual([file.exitCode, file.signal], [exitCode, signal]);
      });
    }

    it('lives through a command that is not even sh', async () => {
      const { file } = await world.runOne({ command: "echo 'no end" });
      assert.deepEqual([file.failedAt, file.exitCode !== 0], ['command', true]);
    });

    it('names the output that the command did not leave', async () => {
      const { file, code } = await world.runOne({ command: ':' });
      assert.deepEqual([file.failedAt, file.exitCode, code], ['output', 0, 3]);
      assert.match(file.message ?? '', /a\.dst/);
    });

    it('says when an output cannot be delivered, and tells of the one that was', async () => {
      const outputs = [world.output(), world.output({ key: 'tmb', name: 'a.tmb', deliver: 'exit 4' })];
      const { file } = await world.runOne({
        command: 'cp {input} {output.dst}; cp {input} {output.tmb}',
        outputs,
      });
      assert.equal(file.failedAt, 'stageOut');
      assert.match(file.message ?? '', /a\.tmb.*exit code 4/);
      assert.deepEqual(
        file.outputs.map((output) => output.key),
        ['dst'],
      );
    });

    it('goes on with the next input', async () => {
      const bad = await world.input({ name: 'bad.lhe', command: 'exit 6' });
      const worse = await world.input({ name: 'worse.lhe', command: 'exit 7' });
      const good = await world.input();
      const { report, code } = await world.run({ inputs: [bad, worse, good] });
      assert.deepEqual(
        report.files.map((file) => file.failedAt),
        ['command', 'command', null],
      );
      assert.equal(code, 6);
    });

    it('says of which input it prints, where there are several', async () => {
      const one = await world.input({ name: 'one.lhe', command: 'echo first; exit 6' });
      const other = await world.input({ name: 'other.lhe', command: 'echo second; exit 7' });
      const { log } = await world.run({ inputs: [one, other] });
      assert.match(
        log,
        /^rereco: input one\.lhe\nfirst\nrereco: command: .*\nrereco: input other\.lhe\nsecond\n/,
      );
      assert.doesNotMatch((await world.runOne({ command: 'exit 6' })).log, /rereco: input/);
    });
  });

  describe('given anything', () => {
    const names = [
      "it's",
      'a b',
      '$HOME',
      '`id`',
      '-rf',
      '"q"',
      'ünïcode ☃ 𝄞',
      'back\\slash',
      'a;b&c|d',
      '*?[x]',
      'new\nline',
    ];
    for (const name of names) {
      it(`takes a file named ${JSON.stringify(name)}`, async () => {
        const { file, code } = await world.runOne({ name, outputs: [world.output({ name: `${name}.dst` })] });
        assert.deepEqual(
          [code, file.file, file.outputs[0]?.name, file.message],
          [0, name, `${name}.dst`, null],
        );
        assert.equal(await readFile(join(world.top, 'store', `${name}.dst`), 'utf8'), EVENTS);
      });
    }

    it('escapes the reasons for skipped events', async () => {
      const reasons = [
        'bad "quote" \\ back',
        "it's 100% $HOME",
        'tab\there',
        'ünïcode ☃ 𝄞',
        '\u0001\u001b[31m',
        '',
        '{"a":1},',
      ];
      const lines = reasons.map((reason, n) => `skipped ${n} ${reason}`).join('\n');
      await writeFile(join(world.top, 'events'), `${lines}\n`);
      const { file } = await world.runOne({
        command: `cp ${shQuote(join(world.top, 'events'))} "$RERECO_EVENTS"; cp {input} {output.dst}`,
      });
      assert.deepEqual(
        file.skipped,
        reasons.map((reason, events) => ({ events, reason })),
      );
    });

    it('keeps the text of the metadata file', async () => {
      const text = '{\n\t"a": "b\\"c",\r\n "ü": "☃𝄞" }\n\n';
      await writeFile(join(world.top, 'meta'), text);
      const outputs = [world.output({ metadata: 'a.dst.meta' })];
      const command = `cp {input} {output.dst}; cp ${shQuote(join(world.top, 'meta'))} a.dst.meta`;
      assert.equal((await world.runOne({ command, outputs })).file.outputs[0]?.metadata, text);
    });

    it('replaces what is no text in the metadata file', async () => {
      const bytes = Buffer.from([
        0x61, 0x00, 0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xe2, 0x98, 0x7a, 0xf0, 0x9d,
      ]);
      await writeFile(join(world.top, 'meta'), bytes);
      const outputs = [world.output({ metadata: 'm' })];
      const { file } = await world.runOne({
        command: `cp {input} {output.dst}; cp ${shQuote(join(world.top, 'meta'))} m`,
        outputs,
      });
      assert.match(file.outputs[0]?.metadata ?? '', /^a\ufffd+z\ufffd+$/);
    });

    it('counts and copies bytes that are no text', async () => {
      const { file, code } = await world.runOne(
        {},
        Buffer.from([0, 255, 10, ...Buffer.from('<event>\n'), 0, 254]),
      );
      assert.deepEqual([code, file.eventsRead], [0, 1]);
    });
  });
});
