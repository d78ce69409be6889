import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  isOurs,
  LONGEST_NAME_BYTES,
  quarantinePath,
  shortened,
  submissionName,
} from '../../reconcilers/model/names.ts';

describe('a name of ours', () => {
  it('stays as it is where it fits', () => {
    assert.equal(shortened('n'.repeat(255)), 'n'.repeat(255));
    assert.equal(quarantinePath('dst/a.dst', 7), '.rereco/quarantine/7/dst%a.dst');
  });

  it('keeps its end where it is too long, and is told apart from others by a hash', () => {
    const [one, other] = [`${'a'.repeat(300)}.dst`, `b${'a'.repeat(300)}.dst`].map(shortened);
    assert.equal(Buffer.byteLength(one ?? ''), LONGEST_NAME_BYTES);
    assert.match(one ?? '', /^[0-9a-f]{16}~a+\.dst$/);
    assert.notEqual(one, other);
  });

  it('always fits, and is always the same, whatever characters it has', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 400 });
    fc.assert(
      fc.property(texts, (text) => {
        const name = shortened(text);
        return Buffer.byteLength(name) <= LONGEST_NAME_BYTES && name === shortened(text);
      }),
    );
  });
});

describe('isOurs', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    [submissionName(4711, 'abcd1234', 7), true],
    ['r1-abcd1235-7', false],
    ['r1-xabcd1234-7', false],
    ['r1-abcd1234-7-8', false],
    ['r1-abcd1234', false],
    ['x1-abcd1234-7', false],
  ];
  for (const [name, ours] of cases) {
    it(`takes ${name} for ${ours ? 'a name of this installation' : "another's"}`, () => {
      assert.equal(isOurs(name, 'abcd1234'), ours);
    });
  }
});
