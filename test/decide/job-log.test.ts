import assert from 'node:assert/strict';
import {
  lastLines,
  linesAbout,
  tellingLine,
  withoutShellWords,
} from '../../reconcilers/decide/judge/job-log.ts';

describe("the end of a job's log", () => {
  const SEVERAL = [
    'the last line of an input before the end begins',
    'rereco: input b.lhe',
    'reading b',
    'rereco: input c.lhe',
    'reading c',
    'rereco: input b.lhe',
    'rereco: command: the command ended with exit code 3',
    'rereco: input c.lhe',
    'xrdcp: no space',
  ].join('\n');

  it('is all about the input of a job that has one', () => {
    assert.deepEqual(linesAbout('one\ntwo', 'a.lhe'), ['one', 'two']);
  });

  it('is told apart by input where a job has several, in both its streams', () => {
    assert.deepEqual(linesAbout(SEVERAL, 'c.lhe'), [
      'rereco: input c.lhe',
      'reading c',
      'rereco: input c.lhe',
      'xrdcp: no space',
    ]);
    assert.equal(tellingLine(linesAbout(SEVERAL, 'b.lhe'), null), 'reading b');
  });

  it('says nothing of an input that was done before it begins', () => {
    assert.deepEqual(linesAbout(SEVERAL, 'a.lhe'), []);
    assert.equal(tellingLine([], null), undefined);
  });

  const cases = [
    { it: 'is the last line', log: 'one\ntwo', pattern: null, line: 'two' },
    { it: 'is none of ours', log: 'one\nrereco: command: it ended', pattern: null, line: 'one' },
    { it: 'has a word in it', log: 'one\n\n======\n  \n', pattern: null, line: 'one' },
    { it: 'is the first that a rule matched', log: 'E 1\nE 2\nbye', pattern: '^E', line: 'E 1' },
    { it: 'is the last where no line matches', log: 'E 1\nbye', pattern: '^F', line: 'bye' },
    { it: 'is no colour', log: '\u001b[31mred\u001b[0m\u001b]0;title\u0007', pattern: null, line: 'red' },
    { it: 'is the last of what was written over', log: '10 %\r99 %\r', pattern: null, line: '99 %' },
    { it: 'can be kept on record', log: 'a\u0000b', pattern: null, line: 'a�b' },
    {
      it: 'names what lies in the folder of the job from there',
      log: "/tmp/a/rereco.r1-abc-7.0.4242/1/command.sh: 1: '/x/rereco.r1-abc-7.0.4/12/in/a.lhe' /y/reco: not found",
      pattern: null,
      line: "command.sh: 1: 'in/a.lhe' /y/reco: not found",
    },
    { it: 'is short', log: 'x'.repeat(1000), pattern: null, line: `${'x'.repeat(299)}…` },
  ];
  for (const { it: title, log, pattern, line } of cases) {
    it(`has a telling line, which ${title}`, () =>
      assert.equal(tellingLine(linesAbout(log, 'a.lhe'), pattern), line));
  }

  it('has no line of a shell where a signal ended the command', () => {
    const lines = [
      'event 5',
      'Segmentation fault (core dumped)',
      'Killed',
      '/tmp/x/1/command.sh: line 1:  4242 Segmentation fault      (core dumped) ./reco',
    ];
    assert.deepEqual(withoutShellWords(lines), ['event 5']);
  });

  it('is shown by its last lines that are not ours', () => {
    const log = 'one\n\ntwo\nrereco: count: no\nthree  \n';
    assert.deepEqual(lastLines(linesAbout(log, 'a.lhe'), 2), ['two', 'three']);
  });
});
