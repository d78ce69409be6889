import assert from 'node:assert/strict';
import { exportRules } from '../../reconcilers/decide/rules/export.ts';
import { DELETION_RULES, STRANDED_RULES } from '../../reconcilers/decide/rules/export-delete.ts';
import {
  ARRIVED_RULES,
  ON_THE_WAY_RULES,
  SENDING_RULES,
} from '../../reconcilers/decide/rules/export-send.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { InputRow, OutputRow } from '../../reconcilers/model/rows.ts';
import type { Gate, Totals } from '../../reconcilers/model/totals.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { MoveSeen } from '../../reconcilers/ports/mover.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import type { DatasetSpec, ExportSpec, OutputSpec, SiteSpec } from '../../specs/types.ts';
import {
  aContext,
  aDataset,
  aJob,
  anAnswer,
  anAttempt,
  anInput,
  anOutput,
  aSubmission,
  inputCounts,
  NOW,
  someTotals,
} from '../builders.ts';
import { anOutputSpec, aSite } from '../spec-builders.ts';
import { type RuleCase, untried, verdictOf } from './one-file.ts';

const OUTPUT = anOutput();
const FAR = OUTPUT.name;
const ARRIVAL = '.rereco/attempts/r4711-abcd1234-1/all_0000176852_001.tmb';
const GOOD: StoredFile = { sizeBytes: 500, checksum: 'adler32:00000001' };
const SWAPPED: StoredFile = { sizeBytes: 500, checksum: 'adler32:00000002' };
const SUMLESS: StoredFile = { sizeBytes: 500 };
const MOVED: MoveSeen = { state: 'moved', sizeBytes: 500, checksum: null };
const FULL: Gate = {
  kind: 'refused',
  message: 'refused: no free stream',
  tries: 1,
  generation: 1,
  sinceMs: NOW - 1000,
  retryAtMs: NOW + 1000,
};
const MOVER = { driver: 'bbftp', callTimeoutMs: 1000, absentIsFinal: true, filesPerSubmission: 1 };
const STORE = {
  driver: 'posix',
  root: '/',
  keepFreeBytes: 0,
  deleteProof: null,
  callsPerMinute: null,
  options: {},
};

interface Around {
  readonly wanted?: Partial<ExportSpec>;
  readonly declare?: OutputSpec['declare'];
  readonly spec?: Partial<DatasetSpec>;
  readonly totals?: Partial<Totals>;
  readonly movers?: boolean;
  readonly farStore?: boolean;
}

/** A dataset whose outputs go to the store `far`. */
function around(given: Around = {}): PassContext {
  const exported: ExportSpec = {
    to: 'far',
    path: '',
    when: 'fileDone',
    with: [],
    thenDelete: true,
    ...given.wanted,
  };
  const { declare = 'never' } = given;
  const dataset = aDataset({
    outputs: [anOutputSpec({ key: 'tmb', declare, export: exported })],
    ...given.spec,
  });
  const stores: SiteSpec['stores'] = given.farStore === false ? { disk: STORE } : { disk: STORE, far: STORE };
  const movers = new Map(given.movers === false ? [] : [['disk>far', MOVER]]);
  return aContext({
    dataset: { ...dataset, loaded: { ...dataset.loaded, site: aSite({ stores }) } },
    totals: someTotals(given.totals),
    traits: { ...aContext().traits, movers },
  });
}

const REVISION = OUTPUT.revision;

const page = (output: Partial<OutputRow> = {}, input: Partial<InputRow> = {}) => ({
  inputs: [anInput({ state: 'done', revision: REVISION, ...input })],
  outputs: [{ ...OUTPUT, ...output }],
});

const copied = (fields: Partial<OutputRow> = {}) =>
  page({ state: 'copied', farPath: FAR, farStore: 'far', ...fields }, { state: 'copied' });

/** An attempt to send the output is live. */
const onTheWay = (output: Partial<OutputRow> = {}) => ({
  ...page({ attempt: 1, ...output }),
  attempts: [anAttempt({ fileId: OUTPUT.id, phase: 'export', path: ARRIVAL })],
  submissions: [aSubmission({ phase: 'export', endpoint: 'disk>far' })],
  jobs: [aJob({ type: 'bbftp' })],
});

/** What places hold; null: nothing. What is not named was not asked about. */
function places(held: Readonly<Record<string, StoredFile | null>>): World {
  const answer = (store: string) =>
    Object.entries(held).flatMap(([place, file]) => {
      const [at, path = ''] = place.split(':');
      if (at !== store) return [];
      return [anAnswer([path], { found: file === null ? new Map() : new Map([[path, file]]) })];
    });
  return {
    ...NOTHING_SEEN,
    stats: new Map([
      ['far', answer('far')],
      ['disk', answer('disk')],
    ]),
  };
}

const HERE = `disk:${OUTPUT.path}`;

