import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { matchesALine, posixPattern } from '../../specs/posix-pattern.ts';

/** What the whole pattern and its groups match; 'refused' with no match. */
function match(pattern: string, line: string) {
  const read = posixPattern(pattern);
  return read.ok ? read.match(line) : 'refused';
}

describe('posixPattern', () => {
  const matching: readonly (readonly [string, string, readonly (string | undefined)[]])[] = [
    ['^FATAL[[:space:]]+ORA-[[:digit:]]+', 'FATAL \t ORA-01017 on host7', ['FATAL \t ORA-01017']],
    ['read ([0-9]+) events', 'read 17 events', ['read 17 events', '17']],
    ['a{2,3}', 'aaaa', ['aaa']],
    ['a{2}b{1,}', 'aabb', ['aabb']],
    ['[]a]+', 'x]a]', [']a]']],
    ['[^]a]', ']ab', ['b']],
    ['[a-]+', 'b-a-', ['-a-']],
    ['[]-a]+', 'x]^_`a', [']^_`a']],
    ['[%--]+', "a&'()*+,-.", ["&'()*+,-"]],
    ['[\\]+', 'a\\\\b', ['\\\\']],
    ['[\\.]+', 'a.\\b', ['.\\']],
    ['[[.-.]x]+', '-x', ['-x']],
    ['\\{"event"', '{"event": 1}', ['{"event"']],
    ['\\/data\\-x', '/data-x', ['/data-x']],
    ['(1|12)(3)?', '123', ['123', '12', '3']],
    ['abcd|c', 'xabcd', ['abcd']],
    ['abcx|c', 'xabcd', ['c']],
    ['(a)|(b)', 'b', ['b', undefined, 'b']],
    ['(a*)*b', 'aab', ['aab', 'aa']],
    ['^..$', 'é', ['é']],
    ['.', '\r', ['\r']],
    ['\\(?[0-9]+\\)?', 'run (17)', ['(17)']],
    ['[(?]+', 'a(?', ['(?']],
    ['x.y', 'x\u2028y', []],
  ];
  for (const [pattern, line, found] of matching) {
    it(`matches ${JSON.stringify(line)} by ${pattern}`, () =>
      assert.deepEqual([...(match(pattern, line) ?? [])], found));
  }

  const refused: readonly (readonly [string, RegExp])[] = [
    ['^\\d+', /uses \\d, which POSIX has not; write a class such as \[0-9\]/],
    ['\\bx', /uses \\b, which POSIX has not/],
    ['a\\tb', /uses \\t, .* write \[\[:blank:\]\] or the tab itself/],
    ['\\<x\\>', /uses \\</],
    ['(a)\\1', /uses \\1/],
    ['(?:a)', /uses \(\?/],
    ['(?=a)', /uses \(\?/],
    ['(?<name>a)', /uses \(\?/],
    ['a+?', /repeats a repetition/],
    ['a{2}*', /repeats a repetition/],
    ['*a', /has a \* with nothing before it/],
    ['^*', /has a \* with nothing before it/],
    ['(+a)', /has a \+ with nothing before it/],
    ['{"event"', /has a \{ with nothing before it to repeat; write \\\{/],
    ['a{,3}', /has a \{ that begins no interval/],
    ['a{3,2}', /end is before its beginning/],
    ['a{256}', /more than 255 times/],
    ['a|', /empty alternative/],
    ['()', /empty alternative/],
    ['(a', /a \( without its \)/],
    ['a)', /has a \) without its \(/],
    ['[a', /has a \[ without its \]/],
    ['[]', /has a \[ without its \]/],
    ['[[:digits:]]', /has no class \[:digits:\]; there are alnum, alpha/],
    ['[:digit:]', /has \[:digit:\]; a class stands in brackets of its own/],
    ['[z-a]', /range z-a, whose end is before/],
    ['[[:digit:]-z]', /range that begins or ends with a class/],
    ['[\\d]', /uses \\d in brackets, where a backslash stands for itself/],
    ['[^\\]]', /uses \\\] in brackets/],
    ['((a{255}){255}){255}', /comes to too many repetitions/],
    ['a\\', /ends in a backslash/],
    ['a\nb', /spans several lines/],
    ['a\0b', /holds a NUL/],
  ];
  for (const [pattern, sentence] of refused) {
    it(`refuses ${JSON.stringify(pattern)}`, () => {
      const read = posixPattern(pattern);
      assert.match(read.ok ? 'accepted' : read.sentence, sentence);
    });
  }

  it('takes no longer for an expression with many ways to match', () => {
    const line = 'a'.repeat(20_000);
    for (const pattern of ['(a+)+b', '(a|a)*b', '(a*){2,50}b', '^(.*,)*x', '((a?)+)+b$']) {
      assert.equal(match(pattern, line), undefined, pattern);
    }
  });

  it('matches one line at a time', () => {
    assert.equal(matchesALine('^b$', 'a\nb\nc'), true);
    assert.equal(matchesALine('a[^x]b', 'a\nb'), false);
    assert.equal(matchesALine('\\d', 'd1'), false, 'what is no pattern matches nothing');
  });

  it('accepts what is made by the grammar', () => {
    fc.assert(fc.property(expression(3), (pattern) => assert.equal(posixPattern(pattern).ok, true, pattern)));
  });

  it('matches the lines that grep -E and sed -E match', () => {
    const anything = fc.string({
      unit: fc.constantFrom(...'ab1-.*+?^$|(){},[]:\\ é'),
      minLength: 1,
      maxLength: 9,
    });
    const patterns = fc
      .sample(fc.oneof(expression(3), expression(2), anything), { numRuns: 150, seed: 21 })
      .filter((pattern) => posixPattern(pattern).ok);
    assert.ok(patterns.length > 75, 'the patterns are patterns');
    const unit = fc.constantFrom(...'aabb1-.^$|(){}[]:\\ \té');
    const lines = ['', ...fc.sample(fc.string({ unit, maxLength: 8 }), { numRuns: 40, seed: 26 })];
    const [byGrep = [], bySed = [], found = []] = matchedBy(patterns, lines);
    const ours = patterns.map((pattern) =>
      lines.flatMap((line, n) => (match(pattern, line) === undefined ? [] : [n + 1])).join(' '),
    );
    for (const [n, pattern] of patterns.entries()) {
      assert.equal(byGrep[n], ours[n], `grep -E ${pattern}`);
      assert.equal(bySed[n], ours[n], `sed -E ${pattern}`);
      // grep shows the first text in a line that is not empty.
      const line = lines.findIndex((one) => match(pattern, one) !== undefined);
      const whole = match(pattern, lines[line] ?? '')?.[0] ?? '';
      // And it is mistaken where an anchor stands in the middle: ($a)? takes an a for it.
      if (whole !== '' && !/[$^]/.test(pattern))
        assert.equal(found[n], `${line + 1}:${whole}`, `grep -oE ${pattern}`);
    }
  });
});

/** Patterns by the grammar of POSIX, over few signs, so that they match often. */
function expression(depth: number): fc.Arbitrary<string> {
  const single = fc.constantFrom(
    'a',
    'b',
    '1',
    '-',
    ' ',
    '.',
    '\\.',
    '\\\\',
    '\\[',
    '\\{',
    '}',
    ']',
    ':',
    'é',
  );
  const inBrackets = fc.constantFrom(
    'a',
    'b',
    '1',
    '^',
    'a-b',
    '0-9',
    '[:alpha:]',
    '[:space:]',
    '[:punct:]',
    '.',
    '$',
    '(',
  );
  const brackets = fc
    .tuple(
      fc.constantFrom('', '^', ']', '^]'),
      fc.array(inBrackets, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '-'),
    )
    .map(([head, items, tail]) => `[${head}x${items.join('')}${tail}]`);
  const atom =
    depth === 0
      ? fc.oneof(single, brackets)
      : fc.oneof(
          single,
          brackets,
          expression(depth - 1).map((one) => `(${one})`),
        );
  const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}');
  const piece = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(atom, repeat).map((two) => two.join('')) },
    fc.constantFrom('^', '$'),
  );
  const branch = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(''));
  return fc.array(branch, { minLength: 1, maxLength: 2 }).map((branches) => branches.join('|'));
}

/** The numbers of the lines that match each pattern, as grep and as sed have it. */
function matchedBy(patterns: readonly string[], lines: readonly string[]): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'rereco-posix-'));
  try {
    const file = join(folder, 'lines');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
    const script = patterns.flatMap((pattern) => [
      `grep -nE -e ${quoted(pattern)} ${file} 2>&1 | cut -d: -f1 | paste -sd' '`,
      `sed -nE ${quoted(`\\@${pattern}@=`)} ${file} 2>&1 | paste -sd' '`,
      `printf '%s\\n' "$(grep -onE -m 1 -e ${quoted(pattern)} ${file} | head -n 1)"`,
    ]);
    writeFileSync(join(folder, 'script'), script.join('\n'));
    const env = { ...process.env, LC_ALL: 'C' };
    const rows = execFileSync('sh', [join(folder, 'script')], { env, encoding: 'utf8' }).split('\n');
    return [0, 1, 2].map((which) => patterns.map((_, n) => rows[3 * n + which] ?? ''));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
