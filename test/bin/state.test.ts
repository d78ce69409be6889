import assert from 'node:assert/strict';
import { withoutPassword } from '../../bin/state.ts';
import { connectionProblem } from '../../db/connection.ts';

describe('connectionProblem', () => {
  const good = [
    'postgres://rereco@db.example/rereco',
    'postgresql://localhost',
    'postgres://u:p%40ss@[::1]:5433/db',
    'postgres:///db?host=/var/run/postgresql&port=5433',
    'postgres://u@/db?host=/tmp',
    '/var/run/postgresql rereco',
  ];
  for (const url of good) it(`takes ${url}`, () => assert.equal(connectionProblem(url), null));

  const bad = [
    'foo',
    ' ',
    'http://a/b',
    'mysql://a/b',
    'postgres:/a',
    'postgres://a:99999/b',
    'postgres://a:b/c',
  ];
  for (const url of bad) it(`refuses ${url}`, () => assert.equal(typeof connectionProblem(url), 'string'));
});

describe('withoutPassword', () => {
  const cases = [
    ['postgres://u:secret@h:5432/d', 'postgres://u@h:5432/d'],
    ['postgres://u@h/d', 'postgres://u@h/d'],
    ['postgres://h:5432/d', 'postgres://h:5432/d'],
    ['postgres://u:a:b@/d?host=/tmp', 'postgres://u@/d?host=/tmp'],
    ['postgres://h/d?user=u&password=secret&x=1', 'postgres://h/d?user=u&password=…&x=1'],
  ] as const;
  for (const [url, shown] of cases) it(`shows ${shown}`, () => assert.equal(withoutPassword(url), shown));
});
