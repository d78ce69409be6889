import assert from 'node:assert/strict';
import { believeMembers, membersAreDue } from '../../reconcilers/decide/members/membership.ts';
import type { MembersAnswered, MembersSummary } from '../../reconcilers/model/members.ts';
import { aHold } from '../a-hold.ts';
import { aDataset, NOW } from '../builders.ts';
import { aSpec } from '../spec-builders.ts';

const summary = (fields: Partial<MembersSummary> = {}): MembersSummary => ({
  known: 1000,
  answered: 1000,
  added: 0,
  gone: 0,
  corrected: 0,
  contradicted: 0,
  arriving: 0,
  twice: null,
  ...fields,
});

const AGAIN: MembersAnswered = { inputIsNew: false, onlyGrows: false, runless: null, kept: null };
const FIRST: MembersAnswered = { ...AGAIN, inputIsNew: true };
const FOLDER: MembersAnswered = { ...AGAIN, onlyGrows: true };

const isHeld = (fields: Partial<MembersSummary>, asked = AGAIN) =>
  believeMembers(summary(fields), asked) !== 'apply';

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

  it('believes any loss at the first answer to another input: somebody meant it', () => {
    assert.ok(!isHeld({ answered: 1, gone: 999 }, FIRST));
  });

  it('takes what is missing in a folder for missing, not for gone', () => {
    assert.ok(!isHeld({ answered: 1, gone: 999 }, FOLDER));
    assert.ok(!isHeld({ answered: 0, gone: 1000 }, FOLDER));
    assert.ok(isHeld({ known: 0, answered: 0 }, FOLDER));
  });

  it('never believes an answer without any file', () => {
    assert.ok(isHeld({ answered: 0, gone: 1000 }));
    assert.ok(isHeld({ answered: 0, gone: 1000 }, FIRST));
    assert.ok(isHeld({ known: 0, answered: 0 }));
  });

  it('says where the files are that an answer without any has left out', () => {
    const runless = '2 files are not processed, since nobody knows their runs';
    assert.deepEqual(believeMembers(summary({ known: 0, answered: 0 }), { ...FIRST, runless }), {
      hold: runless,
    });
    assert.equal(believeMembers(summary(), { ...FIRST, runless }), 'apply');
  });

  it('waits for files that may still be written where there are none but those', () => {
    assert.ok(!isHeld({ known: 0, answered: 0, arriving: 3 }, FIRST));
  });

  it('never believes an answer in which several files have one name', () => {
    assert.ok(isHeld({ twice: 'a.raw' }));
    assert.ok(isHeld({ twice: 'a.raw' }, FIRST));
    assert.ok(isHeld({ twice: 'a.raw' }, FOLDER));
  });

  it('says how many have gone and what to do', () => {
    const answer = believeMembers(summary({ answered: 500, gone: 500 }), AGAIN);
    assert.ok(typeof answer === 'object' && 'hold' in answer);
    assert.match(answer.hold, /^500 of 1000 files .*commit a change of spec.input$/);
  });
});

describe('a doubt about members that a person has let pass', () => {
  const gone = summary({ answered: 500, gone: 500 });
  const [doubt] = [believeMembers(gone, AGAIN)].flatMap((one) =>
    typeof one === 'object' && 'hold' in one ? [one.hold] : [],
  );

  it('holds no more, and the answer is not taken either', () => {
    assert.deepEqual(believeMembers(gone, { ...AGAIN, kept: doubt ?? '' }), { keep: doubt });
  });

  it('holds again once it is another one', () => {
    const more = summary({ answered: 400, gone: 600 });
    assert.ok('hold' in Object(believeMembers(more, { ...AGAIN, kept: doubt ?? '' })));
  });
});

describe('membersAreDue', () => {
  const withSource = (
    source: ReturnType<typeof aSpec>['input']['source'],
    refreshSeconds: number | null = null,
  ) => aDataset({ input: { ...aSpec().input, source, refreshSeconds } });
  const definition = { kind: 'definition', definition: 'raw-all' } as const;
  const folder = { kind: 'files', files: ['raw/*.lhe'] } as const;

  it('asks at first, and again when the input changes', () => {
    assert.equal(membersAreDue(aDataset({}, { membersMs: null, membersInput: null }), false, NOW), true);
    assert.equal(membersAreDue(aDataset({}, { membersInput: 'another' }), false, NOW), true);
    assert.equal(membersAreDue(aDataset(), false, NOW), false);
  });

  it('keeps the snapshot of a definition, and reads a folder at every look at everything', () => {
    assert.equal(membersAreDue(withSource(definition), true, NOW), false);
    assert.equal(membersAreDue(withSource(folder), true, NOW), true);
    assert.equal(membersAreDue(withSource(folder), false, NOW), false);
  });

  it('asks again as often as the spec says', () => {
    const daily = withSource(definition, 86_400);
    assert.equal(membersAreDue(daily, false, NOW + 86_399_999), false);
    assert.equal(membersAreDue(daily, false, NOW + 86_400_000), true);
  });

  it('asks again once a file that may still be written has had the time to settle', () => {
    const files = aDataset(
      { input: { ...aSpec().input, source: folder, settleForSeconds: 5 } },
      { arrivingSinceMs: NOW },
    );
    assert.equal(membersAreDue(files, false, NOW + 4_999), false);
    assert.equal(membersAreDue(files, false, NOW + 5_000), true);
  });

  it('does not ask for those of an orphan: nothing new is begun for it', () => {
    const orphan = { ...withSource(folder), orphanedMs: NOW, membersMs: null };
    assert.equal(membersAreDue(orphan, true, NOW), false);
  });

  it('asks a held dataset again, but not at every pass', () => {
    const held = aDataset({}, { holds: [aHold()] });
    assert.equal(membersAreDue(held, false, NOW + 1000), false);
    assert.equal(membersAreDue(held, false, NOW + 60_000), true);
  });
});
