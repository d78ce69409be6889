import assert from 'node:assert/strict';
import type { OutputState } from '../../machines/model.ts';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { lookAtExported, lookViewOf } from '../../reconcilers/decide/facts/export-look.ts';
import { repairOf, repairViewOf, troubledOf } from '../../reconcilers/decide/rules/export-repair.ts';
import { firstRepair, REPAIR_RULES } from '../../reconcilers/decide/rules/export-repair-rules.ts';
import { EMPTY_PAGE, type OutputRow } from '../../reconcilers/model/rows.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import { aContext, aDataset, anAnswer, anInput, anOutput, NOW } from '../builders.ts';
import { anOutputSpec, aSite, RETRIES } from '../spec-builders.ts';

/** What a place holds: the accepted bytes, as many others, fewer, nothing, or no answer. */
type Holds = 'good' | 'swapped' | 'cut' | 'gone' | 'silent' | 'without a sum';

const FILES: Readonly<Record<Exclude<Holds, 'gone' | 'silent'>, StoredFile>> = {
  good: { sizeBytes: 500, checksum: 'adler32:00000001' },
  swapped: { sizeBytes: 500, checksum: 'adler32:00000002' },
  cut: { sizeBytes: 50, checksum: 'adler32:00000003' },
  'without a sum': { sizeBytes: 500 },
};
const REVISION = 'a'.repeat(64);
const FAR = 'all_0000176852_001.tmb';
const HERE = 'tmb/all_0000176852_001.tmb';

function aWorldOf(far: Holds, here: Holds): World {
  const answer = (path: string, holds: Holds) => {
    if (holds === 'silent') return [];
    const found = holds === 'gone' ? new Map() : new Map([[path, FILES[holds]]]);
    return [anAnswer([path], { found })];
  };
  return {
    ...NOTHING_SEEN,
    stats: new Map([
      ['far', answer(FAR, far)],
      ['disk', answer(HERE, here)],
    ]),
  };
}

function theContext(thenDelete: boolean) {
  const exported = { to: 'far', path: '', when: 'fileDone', with: [], thenDelete } as const;
  const dataset = aDataset({ outputs: [anOutputSpec({ key: 'tmb', export: exported })] });
  const store = {
    driver: 'posix',
    root: '/',
    keepFreeBytes: 0,
    deleteProof: null,
    callsPerMinute: null,
    options: {},
  };
  const loaded = { ...dataset.loaded, site: aSite({ stores: { far: store, disk: store } }) };
  return aContext({ dataset: { ...dataset, loaded }, resync: true });
}

const exportedOutput = (state: OutputState, fields: Partial<OutputRow> = {}) =>
  anOutput({
    state,
    farPath: state === 'promoted' ? null : FAR,
    farStore: state === 'promoted' ? null : 'far',
    ...fields,
  });

/** Where the output and its input stand after the look, and whether something is told. */
function looked(thenDelete: boolean, output: OutputRow, far: Holds, here: Holds): string {
  const input = anInput({ state: 'copied', revision: REVISION });
  const page = { ...EMPTY_PAGE, inputs: [input], outputs: [output] };
  const view = lookViewOf(theContext(thenDelete), input, output, aWorldOf(far, here));
  const found = view === undefined ? [] : lookAtExported(view);
  const { standing } = changeOf(page, found, { now: NOW, phase: 'export', retry: RETRIES });
  const { state, class: cls } = standing.output(output.id);
  return `${state}${cls === null ? '' : ', told'}; ${standing.input(input.id).state}`;
}

describe('a look at an exported output', () => {
  const copied = exportedOutput('copied');
  const deleted = exportedOutput('deleted');
  const told = { class: 'data', reason: 'before', phase: 'export' } as const;
  const cases: readonly (readonly [string, boolean, OutputRow, Holds, Holds, string])[] = [
    ['lets it be deleted while both copies are good', true, copied, 'good', 'good', 'copied; copied'],
    [
      'takes it for deleted when the copy here is gone and the far one proved',
      true,
      copied,
      'good',
      'gone',
      'deleted; copied',
    ],
    [
      'does not take it for deleted when the far copy has other bytes',
      true,
      copied,
      'swapped',
      'gone',
      'copied, told; done',
    ],
    [
      'does not take it for deleted when the far copy is cut',
      true,
      copied,
      'cut',
      'gone',
      'copied, told; done',
    ],
    [
      'does not take it for deleted without a checksum',
      true,
      copied,
      'without a sum',
      'gone',
      'copied, told; done',
    ],
    ['tells of both copies gone', true, copied, 'gone', 'gone', 'copied, told; done'],
    ['sends the copy here again when the far one is gone', true, copied, 'gone', 'good', 'promoted; done'],
    ['sends no copy that was cut', true, copied, 'gone', 'cut', 'copied, told; done'],
    ['waits for an answer about the copy here', true, copied, 'gone', 'silent', 'copied; copied'],
    ['waits for an answer about the far copy', true, copied, 'silent', 'gone', 'copied; copied'],
    ['tells of a damaged far copy and leaves it', true, copied, 'swapped', 'good', 'copied, told; done'],
    ['tells of a damaged copy here, too', true, copied, 'good', 'cut', 'copied, told; done'],
    ['sends again what is to stay here as well', false, copied, 'gone', 'good', 'promoted; done'],
    ['misses a copy that is to stay here', false, copied, 'good', 'gone', 'copied, told; done'],
    ['misses the far copy of what was deleted here', true, deleted, 'gone', 'silent', 'deleted, told; done'],
    ['sees that it was cut', true, deleted, 'cut', 'silent', 'deleted, told; done'],
    ['is content when it is there', true, deleted, 'good', 'silent', 'deleted; copied'],
    [
      'forgets trouble when both copies are good again',
      true,
      { ...copied, ...told },
      'good',
      'good',
      'copied; copied',
    ],
    [
      'forgets no damage of bytes by their number',
      true,
      { ...deleted, ...told },
      'swapped',
      'silent',
      'deleted, told; done',
    ],
    [
      'leaves alone what another revision has replaced',
      true,
      { ...deleted, revision: 'b' },
      'gone',
      'silent',
      'deleted; copied',
    ],
  ];
  for (const [title, thenDelete, output, far, here, after] of cases) {
    it(title, () => assert.equal(looked(thenDelete, output, far, here), after));
  }
});

