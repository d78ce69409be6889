import assert from 'node:assert/strict';
import { VERIFY_RULES, verifyRules } from '../../reconcilers/decide/rules/verify.ts';
import type { PassContext } from '../../reconcilers/model/context.ts';
import type { InputRow } from '../../reconcilers/model/rows.ts';
import { type Answer, NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import { aContext, aDataset, aJob, anAnswer, anAttempt, anInput, aSubmission, NOW } from '../builders.ts';
import { aSpec } from '../spec-builders.ts';
import { type RuleCase, untried, verdictOf } from './one-file.ts';

const SUM = 'adler32:00000001';
const PLACE = 'raw/176852/raw_1';
const ARRIVAL = '.rereco/attempts/r4711-abcd1234-1/raw_1';
const MOVER = { driver: 'bbftp', callTimeoutMs: 1000, absentIsFinal: true, filesPerSubmission: 1 };

/** A file that has arrived from Fermilab. */
const arrived = (fields: Partial<InputRow> = {}) =>
  anInput({
    name: 'raw_1',
    state: 'transferred',
    sourceStore: 'fnal',
    sourcePath: 'raw_1',
    checksum: SUM,
    copyPath: ARRIVAL,
    ...fields,
  });

function around(input: Partial<ReturnType<typeof aSpec>['input']> = {}): PassContext {
  const source = { kind: 'manifest', manifest: 'files.ndjson' } as const;
  const spec = aSpec({ input: { ...aSpec().input, source, ...input } });
  const context = aContext({ dataset: aDataset(spec) });
  return { ...context, traits: { ...context.traits, movers: new Map([['fnal>disk', MOVER]]) } };
}

/** What the store says of the copy. @param copy  null: it has none */
function holds(path: string, copy: StoredFile | null, counted?: number): World {
  const found = copy === null ? new Map() : new Map([[path, copy]]);
  const counts: readonly Answer<string, number>[] =
    counted === undefined ? [] : [anAnswer([path], { found: new Map([[path, counted]]) })];
  return {
    ...NOTHING_SEEN,
    stats: new Map([['disk', [anAnswer([path], { found })]]]),
    counts: new Map([['disk', counts]]),
  };
}

const GOOD: StoredFile = { sizeBytes: 1000, checksum: SUM };
const byCounting = { by: 'pattern', pattern: '<event>' } as const;
const transfer = {
  attempts: [anAttempt({ phase: 'transfer', revision: '', path: ARRIVAL })],
  submissions: [aSubmission({ phase: 'transfer', endpoint: 'fnal>disk' })],
  jobs: [aJob({ type: 'bbftp' })],
};
const inPlace = { sourceStore: 'disk', sourcePath: PLACE } as const;

const CASES: readonly RuleCase[] = [
  {
    it: 'gives an arrival its final name when it has the size and the checksum',
    page: { inputs: [arrived()], ...transfer },
    seen: holds(ARRIVAL, GOOD),
    context: around(),
    rule: 'nameItFinally',
    does: 'promote',
  },
  {
    it: 'passes a copy under its final name',
    page: { inputs: [arrived({ copyPath: PLACE })] },
    seen: holds(PLACE, GOOD),
    context: around(),
    finds: ['check.passed'],
  },
  {
    it: 'puts a copy of another size aside',
    page: { inputs: [arrived()], ...transfer },
    seen: holds(ARRIVAL, { sizeBytes: 10 }),
    context: around(),
    finds: ['check.failed'],
    rule: 'putBadCopyAside',
    does: 'quarantine',
  },
  {
    it: 'puts a copy with another checksum aside',
    page: { inputs: [arrived()], ...transfer },
    seen: holds(ARRIVAL, { sizeBytes: 1000, checksum: 'adler32:00000002' }),
    context: around(),
    finds: ['check.failed'],
    rule: 'putBadCopyAside',
    does: 'quarantine',
  },
  {
    it: 'never touches a bad copy that is the source itself',
    page: { inputs: [arrived({ ...inPlace, copyPath: PLACE })] },
    seen: holds(PLACE, { sizeBytes: 10 }),
    context: around(),
    finds: ['check.failed'],
    rule: 'itFailed',
    does: 'failed.forGood',
  },
  {
    it: 'brings again what has gone',
    page: { inputs: [arrived()], ...transfer },
    seen: holds(ARRIVAL, null),
    context: around(),
    finds: ['copy.absent'],
  },
  {
    it: 'moves nothing while the store is silent',
    page: { inputs: [arrived()] },
    seen: NOTHING_SEEN,
    context: around(),
    rule: 'storeIsSilent',
    does: 'system.silent',
  },
  {
    it: 'waits for the bytes to be read where there is a checksum to compare',
    page: { inputs: [arrived({ copyPath: PLACE })] },
    seen: holds(PLACE, { sizeBytes: 1000 }),
    context: around(),
    rule: 'bytesAreUnread',
    does: 'bytes.unread',
  },
  {
    it: 'holds a file whose events nobody knows',
    page: { inputs: [arrived({ copyPath: PLACE, eventCount: null })] },
    seen: holds(PLACE, GOOD),
    context: around({ eventCountMissing: 'hold' }),
    rule: 'eventsAreUnknown',
    does: 'events.unknown',
  },
  {
    it: 'passes a file whose events were counted',
    page: { inputs: [arrived({ copyPath: PLACE, eventCount: null })] },
    seen: holds(PLACE, GOOD, 42),
    context: around({ eventCountMissing: 'hold', eventCount: byCounting }),
    finds: ['check.passed'],
  },
  {
    it: 'waits for the size of a listed file, which may still be written',
    page: { inputs: [arrived({ ...inPlace, copyPath: PLACE, sizeBytes: null, checksum: null })] },
    seen: holds(PLACE, GOOD),
    context: around({ source: { kind: 'files', files: ['raw/*'] } }),
    rule: 'itMayStillBeWritten',
    does: 'arrival.settling',
  },
  {
    it: 'renames no source that lies elsewhere than it is said to',
    page: { inputs: [arrived({ ...inPlace, copyPath: 'raw/old/raw_1' })] },
    seen: holds('raw/old/raw_1', GOOD),
    context: around(),
    rule: 'sourceHasMoved',
    does: 'source.moved',
  },
  {
    it: 'checks a file again whose time has come',
    page: {
      inputs: [
        arrived({ copyPath: PLACE, state: 'error', phase: 'verify', fault: 'catalog', retryAtMs: NOW }),
      ],
    },
    seen: holds(PLACE, GOOD),
    context: around(),
    finds: ['retry.due', 'check.passed'],
  },
  {
    it: 'says when a file is checked again',
    page: {
      inputs: [arrived({ state: 'error', phase: 'verify', fault: 'catalog', retryAtMs: NOW + 60_000 })],
    },
    seen: holds(ARRIVAL, GOOD),
    context: around(),
    rule: 'itFailed',
    does: 'retry.notDue',
  },
  {
    it: 'sees that a verified copy has gone since',
    page: { inputs: [arrived({ state: 'verified', copyPath: PLACE })] },
    seen: holds(PLACE, null),
    context: around(),
    finds: ['copy.absent'],
  },
  {
    it: 'puts a verified copy aside that was damaged since',
    page: { inputs: [arrived({ state: 'verified', copyPath: PLACE })] },
    seen: holds(PLACE, { sizeBytes: 10 }),
    context: around(),
    finds: ['check.failed'],
    rule: 'putBadCopyAside',
    does: 'quarantine',
  },
];

describe('the verify phase', () => {
  for (const one of CASES) {
    it(one.it, () => {
      assert.deepEqual(verdictOf(verifyRules, one), {
        finds: one.finds ?? [],
        rules: one.rule === undefined ? [] : [one.rule],
        does: one.does === undefined ? [] : [one.does],
      });
    });
  }

  it('has a case for every rule', () => {
    assert.deepEqual(untried(VERIFY_RULES, CASES), []);
  });
});
