import assert from 'node:assert/strict';
import { explain } from '../../specs/explain.ts';
import { nearest } from '../../specs/nearest.ts';
import { fieldsOf } from '../../specs/schema/fields.ts';

describe('explain', () => {
  it('tells what the schema says of a field', () => {
    assert.deepEqual(explain('spec.job.filesPerJob'), {
      found: true,
      kinds: ['Dataset'],
      path: 'spec.job.filesPerJob',
      type: 'whole number',
      description: 'Files a job takes at most, each with its own counts, outputs and fate.',
      default: 1,
      change: 'next submission',
      fields: [],
    });
  });

  it('lists the fields of a group', () => {
    const group = explain('spec.limits.budgets');
    assert.deepEqual(group.found && group.fields.map(({ name }) => name), ['delete', 'quarantine', 'cancel']);
  });

  it('goes through names of the user, given or left out', () => {
    const [named, bare] = [explain('spec.outputs.dst.policy'), explain('spec.outputs.policy')];
    assert.ok(named.found && bare.found);
    assert.deepEqual([named.description, named.type], [bare.description, 'equal or none, or a map']);
  });

  it('goes through lists', () => {
    const [plain, indexed] = [explain('spec.movers.from'), explain('spec.movers[0].from')];
    assert.ok(plain.found && indexed.found);
    assert.equal(plain.description, indexed.description);
  });

  it('asks what was meant', () => {
    assert.deepEqual(explain('spec.job.marco'), {
      found: false,
      sentence: 'no field marco below spec.job; did you mean macro?',
    });
    assert.equal(explain('spec.job.toString').found, false);
  });

  it('explains every field there is', () => {
    const missing = fieldsOf().filter(({ path }) => !explain(path.join('.')).found);
    assert.deepEqual(missing, []);
  });
});

describe('nearest', () => {
  for (const [word, meant] of [
    ['marco', 'macro'],
    ['Command', 'command'],
    ['comands', 'command'],
    ['xyz', undefined],
    ['x'.repeat(100_000), undefined],
  ] as const) {
    it(`takes ${word.slice(0, 10)} for ${meant}`, () => {
      assert.equal(nearest(word, ['input', 'macro', 'command', 'type']), meant);
    });
  }
});