/** An output in trouble. @param former  whether a lost output of its input had its far copy there */
function inTrouble(thenDelete: boolean, output: OutputRow, far: Holds, here: Holds, former = false) {
  const context = theContext(thenDelete);
  const input = anInput({ state: 'done', revision: REVISION });
  const places = former ? [{ inputId: input.id, store: 'far', path: FAR }] : [];
  const troubled = troubledOf(context, output, input, places);
  assert.ok(troubled);
  return { context, troubled, seen: aWorldOf(far, here) };
}

/** What cleaning does about it, and which copies it puts aside first. */
function repaired(...about: Parameters<typeof inTrouble>): string {
  const { context, troubled, seen } = inTrouble(...about);
  const { is, putAside } = repairOf(context, troubled, seen);
  return [is, ...putAside.map((place) => place.store)].join(', ');
}

/** The rule that says so. */
function ruleOf(...about: Parameters<typeof inTrouble>): string {
  const { context, troubled, seen } = inTrouble(...about);
  return firstRepair(repairViewOf(context, troubled, seen)).rule;
}

describe('cleaning an output with trouble in its export', () => {
  const told = { class: 'data', reason: 'before', phase: 'export' } as const;
  const unsent = exportedOutput('promoted', told);
  const copied = exportedOutput('copied', told);
  const deleted = exportedOutput('deleted', told);
  const cases: readonly (readonly [string, boolean, OutputRow, Holds, Holds, string])[] = [
    [
      'sends the good copy again, the damaged one put aside',
      true,
      copied,
      'swapped',
      'good',
      'send again, far',
    ],
    ['sends the good copy again when there is none far away', true, copied, 'gone', 'good', 'send again'],
    [
      'makes it again when no copy is good, both put aside',
      true,
      copied,
      'cut',
      'swapped',
      'make again, far, disk',
    ],
    ['makes it again when both are gone', true, copied, 'gone', 'gone', 'make again'],
    ['puts aside a damaged copy here that was to go', true, copied, 'good', 'swapped', 'deleted, disk'],
    ['takes the far copy for the one that counts', true, copied, 'good', 'gone', 'deleted'],
    ['makes it again when the copy that was to stay is gone', false, copied, 'good', 'gone', 'make again'],
    ['forgets what is over', false, copied, 'good', 'good', 'forget'],
    ['does nothing without an answer', true, copied, 'silent', 'good', 'left'],
    ['does nothing where bytes cannot be compared', true, copied, 'without a sum', 'good', 'left'],
    ['makes it again when the only copy is cut', true, deleted, 'cut', 'silent', 'make again, far'],
    ['makes it again when the only copy is gone', true, deleted, 'gone', 'silent', 'make again'],
    ['forgets what is over after the deletion, too', true, deleted, 'good', 'silent', 'forget'],
    ['tries to send it again while its bytes are good', true, unsent, 'gone', 'good', 'forget'],
    ['makes it again when its bytes are not', true, unsent, 'gone', 'swapped', 'make again, disk'],
    ['leaves what lies at its place and is not known to be ours', true, unsent, 'swapped', 'good', 'left'],
  ];
  for (const [title, thenDelete, output, far, here, does] of cases) {
    it(title, () => assert.equal(repaired(thenDelete, output, far, here), does));
  }

  it('has a case for every rule', () => {
    const answered = new Set(
      cases.map(([, thenDelete, output, far, here]) => ruleOf(thenDelete, output, far, here)),
    );
    answered.add(ruleOf(true, unsent, 'swapped', 'good', true));
    answered.add(ruleOf(true, unsent, 'gone', 'silent'));
    answered.add(ruleOf(true, deleted, 'silent', 'silent'));
    const all = Object.values(REPAIR_RULES).flat();
    assert.deepEqual(
      all.map(({ name }) => name).filter((name) => !answered.has(name)),
      [],
    );
  });

  it('makes nothing again of a file that the input no longer names, and says what can be done', () => {
    const context = theContext(true);
    const input = anInput({ state: 'done', revision: REVISION, retiredMs: NOW });
    const troubled = troubledOf(context, deleted, input, []);
    assert.ok(troubled);
    const { is, because } = repairOf(context, troubled, aWorldOf('gone', 'silent'));
    assert.deepEqual([is, /name it again/.test(because)], ['left', true]);
  });

  it('looks after an output whose input is being processed again', () => {
    const input = anInput({ state: 'running', revision: null });
    assert.ok(troubledOf(theContext(true), deleted, input, []));
  });

  it('looks after none that another revision has replaced', () => {
    const input = anInput({ state: 'done', revision: 'b' });
    assert.equal(troubledOf(theContext(true), deleted, input, []), undefined);
  });

  it('puts aside what a lost output of the same input has left at its place', () => {
    assert.equal(repaired(true, unsent, 'swapped', 'good', true), 'forget, far');
  });
});
