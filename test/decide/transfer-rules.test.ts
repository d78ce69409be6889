import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { optionsOf } from '../../reconcilers/decide/change/phase-rules.ts';
import { TRANSFER_RULES, transferRules } from '../../reconcilers/decide/rules/transfer.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import { type DatasetRow, EMPTY_PAGE, type InputRow } from '../../reconcilers/model/rows.ts';
import type { Gate } from '../../reconcilers/model/totals.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { MoveSeen } from '../../reconcilers/ports/mover.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import {
  aContext,
  aDataset,
  aJob,
  anAnswer,
  anAttempt,
  anInput,
  aSubmission,
  NOW,
  someTotals,
} from '../builders.ts';
import { aSite, aSpec } from '../spec-builders.ts';
import { type RuleCase, untried, verdictOf } from './one-file.ts';

const PLACE = 'raw/176852/raw_1';
const ARRIVAL = '.rereco/attempts/r4711-abcd1234-1/raw_1';
const COPY: StoredFile = { sizeBytes: 1000 };
const FULL: Gate = {
  kind: 'refused',
  message: 'refused: no free stream',
  tries: 1,
  generation: 1,
  sinceMs: NOW - 1000,
  retryAtMs: NOW + 1000,
};

/** A file that is to come from Fermilab. */
const wanted = (fields: Partial<InputRow> = {}) =>
  anInput({
    name: 'raw_1',
    state: 'pending',
    attempt: 0,
    sourceStore: 'fnal',
    sourcePath: 'raw_1',
    copyPath: null,
    ...fields,
  });

const MOVER = { driver: 'bbftp', callTimeoutMs: 1000, absentIsFinal: true, filesPerSubmission: 1 };

const FROM_THE_CATALOG = {
  from: 'catalog',
  to: 'disk',
  driver: 'sam',
  path: '',
  filesPerSubmission: 1,
  options: {},
};

function around(dataset: Partial<DatasetRow> = {}, fields: Partial<PassContext> = {}): PassContext {
  const context = aContext({ dataset: { ...aDataset(), ...dataset }, ...fields });
  return { ...context, traits: { ...context.traits, movers: new Map([['fnal>disk', MOVER]]) } };
}

/** What the store, and the mover, say. @param place  null: nothing lies there; undefined: no answer */
function answers(place: StoredFile | null | undefined, move?: MoveSeen, arrival?: StoredFile): World {
  const holds = (path: string, file: StoredFile | null) =>
    anAnswer([path], { found: file === null ? new Map() : new Map([[path, file]]) });
  const transfer = { systemId: '1', files: new Map(move === undefined ? [] : [[0, move]]) };
  return {
    ...NOTHING_SEEN,
    stats: new Map([
      [
        'disk',
        [
          ...(place === undefined ? [] : [holds(PLACE, place)]),
          ...(arrival === undefined ? [] : [holds(ARRIVAL, arrival)]),
        ],
      ],
    ]),
    transfers: new Map([
      ['fnal>disk', [anAnswer(['r4711-abcd1234-1'], { found: new Map([['r4711-abcd1234-1', transfer]]) })]],
    ]),
  };
}

/** A live attempt of ours brings the file. */
const underWay = {
  inputs: [wanted({ attempt: 1 })],
  attempts: [anAttempt({ phase: 'transfer', revision: '', path: ARRIVAL })],
  submissions: [aSubmission({ phase: 'transfer', endpoint: 'fnal>disk' })],
  jobs: [aJob({ type: 'bbftp', status: 'pending' })],
};

const error = (fields: Partial<InputRow>) =>
  wanted({ state: 'error', phase: 'transfer', class: 'outage', reason: 'no route', ...fields });

const spec = (fields: Parameters<typeof aSpec>[0]) => aDataset(aSpec(fields));

const HERE = { sourceStore: 'disk', sourcePath: 'raw_1' };
const GONE = anAnswer(['raw_1'], { found: new Map() });

