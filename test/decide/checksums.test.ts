import assert from 'node:assert/strict';
import { bestChecksum, contradict, depthFor } from '../../reconcilers/decide/wanted/checksums.ts';

const MD5 = `md5:${'0a'.repeat(16)}`;
const SHA1 = `sha1:${'0b'.repeat(20)}`;
const SHA256 = `sha256:${'0c'.repeat(32)}`;

describe('bestChecksum', () => {
  const cases: readonly (readonly [string, readonly string[], string | null])[] = [
    ['none where there is none', [], null],
    ['the only one', ['adler32:0a1b2c3d'], 'adler32:0a1b2c3d'],
    ['one that is no adler32', [MD5], MD5],
    ['the strongest, wherever it stands', ['adler32:0a1b2c3d', MD5, SHA256, SHA1], SHA256],
    ['one that can be computed, not a stronger name', ['crc32c:0a1b2c3d', 'enstore:123', MD5], MD5],
    ['none that nobody can compute', ['crc32c:0a1b2c3d'], null],
    ['lower case', [`MD5:${'0A'.repeat(16)}`], MD5],
    ['all digits of an adler32', ['ADLER32:A1B2'], 'adler32:0000a1b2'],
    ['the names other catalogs have', ['ad:A1B2'], 'adler32:0000a1b2'],
    ['a whole sum, not one that was cut', ['md5:0a0a', 'adler32:1'], 'adler32:00000001'],
  ];
  for (const [title, known, best] of cases) {
    it(`takes ${title}`, () => assert.equal(bestChecksum(known), best));
  }
});

describe('contradict', () => {
  it('compares sums of one algorithm only', () => {
    assert.equal(contradict('adler32:00000001', 'adler32:00000002'), true);
    assert.equal(contradict('adler32:00000001', 'adler32:00000001'), false);
    assert.equal(contradict('adler32:00000001', MD5), false);
    assert.equal(contradict(undefined, MD5), false);
    assert.equal(contradict(MD5, null), false);
  });
});

describe('depthFor', () => {
  it('asks a store for the algorithm that is compared', () => {
    assert.equal(depthFor(MD5), 'checksum:md5');
    assert.equal(depthFor(null), 'checksum');
  });
});
