import assert from 'node:assert/strict';
import fc from 'fast-check';
import pg from 'pg';
import {
  type Condition,
  definitionCondition,
  queryCondition,
} from '../../reconcilers/drivers/catalog/embedded/definitions.ts';
import { isOf, type Queried } from '../../reconcilers/drivers/catalog/embedded/is-of.ts';
import { querySql } from '../../reconcilers/drivers/catalog/embedded/query-sql.ts';
import { type TestDatabase, testDatabase } from '../postgres.ts';

const FILES: readonly Queried[] = [
  { name: 'all_0001.raw', dataTier: 'raw', run: 1 },
  { name: 'all_0012.raw', dataTier: 'raw', run: 12 },
  { name: 'allX0012.raw', dataTier: 'raw', run: null },
  { name: '100%\\ "it\'s".dst', dataTier: 'dst', run: 12 },
  { name: 'and', dataTier: null, run: 4800 },
];

const DEFINITIONS = {
  raw: 'data_tier raw',
  'early raw': "__set__ raw and run 1-10 or name 'and'",
  loop: 'definition hoop',
  hoop: 'not (definition loop)',
  self: 'definition self',
  broken: 'run x',
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [`twice${n + 1}`, `definition twice${n} or definition twice${n}`]),
  ),
  twice0: 'run 1',
};

describe('the query language', () => {
  const good: readonly { readonly query: string; readonly files: readonly number[] }[] = [
    { query: 'data_tier raw', files: [0, 1, 2] },
    { query: 'DATA_TIER raw AND Run_Number 1-10,12', files: [0, 1] },
    { query: "tier raw and run 1-11 , 12 and name 'all_%'", files: [0, 1] },
    { query: 'file_name all_%', files: [0, 1] },
    { query: 'name %0012%', files: [1, 2] },
    { query: 'name all%, "and"', files: [0, 1, 2, 4] },
    { query: 'name %', files: [0, 1, 2, 3, 4] },
    { query: 'name a%%12%w', files: [1, 2] },
    { query: 'name all_0001.raw%all_0001.raw', files: [] },
    { query: 'name 100\\%%', files: [3] },
    { query: 'name 100\\%\\\\\\ \\"it\\\'s\\".dst', files: [3] },
    { query: `name "100\\%\\\\ \\"it's\\".dst"`, files: [3] },
    { query: `name 'and'`, files: [4] },
    { query: `data_tier ''`, files: [] },
    { query: 'not run 1-12', files: [2, 4] },
    { query: 'not not run 1', files: [0] },
    { query: 'not data_tier raw', files: [3, 4] },
    { query: 'run 1 or run 4800 and tier none', files: [0] },
    { query: '(run 1 or run 12) and not (tier dst)', files: [0, 1] },
    { query: 'data_tier\traw\n and run 12', files: [1] },
    { query: 'definition raw', files: [0, 1, 2] },
    { query: `not definition 'early raw'`, files: [1, 2, 3] },
    { query: 'data_tier Raw', files: [] },
  ];
  for (const { query, files } of good) {
    it(`reads ${query}`, () => {
      const condition = queryCondition(query, DEFINITIONS);
      const found = FILES.flatMap((file, n) => (isOf(condition, file) ? [n] : []));
      assert.deepEqual(found, files);
    });
  }

  const bad: readonly (readonly [query: string, message: RegExp])[] = [
    ['', /column 1: expected data_tier.*found the end of the query/],
    ['data_tier', /column 10: expected a text, found the end/],
    ['data_tier raw run 1', /column 15: expected and, or or the end of the query, found 'run'/],
    ['data_tier raw and', /column 18: expected data_tier/],
    ['tier and', /column 6: expected a text, found 'and'; quote it/],
    ['colour red', /column 1: expected data_tier, run, name, definition, not or '\(', found 'colour'/],
    ['"run" 1', /column 1: expected data_tier/],
    ['toString x', /column 1: expected/],
    ['__proto__ x', /column 1: expected/],
    ['run x', /column 5: expected a run or a range such as 1-10, found 'x'/],
    ['run 10-1', /column 5: the range 10-1 ends before/],
    ['run 1-', /column 5: expected a run/],
    ['run 9999999999999999', /column 5: expected a run/],
    ['run 1,', /column 7: expected a run/],
    ['run 1,,2', /column 7: expected a run.*','/],
    ['(run 1', /column 7: expected and, or or '\)', found the end/],
    ['run 1)', /column 6: expected and, or or the end of the query, found '\)'/],
    ["name 'open", /column 6: the quote ' that opens here is never closed/],
    ['name back\\', /column 10: a '\\' must be followed/],
    ['name nul\u0000', /column 9: this character/],
    ['name \ud800', /column 6: this character/],
    ['definition a%', /column 12: .* no wildcards/],
    [`${'('.repeat(100_000)}run 1`, /column 102: nested more than 100 deep/],
    [`${'not '.repeat(100_000)}run 1`, /nested more than 100 deep/],
    ['definition none', /column 12: definition none is not known; known: broken, early raw/],
    ['definition constructor', /definition constructor is not known/],
    ['definition self', /definition self is defined by itself: self -> self/],
    [
      'run 1 or definition loop',
      /definition hoop: column 17: definition loop is defined by itself: loop -> hoop -> loop/,
    ],
    ['definition broken', /definition broken: column 5: expected a run/],
    ['definition twice40', /more than 10000 terms/],
  ];
  for (const [query, message] of bad) {
    it(`refuses ${JSON.stringify(query.slice(0, 40))}`, () => {
      assert.throws(() => queryCondition(query, DEFINITIONS), { code: 'rejected', message });
    });
  }

  it('names a definition that is not known', () => {
    assert.throws(() => definitionCondition('none', {}), {
      code: 'rejected',
      message: 'definition none is not known; known: none',
    });
  });
});

const nasty = fc.string({
  unit: fc.constantFrom('a', 'b', '%', '_', '\\', "'", '"', ' ', '\n', 'é', '\u{1F600}'),
  maxLength: 5,
});
const aRun = fc.integer({ min: 0, max: 6 });
const aFile = fc.record({
  name: nasty,
  dataTier: fc.option(nasty),
  run: fc.option(aRun),
});
const aTerm: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('tier' as const, 'name' as const),
    patterns: fc.array(fc.array(nasty, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    kind: fc.constant('run' as const),
    ranges: fc.array(fc.tuple(aRun, aRun), { minLength: 1, maxLength: 2 }),
  }),
);
const aCondition = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    aTerm,
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).condition;

