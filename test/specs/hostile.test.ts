/** Whatever a file holds: it becomes problems with a place, or is no spec of ours, and the others go on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { aDataset, aSite, type SpecFolder, specFolder } from './folder.ts';

/** Values that have tripped parsers, or that a library has other ideas about. */
const VALUES = [
  '*nowhere',
  '*a',
  '[*a, *a, *a, *a]',
  '[*nowhere]',
  '&a {b: c}',
  '&a [*a]',
  '{<<: *a}',
  '{<<: text}',
  '{<<: [1, {a: b}]}',
  '{<<: ~}',
  '{<<: {<<: *a}, x: y}',
  '{"<<": 1}',
  '{__proto__: {x: 1}, constructor: 1, hasOwnProperty: 2}',
  '{toString: 1, valueOf: 2}',
  '[{toString: [], length: -1}]',
  '"\\0"',
  '"\\uD800"',
  '"\\r\\n\\u2028\\e[31m"',
  '!!merge x',
  '!!binary "/w=="',
  '!!set {a, b}',
  '!!omap [a: 1]',
  '!!float x',
  '!<tag:yaml.org,2002:str> 1',
  '!x',
  '.nan',
  '-.inf',
  '1e999',
  '0x1F',
  '123456789012345678901234567890',
  '2026-11-25T01:02:03Z',
  '~',
  "''",
  '|\n   x',
  '>-\n\n\n',
  '? x',
  '{? [a]: b}',
  '{[a, b]: c}',
  '{a: b, a: c}',
  '---',
  '...',
  '%YAML 1.1',
  '# x',
  '\t',
  '@',
  '`',
  '[',
  '}',
  '"',
] as const;

/** Endings and beginnings of whole files. */
const WRAPPINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `\uFEFF${text}`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => `%YAML 1.1\n---\n${text}`,
  (text) => `%YAML 9.9\n%TAG ! x\n---\n${text}`,
  (text) => `x: &a {b: *a}\n---\n${text}`,
  (text) => `${text}---\n${text}`,
  (text) => `${text}...\n... \n`,
];

const SOURCES = ['laptop/lhe-skim.yaml', 'dzero/p17.yaml', 'slurm-xrootd/run2025c.yaml'].map((name) =>
  readFileSync(new URL(`../../specs/examples/${name}`, import.meta.url), 'utf8'),
);

interface Cut {
  readonly line: number;
  readonly value: string;
  readonly how: 'value' | 'key' | 'insert' | 'remove' | 'repeat' | 'merge';
}

const CUT: fc.Arbitrary<Cut> = fc.record({
  line: fc.nat(80),
  value: fc.constantFrom(...VALUES),
  how: fc.constantFrom<Cut['how']>('value', 'key', 'insert', 'remove', 'repeat', 'merge'),
});

/** A good spec with a few of its lines spoilt in ways that a person, a script or an enemy might. */
function cut(text: string, { line, value, how }: Cut): string {
  const lines = text.split('\n');
  const at = line % lines.length;
  const old = lines[at] ?? '';
  const [, indent = '', key = ''] = /^( *)([^:]*)/.exec(old) ?? [];
  const written: Readonly<Record<Cut['how'], readonly string[]>> = {
    value: [`${indent}${key}: ${value}`],
    key: [`${indent}${value}: ${old.slice(indent.length + key.length + 1)}`],
    insert: [`${indent}${value}`, old],
    remove: [],
    repeat: [old, old],
    merge: [old, `${indent}<<: ${value}`],
  };
  return [...lines.slice(0, at), ...written[how], ...lines.slice(at + 1)].join('\n');
}

const SPOILT: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...SOURCES),
    fc.array(CUT, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(...WRAPPINGS),
  )
  .map(([text, cuts, wrap]) => wrap(cuts.reduce(cut, text)));

/** A good spec into whose bytes others are written. */
const BYTES: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...SOURCES), fc.nat(2_000), fc.nat(40), fc.uint8Array({ maxLength: 12 }))
  .map(([text, at, length, bytes]) => {
    const whole = Buffer.from(text);
    return Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + length)]);
  });

describe('loadSpecs, whatever files hold', function () {
  this.timeout(600_000);
  let folder: SpecFolder;
  before(async () => {
    // A site of its own: without, a file that cannot be read might hold the one that is meant.
    const good = `${aSite({}, 'here')}---\n${aDataset({ site: 'here' }, 'one')}`;
    folder = await specFolder({ 'good/one.yaml': good });
  });
  after(() => folder.drop());

  /** What should not have come of files; empty where all is well. */
  const faults = async (contents: readonly (string | Uint8Array)[]): Promise<readonly string[]> => {
    for (const [n, content] of contents.entries()) await folder.write(`bad/${n}.yaml`, content);
    const { datasets, problems } = await folder.load();
    const strange = problems.filter(
      ({ line, column, sentence }) => line < 1 || column < 1 || /please report|as YAML \(/.test(sentence),
    );
    const lost = datasets.some(({ spec }) => spec.name === 'one') ? [] : ['the good one is lost'];
    return [...lost, ...strange.map(({ sentence }) => sentence)];
  };

  for (const [what, files] of [
    ['spoilt specs', SPOILT],
    ['spoilt bytes', BYTES],
  ] as const) {
    it(`gives ${what} problems with a place each, and goes on with the good one`, async () => {
      const many = fc.array<string | Uint8Array>(files, { minLength: 25, maxLength: 25 });
      const property = fc.asyncProperty(many, async (contents) =>
        assert.deepEqual(await faults(contents), []),
      );
      // Bounded in time as well: a busy machine plays fewer of them.
      const bounds = { numRuns: 20, interruptAfterTimeLimit: 8_000, endOnFailure: true };
      const { failed, seed, errorInstance } = await fc.check(property, bounds);
      assert.ok(!failed, `seed ${seed}: ${errorInstance}`);
    });
  }
});
