import assert from 'node:assert/strict';
import fc from 'fast-check';
import { namesMeant, oneLine, safeJson, safeText, shown } from '../../bin/print/shown.ts';
import { cut, shortened, widthOf } from '../../bin/print/width.ts';
import { hanging, wrapped } from '../../bin/print/wrap.ts';

describe('shown', () => {
  const cases: readonly (readonly [name: string, as: string])[] = [
    ['all_0000195142_001.raw', 'all_0000195142_001.raw'],
    ['日本語.raw', '日本語.raw'],
    ['a b.raw', 'a b.raw'],
    [' a  b ', '\\x20a \\x20b\\x20'],
    ['a\nb', 'a\\nb'],
    ['a\tb\rc', 'a\\tb\\rc'],
    ['a\\nb', 'a\\\\nb'],
    ['a\x1b[31mb', 'a\\x1b[31mb'],
    ['a\x7fb\x9bc', 'a\\x7fb\\x9bc'],
    ['a\u202egnp', 'a\\u202egnp'],
    ['a\u200bb\u00a0c', 'a\\u200bb\\xa0c'],
    ['no \ufffd UTF-8', 'no \\ufffd UTF-8'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ];
  for (const [name, as] of cases) {
    it(`writes ${JSON.stringify(name)} as ${as}`, () => assert.equal(shown(name), as));
  }

  it('shows no two names alike, and each can be asked for as it is shown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (name) => {
        const as = shown(name);
        assert.doesNotMatch(as, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u);
        assert.ok(namesMeant(as).includes(name), as);
      }),
    );
  });

  it('takes a name as it is typed first, then what its escapes stand for', () => {
    assert.deepEqual(namesMeant('plain'), ['plain']);
    assert.deepEqual(namesMeant('a\\nb'), ['a\\nb', 'a\nb']);
    assert.deepEqual(namesMeant('a\\033b'), ['a\\033b', 'a\x1bb']);
    assert.deepEqual(namesMeant('a\\zb'), ['a\\zb']);
  });
});

describe('texts for a terminal', () => {
  it('keep their lines and lose what moves a cursor', () => {
    assert.equal(safeText('one\n\ttwo \x1b[2J'), 'one\n\ttwo \\x1b[2J');
    assert.equal(oneLine('one\ntwo \\ three'), 'one\\ntwo \\ three');
  });

  it('are the same data as JSON', () => {
    const data = { name: 'a\x9b\u202e\u{e0041}b' };
    const json = safeJson(JSON.stringify(data));
    assert.match(json, /^[\x20-\x7e]*$/);
    assert.deepEqual(JSON.parse(json), data);
  });
});

describe('the width of texts', () => {
  it('counts columns of a terminal', () => {
    const widths = ['abc', '日本', 'e\u0301', '🙂'].map(widthOf);
    assert.deepEqual(widths, [3, 4, 1, 2]);
  });

  const cases: readonly (readonly [text: string, width: number, as: string])[] = [
    ['short', 5, 'short'],
    ['all_0000195142_001.raw', 11, 'all_0…1.raw'],
    ['日本語のファイル.raw', 11, '日本….raw'],
    ['esc\\x1b[31mred.raw', 9, 'esc….raw'],
    ['esc\\x1b[31mred.raw', 15, 'esc\\x1b…red.raw'],
  ];
  for (const [text, width, as] of cases) {
    it(`shortens ${text} to ${width} as ${as}`, () => {
      assert.equal(shortened(text, width), as);
      assert.ok(widthOf(as) <= width);
    });
  }

  it('cuts a sentence at its end', () => assert.equal(cut('the file has vanished', 9), 'the file…'));
});

describe('sentences', () => {
  it('breaks lines between words, behind the indent', () => {
    assert.equal(wrapped('one two three', '  ', 9), '  one two\n  three');
  });

  it('breaks no name apart, and keeps its blanks and what no terminal shows', () => {
    assert.equal(wrapped('is at a\n  b.dst now', '', 80), 'is at a\\n  b.dst now');
    assert.equal(wrapped('日本語 日本語', '', 12), '日本語\n日本語');
    assert.ok(
      wrapped('it is latin\ufffd.txt', '', 16)
        .split('\n')
        .every((line) => line.length <= 16),
    );
  });

  it('indents the further lines of a sentence among others', () => {
    assert.equal(hanging('one two three', 9), 'one two\n  three');
    assert.equal(hanging('  one two', 6), '  one\n    two');
    assert.equal(hanging('one  two three', Number.POSITIVE_INFINITY), 'one  two three');
  });
});
