import assert from 'node:assert/strict';
import { believeMembers, type MembersSummary } from '../../reconcilers/decide/membership.ts';

const summary = (fields: Partial<MembersSummary> = {}): MembersSummary => ({
  known: 1000,
  answered: 1000,
  added: 0,
  gone: 0,
  corrected: 0,
  contradicted: 0,
  ...fields,
});

const isHeld = (fields: Partial<MembersSummary>, underNewGeneration = false) =>
  believeMembers(summary(fields), underNewGeneration) !== 'apply';

describe('believeMembers', () => {
  it('believes an answer that changes nothing, or adds files', () => {
    assert.ok(!isHeld({}));
    assert.ok(!isHeld({ known: 0, answered: 500, added: 500 }));
    assert.ok(!isHeld({ answered: 2000, added: 1000 }));
  });

  it('believes that up to one file in a hundred has gone, and no more', () => {
    assert.ok(!isHeld({ answered: 990, gone: 10 }));
    assert.ok(isHeld({ answered: 989, gone: 11 }));
  });

  it('believes any loss under a new generation: somebody meant it', () => {
    assert.ok(!isHeld({ answered: 1, gone: 999 }, true));
  });

  it('never believes an answer without any file', () => {
    assert.ok(isHeld({ answered: 0, gone: 1000 }));
    assert.ok(isHeld({ answered: 0, gone: 1000 }, true));
    assert.ok(isHeld({ known: 0, answered: 0 }));
  });

  it('says how many have gone and what to do', () => {
    const answer = believeMembers(summary({ answered: 500, gone: 500 }), false);
    assert.ok(answer !== 'apply');
    assert.match(answer.hold, /^500 of 1000 files .*commit a change of the spec$/);
  });
});
