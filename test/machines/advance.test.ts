import assert from 'node:assert/strict';
import fc from 'fast-check';
import { advance, advancer, type Position } from '../../machines/advance.ts';
import { FILE_FACTS, POSITIONS } from './facts.ts';

const aPosition = fc.constantFrom(...POSITIONS);
const someFacts = fc.array(fc.constantFrom(...FILE_FACTS), { maxLength: 30 });

describe('advance', () => {
  it('answers a new position that differs, or the very same object', () => {
    fc.assert(
      fc.property(aPosition, someFacts, (start, facts) => {
        let at: Position = start;
        for (const fact of facts) {
          const next = advance(at, fact);
          if (next !== at) assert.notDeepEqual(next, at);
          at = next;
        }
      }),
    );
  });

  it('changes nothing it was given', () => {
    fc.assert(
      fc.property(aPosition, fc.constantFrom(...FILE_FACTS), (start, fact) => {
        advance(Object.freeze({ ...start }), Object.freeze({ ...fact }));
      }),
    );
  });

  it('has phase and fault in error only', () => {
    fc.assert(
      fc.property(aPosition, someFacts, (start, facts) => {
        const { state, phase, fault } = facts.reduce<Position>(advance, start);
        assert.equal(phase !== null, state === 'error');
        if (state !== 'error') assert.equal(fault, null);
      }),
    );
  });
});

describe('a grouped advancer', () => {
  it('answers as advance does, however often it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(aPosition, someFacts), { maxLength: 5 }), (files) => {
        const grouped = advancer();
        for (const [start, facts] of files) {
          let at: Position = { ...start };
          for (const fact of facts) {
            const alone = advance(at, fact);
            const together = grouped(at, fact);
            assert.deepEqual(together, alone);
            assert.equal(together === at, alone === at, 'the same object where nothing changed');
            at = together;
          }
        }
      }),
    );
  });
});
