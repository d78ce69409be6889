import assert from 'node:assert/strict';
import { type Explanation, explain } from '../../specs/explain.ts';
import { nearest } from '../../specs/nearest.ts';
import { fieldsOf } from '../../specs/schema/fields.ts';

/** What is said of a field that all who have it say the same of. */
function only(path: string): Explanation {
  const said = explain(path);
  assert.ok(!('found' in said) && said.length === 1, path);
  return said[0];
}

describe('explain', () => {
  it('tells what the schema says of a field', () => {
    assert.deepEqual(only('spec.job.filesPerJob'), {
      kinds: ['Dataset'],
      path: 'spec.job.filesPerJob',
      type: 'whole number',
      description: 'Files a job takes at most, each with its own counts, outputs and fate.',
      default: 1,
      change: 'next submission',
      example: undefined,
      fields: [],
    });
  });

  it('lists the fields of a group', () => {
    assert.deepEqual(
      only('spec.retry.process').fields.map(({ name }) => name),
      ['attempts', 'first', 'longest'],
    );
  });

  it('goes through names of the user, given or left out', () => {
    const [named, bare] = [only('spec.outputs.dst.policy'), only('spec.outputs.policy')];
    assert.deepEqual([named.description, named.type], [bare.description, 'equal or none, or a map']);
  });

  it('goes through lists', () => {
    const [plain, indexed] = [only('spec.movers.from'), only('spec.movers[0].from')];
    assert.equal(plain.description, indexed.description);
  });

  it('tells apart what a dataset and a site mean by the same name', () => {
    const said = explain('spec');
    assert.ok(!('found' in said));
    assert.deepEqual(
      said.map(({ kinds, description }) => [kinds, description]),
      [
        [['Dataset'], 'What the dataset should become.'],
        [['Site'], 'The systems of the site.'],
      ],
    );
  });

  it('asks what was meant', () => {
    assert.deepEqual(explain('spec.job.marco'), {
      found: false,
      sentence: 'no field marco below spec.job; did you mean macro?',
    });
    assert.ok('found' in explain('spec.job.toString'));
  });

  it('explains every field there is', () => {
    const missing = fieldsOf().filter(({ path }) => 'found' in explain(path.join('.')));
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
