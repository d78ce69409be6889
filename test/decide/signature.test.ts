import assert from 'node:assert/strict';
import { signature } from '../../reconcilers/decide/judge/signature.ts';

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
    assert.equal(signature('a name that is not UTF-8', 'a'), 'a name that is not UTF-8');
  });

  it('is short', () => {
    assert.equal(signature('x'.repeat(1000), 'a').length, 200);
  });

  const FOLDED: readonly (readonly [string, string])[] = [
    ['checksum 0xDEADBEEF, not 0x1', 'checksum N, not N'],
    ['checksum deadbeef, not 00000012', 'checksum N, not N'],
    ['chunk 3f2a of a1b2c3d4-0000-1111-2222-0123456789ab', 'chunk N of N'],
    ['the facade was added', 'the facade was added'],
    ['cannot open /scratch/r1-abc-7.0.4242/run/out.root: no', 'cannot open PATH: no'],
    ["in '../lib/libX.so.3', of data/run7/x.dat", "in 'PATH', of PATH"],
    ['root://ccxroot:1094//store/x.root is read/write, N/A', 'PATH is read/write, N/A'],
    ['/lib/reco.cc:123: at line 7', 'PATH:N: at line N'],
    ['2026-11-25T12:00:01.5Z -3.5e-7 of 12,345', 'N-N-NTN.NZ N of N'],
    ['1 event was read, 2 events were written', 'N events were read, N events were written'],
    ['exit 1: got 1', 'exit 1: got N'],
    ['it exited with 137 after 5 s (exit code 9)', 'it exited with 137 after N s (exit code 9)'],
    ['SIGUSR1: 5 of 6', 'SIGUSR1: N of N'],
    ['reading raw_7 into raw_7.dst from raw_7.lhe', 'reading … into … from …'],
  ];
  for (const [sentence, folded] of FOLDED) {
    it(`makes of ${sentence}: ${folded}`, () =>
      assert.equal(signature(sentence, 'raw_7.lhe', 'raw_7.dst'), folded));
  }

  it('is alike whatever digits a checksum happens to have', () => {
    const sums = ['deadbeef', '00000012', '1234abcd', '0e123456', '99999999', 'ffffffff'];
    const all = sums.map((sum, n) => signature(`exit 1: sum ${sum} of raw_${n}`, `raw_${n}.lhe`));
    assert.equal(new Set(all).size, 1);
  });

  it('takes no part of a word for a file of that name', () => {
    assert.equal(signature('no data at all', 'at.lhe'), 'no data at all');
    assert.equal(signature('no database of data', 'data.lhe'), 'no database of …');
  });
});