/** A condition as somebody would write it. */
function written(condition: Condition): string {
  const text = (piece: string) => piece.replace(/[\\%']/g, '\\$&');
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of.map((part) => `(${written(part)})`).join(` ${condition.kind} `);
    case 'not':
      return `not (${written(condition.of)})`;
    case 'run':
      return `run ${condition.ranges.map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`).join(', ')}`;
    default:
      return `${condition.kind} ${condition.patterns.map((pieces) => `'${pieces.map(text).join('%')}'`).join(',')}`;
  }
}

describe('the query language in SQL', function () {
  this.timeout(600_000);
  let database: TestDatabase;
  let client: pg.Client;
  before(async () => {
    database = await testDatabase();
    client = new pg.Client(database.connection);
    await client.connect();
  });
  after(async () => {
    await client.end();
    await database.close();
  });

  it('finds the files that it finds in memory', async () => {
    const property = fc.asyncProperty(aCondition, fc.array(aFile, { maxLength: 8 }), async (shape, files) => {
      const condition = queryCondition(written(shape), {});
      const { sql, values } = querySql(condition, 2);
      const { rows } = await client.query(
        `SELECT n::integer FROM ROWS FROM (json_to_recordset($1::json)
           AS (name text, "dataTier" text, run bigint)) WITH ORDINALITY AS g(name, data_tier, run, n),
           LATERAL (SELECT g.name COLLATE "C" AS name, g.data_tier COLLATE "C" AS data_tier, g.run) f
         WHERE ${sql} ORDER BY n`,
        [JSON.stringify(files), ...values],
      );
      const inMemory = files.flatMap((file, at) => (isOf(condition, file) ? [at + 1] : []));
      assert.deepEqual(
        rows.map(({ n }) => n),
        inMemory,
      );
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
