import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readUnit, UNIT_PATTERNS, type UnitKind } from '../../specs/units.ts';

describe('readUnit', () => {
  const good: readonly (readonly [UnitKind, string | number, number])[] = [
    ['time', '40h', 144_000],
    ['time', '1d12h', 129_600],
    ['time', '1.5h', 5_400],
    ['time', '90 s', 90],
    ['time', 0, 0],
    ['size', '2GB', 2_000_000_000],
    ['size', '1.1TB', 1_100_000_000_000],
    ['size', '4GiB', 4_294_967_296],
    ['size', '0', 0],
    ['share', '5%', 50_000],
    ['share', '0.0001%', 1],
    ['share', '100%', 1_000_000],
  ];
  for (const [kind, written, value] of good) {
    it(`reads the ${kind} ${written}`, () => assert.deepEqual(readUnit(kind, written), { ok: true, value }));
  }

  const bad: readonly (readonly [UnitKind, string | number, string])[] = [
    ['time', 40, 'write a time with its unit, such as 90s, 30m, 40h or 1d12h; 40 is none'],
    ['time', '12h1d', 'write a time with its unit, such as 90s, 30m, 40h or 1d12h; 12h1d is none'],
    ['time', '', 'write a time with its unit, such as 90s, 30m, 40h or 1d12h; an empty text is none'],
    ['time', '0.5s', '0.5s is not a whole number of seconds'],
    ['size', '2G', 'write a size with its unit, such as 500MB, 2GB or 4GiB; 2G is none'],
    ['size', -1, 'write a size with its unit, such as 500MB, 2GB or 4GiB; -1 is none'],
    ['size', '99999PB', '99999PB is more than this program can count'],
    ['share', '0.5', 'write a share in percent, such as 5% or 0.1%; 0.5 is none'],
  ];
  for (const [kind, written, sentence] of bad) {
    it(`refuses the ${kind} "${written}"`, () =>
      assert.deepEqual(readUnit(kind, written), { ok: false, sentence }));
  }

  it('adds up what is written in several units', () => {
    const part = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(part, part, part, part, (d, h, m, s) => {
        const value = ((d * 24 + h) * 60 + m) * 60 + s;
        assert.deepEqual(readUnit('time', `${d}d${h}h${m}m${s}s`), { ok: true, value });
      }),
    );
  });

  it('is exact for any size with decimals', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9_007_199_254_740_991n }), (bytes) => {
        const written = `${bytes / 10n ** 6n}.${String(bytes % 10n ** 6n).padStart(6, '0')}MB`;
        assert.deepEqual(readUnit('size', written), { ok: true, value: Number(bytes) });
      }),
    );
  });

  it('accepts nothing that the pattern shown to editors refuses', () => {
    const kinds = fc.constantFrom<UnitKind>('time', 'size', 'share');
    const texts = fc.string({ unit: fc.constantFrom(...'019.dhmskGiB% -e'), maxLength: 8 });
    fc.assert(
      fc.property(kinds, texts, (kind, text) => {
        const read = readUnit(kind, text.trim());
        assert.ok(
          !read.ok || (Number.isSafeInteger(read.value) && new RegExp(UNIT_PATTERNS[kind]).test(text.trim())),
        );
      }),
    );
  });
});