/** What the mover says of the output's file, beside what places hold. */
function moving(move: MoveSeen | null, held: Readonly<Record<string, StoredFile | null>> = {}): World {
  const name = 'r4711-abcd1234-1';
  const found = new Map(move === null ? [] : [[name, { systemId: '1', files: new Map([[0, move]]) }]]);
  return { ...places(held), transfers: new Map([['disk>far', [anAnswer([name], { found })]]]) };
}

const failed = { class: 'unknown', phase: 'export', reason: 'before' } as const;
const later = { ...failed, retryAtMs: NOW + 1000 };

const SENDING: readonly RuleCase[] = [
  {
    it: 'copies an output whose file is done',
    page: page(),
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'copyIt',
    does: 'copy',
  },
  {
    it: 'copies what is located',
    page: page({ state: 'located' }),
    seen: NOTHING_SEEN,
    context: around({ declare: 'fileDone' }),
    rule: 'copyIt',
    does: 'copy',
  },
  {
    it: 'waits for a person first',
    page: page({ ...failed, class: 'data' }),
    seen: NOTHING_SEEN,
    context: around({ spec: { suspend: true } }),
    rule: 'failedForGood',
    does: 'failed.forGood',
  },
  {
    it: 'begins nothing for a dataset that is stopped',
    page: page(later),
    seen: NOTHING_SEEN,
    context: around({ spec: { suspend: true } }),
    rule: 'datasetIsStopped',
    does: 'suspended.inSpec',
  },
  {
    it: 'says at once that the site has no mover',
    page: page({}, { state: 'running' }),
    seen: NOTHING_SEEN,
    context: around({ movers: false }),
    rule: 'moverIsMissing',
    does: 'mover.missing',
  },
  {
    it: 'asks a mover that is full later',
    page: page(),
    seen: NOTHING_SEEN,
    context: around({ totals: { gates: { export: FULL } } }),
    rule: 'moverTakesNothing',
    does: 'system.full',
  },
  {
    it: 'has it declared and located first',
    page: page(),
    seen: NOTHING_SEEN,
    context: around({ declare: 'fileDone' }),
    rule: 'declaredFirst',
    does: 'declaration.first',
  },
  {
    it: 'has located what is declared, also where the spec declares nothing any more',
    page: page({ state: 'declared' }),
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'declaredFirst',
    does: 'declaration.first',
  },
  {
    it: 'waits for its file',
    page: page({}, { state: 'error', phase: 'process' }),
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'fileIsNotDone',
    does: 'file.notDone',
  },
  {
    it: 'waits for its run',
    page: page(),
    seen: NOTHING_SEEN,
    context: around({ wanted: { when: 'runDone' }, totals: { openRuns: new Set([176852]) } }),
    rule: 'runIsNotDone',
    does: 'run.notDone',
  },
  {
    it: 'waits for no other run',
    page: page(),
    seen: NOTHING_SEEN,
    context: around({ wanted: { when: 'runDone' }, totals: { openRuns: new Set([1]) } }),
    rule: 'copyIt',
    does: 'copy',
  },
  {
    it: 'waits for the dataset',
    page: page(),
    seen: NOTHING_SEEN,
    context: around({ wanted: { when: 'datasetDone' }, totals: { inputs: inputCounts({ verified: 1 }) } }),
    rule: 'datasetIsNotDone',
    does: 'dataset.notDone',
  },
  {
    it: 'waits for its next try',
    page: page(later),
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'retryIsNotDue',
    does: 'retry.notDue',
  },
  {
    it: 'tries again when its time has come',
    page: page({ ...failed, retryAtMs: NOW }),
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'copyIt',
    does: 'copy',
  },
  {
    it: 'sends again what is gone from the far end',
    page: copied(),
    seen: places({ [`far:${FAR}`]: null, [HERE]: GOOD }),
    context: around(),
    finds: ['far.absent', 'outputs.missing'],
    rule: 'copyIt',
    does: 'copy',
  },
];