const CASES: readonly RuleCase[] = [
  {
    it: 'leaves a file that failed for good to a person',
    page: { inputs: [error({ retryAtMs: null })] },
    seen: answers(null),
    context: around(),
    rule: 'itFailed',
    does: 'failed.forGood',
  },
  {
    it: 'leaves a file alone that a person has waived',
    page: { inputs: [error({ retryAtMs: null, waiverId: 1 })] },
    seen: answers(null),
    context: around(),
    rule: 'itFailed',
    does: 'waived',
  },
  {
    it: 'says when a file is tried again',
    page: { inputs: [error({ retryAtMs: NOW + 60_000 })] },
    seen: answers(null),
    context: around(),
    rule: 'itFailed',
    does: 'retry.notDue',
  },
  {
    it: 'tries a file again whose time has come',
    page: { inputs: [error({ retryAtMs: NOW })] },
    seen: answers(null),
    context: around(),
    finds: ['retry.due'],
    rule: 'bringIt',
    does: 'transfer',
  },
  {
    it: 'takes a file that was tried again and has been delivered meanwhile',
    page: { inputs: [error({ retryAtMs: NOW })] },
    seen: answers(COPY),
    context: around(),
    finds: ['retry.due', 'copy.present'],
  },
  {
    it: 'takes a file that somebody has put where it is to lie',
    page: { inputs: [wanted()] },
    seen: answers(COPY),
    context: around(),
    finds: ['copy.present'],
  },
  {
    it: 'follows an attempt of ours, also where its dataset is suspended',
    page: underWay,
    seen: answers(null, { state: 'running', movedBytes: null }),
    context: around(spec({ suspend: true })),
    finds: ['job.started'],
    rule: 'itIsOnItsWay',
    does: 'transfer.underWay',
  },
  {
    it: 'takes what an attempt has brought only when the store has it, too',
    page: underWay,
    seen: answers(null, { state: 'moved', sizeBytes: 1000, checksum: null }),
    context: around(),
    rule: 'itIsOnItsWay',
    does: 'transfer.underWay',
  },
  {
    it: 'takes what an attempt has brought',
    page: underWay,
    seen: answers(null, { state: 'moved', sizeBytes: 1000, checksum: null }, COPY),
    context: around(),
    finds: ['job.succeeded', 'copy.present'],
  },
  {
    it: 'notes why a mover failed',
    page: underWay,
    seen: answers(null, { state: 'failed', cause: 'absent', reason: 'no such file' }),
    context: around(),
    finds: ['job.failed', 'transfer.failed'],
    rule: 'itFailed',
    does: 'failed.forGood',
  },
  {
    it: 'brings no file that the input no longer names',
    page: { inputs: [wanted({ retiredMs: NOW - 1 })] },
    seen: answers(null),
    context: around(),
    rule: 'inputIsRetired',
    does: 'retired',
  },
  {
    it: 'brings no file of a run nobody asks for',
    page: { inputs: [wanted()] },
    seen: answers(null),
    context: around(spec({ input: { ...aSpec().input, runs: { include: [[1, 2]], exclude: [] } } })),
    rule: 'runIsNotWanted',
    does: 'run.unknown',
  },
  {
    it: 'begins nothing for an orphan',
    page: { inputs: [wanted()] },
    seen: answers(null),
    context: around({ orphanedMs: NOW - 5 }),
    rule: 'datasetIsStopped',
    does: 'orphaned',
  },
  {
    it: 'asks nothing of a mover that is full',
    page: { inputs: [wanted()] },
    seen: answers(null),
    context: around({}, { totals: someTotals({ gates: { transfer: FULL } }) }),
    rule: 'moverTakesNothing',
    does: 'system.full',
  },
  {
    it: 'begins nothing while the store is silent',
    page: { inputs: [wanted()] },
    seen: answers(undefined),
    context: around(),
    rule: 'storeIsSilent',
    does: 'system.silent',
  },
  {
    it: 'says that a file comes by a mover from the catalog that is not in this version',
    page: { inputs: [wanted({ sourceStore: null, sourcePath: null })] },
    seen: answers(null),
    context: around({
      loaded: { ...aDataset().loaded, site: aSite({ movers: [FROM_THE_CATALOG] }) },
    }),
    rule: 'moverIsNotInThisVersion',
    does: 'mover.missing',
  },
  {
    it: 'waits for somebody to deliver what no mover brings',
    page: { inputs: [wanted()] },
    seen: answers(null),
    context: aContext(),
    rule: 'nobodyDelivers',
    does: 'delivery.awaited',
  },
  {
    it: 'brings a file that is nowhere here',
    page: { inputs: [wanted()] },
    seen: answers(null),
    context: around(),
    rule: 'bringIt',
    does: 'transfer',
  },
  {
    it: 'tells of a file that has vanished from where it is processed',
    page: { inputs: [wanted(HERE)] },
    seen: { ...NOTHING_SEEN, stats: new Map([['disk', [GONE]]]) },
    context: around(),
    finds: ['transfer.failed'],
    rule: 'itFailed',
    does: 'failed.forGood',
  },
];

describe('the transfer phase', () => {
  for (const one of CASES) {
    it(one.it, () => {
      assert.deepEqual(verdictOf(transferRules, one), {
        finds: one.finds ?? [],
        rules: one.rule === undefined ? [] : [one.rule],
        does: one.does === undefined ? [] : [one.does],
      });
    });
  }

  it('has a case for every rule', () => {
    assert.deepEqual(untried(TRANSFER_RULES, CASES), []);
  });

  it('tells of a name that is not UTF-8, which no store can be asked for, as what it is', () => {
    const path = 'raw_\ufffd';
    const input = wanted({ ...HERE, name: path, sourcePath: path });
    const stats = new Map([['disk', [anAnswer([path], { found: new Map() })]]]);
    const page = { ...EMPTY_PAGE, inputs: [input] };
    const found = transferRules.find(around(), page, { ...NOTHING_SEEN, stats });
    const { change } = changeOf(page, found, optionsOf(around(), 'transfer'));
    assert.match(change.transitions[0]?.because ?? '', /^the name of disk:\S+ is not UTF-8/);
  });
});
