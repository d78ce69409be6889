import assert from 'node:assert/strict';
import { groupText, type LoggedGroup } from '../../bin/print/error-group.ts';

function aGroup(fields: Partial<LoggedGroup> = {}): LoggedGroup {
  return {
    id: 'g3fa9c21',
    dataset: 'p17',
    of: 'input',
    phase: 'process',
    class: 'unknown',
    signature: 'exit 1: no N',
    count: 3,
    retrying: 0,
    again: 0,
    nextRetryMs: null,
    sinceMs: null,
    exampleId: 1,
    example: 'a.raw',
    reason: 'the command failed (exit 1): no 5',
    log: null,
    ...fields,
  };
}

const textOf = (fields: Partial<LoggedGroup>, held: ReadonlyMap<string, string> = new Map()) =>
  groupText(aGroup(fields), held).replace(/\s+/g, ' ');

describe('a group of alike failures', () => {
  const FATES: readonly (readonly [Partial<LoggedGroup>, RegExp])[] = [
    [{}, /; wait for a person/],
    [{ count: 1 }, /; waits for a person/],
    [{ retrying: 3 }, /; tried again by itself e\.g\./],
    [{ again: 3 }, /; between two attempts: their next are under way or about to begin e\.g\./],
    [
      { again: 1, retrying: 1 },
      /; 1 tried again by itself; 1 between two attempts: its next is.*; 1 waits for/,
    ],
    [{ of: 'problem', count: 1 }, /open until its cause is gone/],
  ];
  for (const [fields, fate] of FATES) {
    it(`with ${JSON.stringify(fields)} says what becomes of it`, () => assert.match(textOf(fields), fate));
  }

  it('that holds its dataset is not tried again, whatever its files’ rows say', () => {
    const held = new Map([['p17', 'exit 1: no N']]);
    assert.match(textOf({ retrying: 3 }, held), /holds the dataset: not tried again until.*rereco clean/);
    assert.match(textOf({ retrying: 3, signature: 'exit 2' }, held), /tried again by itself/);
    assert.match(textOf({ retrying: 3, dataset: 'p18' }, held), /tried again by itself/);
  });

  it('shows the end of a log as it was printed, and the command for the rest', () => {
    const log = { lines: ['one  two', 'three\u001b[2J'], command: 'rereco logs r1-abc-7:2' };
    const lines = groupText(aGroup({ log }), new Map()).split('\n');
    assert.deepEqual(lines.slice(-3), [
      '  its log ends (all of it: rereco logs r1-abc-7:2):',
      '    | one  two',
      '    | three\\x1b[2J',
    ]);
    const empty = groupText(aGroup({ log: { ...log, lines: [] } }), new Map());
    assert.match(empty, /\n {2}its log: rereco logs r1-abc-7:2$/);
  });
});
