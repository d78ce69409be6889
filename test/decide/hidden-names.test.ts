import assert from 'node:assert/strict';
import { takesHidden } from '../../reconcilers/decide/members/hidden-names.ts';

describe('takesHidden', () => {
  const cases: readonly (readonly [glob: string, path: string, takes: boolean])[] = [
    ['raw/*', 'raw/a.raw', true],
    ['raw/*', 'raw/.a.raw.Xy12Zw', false],
    ['./raw/*', 'raw/.a.raw', false],
    ['*.raw', '.b.raw', false],
    ['**/*.raw', 'raw/.partial/a.raw', false],
    ['**', 'raw/.a.raw', false],
    ['raw/.*', 'raw/.a.raw', true],
    ['raw/{.a,b}*', 'raw/.a.raw', true],
    ['.cache/*', '.cache/a.raw', true],
    ['.cache/*', '.cache/.a.raw', false],
    ['raw/.*', 'raw/.partial/.a.raw', false],
    ['../raw/*', 'raw/.a.raw', false],
  ];
  for (const [glob, path, takes] of cases) {
    it(`lets ${glob} ${takes ? 'take' : 'pass by'} ${path}`, () =>
      assert.equal(takesHidden(glob, path), takes));
  }
});