const ON_THE_WAY: readonly RuleCase[] = [
  {
    it: 'follows what moves, whatever stops the dataset',
    page: onTheWay(),
    seen: moving({ state: 'running', movedBytes: null }),
    context: around({ spec: { suspend: true } }),
    rule: 'stillUnderWay',
    does: 'transfer.underWay',
  },
  {
    it: 'follows it where the mover does not answer',
    page: onTheWay(),
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'stillUnderWay',
    does: 'transfer.underWay',
  },
  {
    it: 'waits for the far store to answer about what has arrived',
    page: onTheWay(),
    seen: moving(MOVED),
    context: around(),
    rule: 'stillUnderWay',
    does: 'transfer.underWay',
  },
  {
    it: 'gives a proved arrival its final name, whatever stops the dataset',
    page: onTheWay(),
    seen: moving(MOVED, { [`far:${ARRIVAL}`]: GOOD }),
    context: around({ spec: { suspend: true } }),
    finds: ['job.succeeded'],
    rule: 'promoteIt',
    does: 'promote',
  },
  {
    it: 'tries that again when it is due',
    page: onTheWay({ ...later, farPath: ARRIVAL }),
    seen: moving(MOVED),
    context: around(),
    rule: 'retryIsNotDue',
    does: 'retry.notDue',
  },
  {
    it: 'says how an arrival that cannot be proved may be, and leaves it',
    page: onTheWay(),
    seen: moving(MOVED, { [`far:${ARRIVAL}`]: SUMLESS }),
    context: around(),
    finds: ['job.succeeded'],
    rule: 'failedForGood',
    does: 'failed.forGood',
  },
  {
    it: 'sends again, later, what arrived with other bytes',
    page: onTheWay(),
    seen: moving(MOVED, { [`far:${ARRIVAL}`]: SWAPPED, [HERE]: GOOD }),
    context: around(),
    finds: ['job.succeeded'],
    rule: 'retryIsNotDue',
    does: 'retry.notDue',
  },
  {
    it: 'loses an output whose bytes here were what was wrong, and puts them aside',
    page: onTheWay(),
    seen: moving(MOVED, { [`far:${ARRIVAL}`]: SWAPPED, [HERE]: SWAPPED }),
    context: around(),
    finds: ['job.succeeded', 'output.corrupt', 'output.corrupt'],
    rule: 'lostPutAside',
    does: 'quarantine',
  },
  {
    it: 'loses one that the mover does not find here, and has nothing to put aside',
    page: onTheWay(),
    seen: moving({ state: 'failed', cause: 'absent', reason: 'no such file' }, { [HERE]: null }),
    context: around(),
    finds: ['job.failed', 'output.absent', 'output.absent'],
  },
  {
    it: 'sends anew what was never begun',
    page: {
      ...onTheWay(),
      submissions: [aSubmission({ phase: 'export', endpoint: 'disk>far', state: 'intended' })],
    },
    seen: moving(null),
    context: around(),
    rule: 'stillUnderWay',
    does: 'transfer.underWay',
  },
];

const COPIED: readonly RuleCase[] = [
  {
    it: 'deletes here what was read back there in this pass',
    page: copied(),
    seen: places({ [`far:${FAR}`]: GOOD, [HERE]: GOOD }),
    context: around(),
    rule: 'deleteIt',
    does: 'delete',
  },
  {
    it: 'deletes nothing while the far store is silent',
    page: copied(),
    seen: places({ [HERE]: GOOD }),
    context: around(),
    rule: 'farStoreIsSilent',
    does: 'system.silent',
  },
  {
    it: 'deletes nothing while the copy here is sent again',
    page: copied(),
    seen: places({ [`far:${FAR}`]: SWAPPED, [HERE]: GOOD }),
    context: around(),
    finds: ['outputs.missing'],
    rule: 'failedForGood',
    does: 'failed.forGood',
  },
  {
    it: 'deletes nothing on a doubtful far copy, though its trouble may be over',
    page: copied({ ...failed, reason: 'before', retryAtMs: NOW, actedMs: 0 }),
    seen: places({ [`far:${FAR}`]: null }),
    context: around(),
    rule: 'farCopyIsDoubtful',
    does: 'copy.doubtful',
  },
  {
    it: 'deletes nothing for a dataset that is stopped',
    page: copied(),
    seen: places({ [`far:${FAR}`]: GOOD, [HERE]: GOOD }),
    context: around({ spec: { suspend: true } }),
    rule: 'datasetIsStopped',
    does: 'suspended.inSpec',
  },
  {
    it: 'tries a deletion again when it is due',
    page: copied(later),
    seen: places({ [`far:${FAR}`]: GOOD }),
    context: around(),
    rule: 'retryIsNotDue',
    does: 'retry.notDue',
  },
  {
    it: 'says that the site has no store any more with the far copy',
    page: copied(),
    seen: places({ [HERE]: GOOD }),
    context: around({ farStore: false }),
    rule: 'farStoreIsMissing',
    does: 'store.missing',
  },
  {
    it: 'finds deleted what is gone here and proved there',
    page: copied(),
    seen: places({ [`far:${FAR}`]: GOOD, [HERE]: null }),
    context: around(),
    finds: ['output.deleted'],
  },
  {
    it: 'has nothing left to do where both copies stay',
    page: copied(),
    seen: places({ [`far:${FAR}`]: GOOD, [HERE]: GOOD }),
    context: around({ wanted: { thenDelete: false } }),
  },
];

const LISTS = [
  ['an output that is to be sent', SENDING, [SENDING_RULES]],
  ['an output on its way', ON_THE_WAY, [ON_THE_WAY_RULES, ARRIVED_RULES]],
  ['an output that is copied', COPIED, [DELETION_RULES, STRANDED_RULES]],
] as const;

for (const [what, cases, lists] of LISTS) {
  describe(`the export phase, of ${what},`, () => {
    for (const one of cases) {
      it(one.it, () => {
        assert.deepEqual(verdictOf(exportRules, one), {
          finds: one.finds ?? [],
          rules: one.rule === undefined ? [] : [one.rule],
          does: one.does === undefined ? [] : [one.does],
        });
      });
    }

    it('has a case for every rule', () => {
      assert.deepEqual(
        lists.flatMap((rules) => untried(rules, cases)),
        [],
      );
    });
  });
}
