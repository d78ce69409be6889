import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseAllDocuments, stringify } from 'yaml';
import { parseSpecs } from '../../specs/parse.ts';
import { validateSpecs } from '../../specs/validate.ts';

const TEXTS = ['laptop/lhe-skim.yaml', 'dzero/p17.yaml', 'slurm-xrootd/run2025c.yaml'].map((name) =>
  readFileSync(new URL(`../../specs/examples/${name}`, import.meta.url), 'utf8'),
);
const DOCUMENTS: readonly unknown[] = TEXTS.flatMap((text) =>
  parseAllDocuments(text).map((tree) => tree.toJS()),
);

const JUNK = fc.constantFrom<unknown>(null, [], {}, '', 'x', '{', '{x}', 3, -1, 1e99, true, [[]], {
  x: { y: [] },
});

/** The document with the nth of its values replaced. */
function spoilt(value: unknown, nth: number, junk: unknown): unknown {
  let left = nth;
  const visit = (node: unknown): unknown => {
    if (left-- === 0) return junk;
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, below]) => [key, visit(below)]));
  };
  return visit(value);
}

describe('validateSpecs, of spoilt specs', () => {
  it('never throws, whatever stands in a place', () => {
    const which = fc.constantFrom(...DOCUMENTS);
    fc.assert(
      fc.property(which, fc.nat(60), JUNK, fc.nat(60), JUNK, (document, first, one, second, two) => {
        const value = spoilt(spoilt(document, first, one), second, two);
        const { documents } = parseSpecs('a.yaml', stringify(value));
        validateSpecs(
          documents.filter((each) => typeof each.value === 'object' && !Array.isArray(each.value)),
          new Map(),
          null,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, whatever a file is cut or spliced to', () => {
    const which = fc.constantFrom(...TEXTS);
    fc.assert(
      fc.property(
        which,
        fc.nat(2000),
        fc.nat(30),
        fc.string({ unit: fc.constantFrom(...'{}[]:-&*!| \n"\'#%@ab'), maxLength: 6 }),
        (text, at, length, splice) => {
          const { documents } = parseSpecs('a.yaml', text.slice(0, at) + splice + text.slice(at + length));
          validateSpecs(
            documents.filter((each) => typeof each.value === 'object' && !Array.isArray(each.value)),
            new Map(),
            null,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
