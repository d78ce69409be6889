import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { optionsOf } from '../../reconcilers/decide/change/phase-rules.ts';
import { findReleased } from '../../reconcilers/decide/facts/release.ts';
import { decideReleases, RELEASE_RULES } from '../../reconcilers/decide/rules/release.ts';
import { type DatasetRow, EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import { aContext, aDataset, anAnswer, anInput, NOW } from '../builders.ts';
import { aSpec } from '../spec-builders.ts';

type Holds = StoredFile | 'gone' | 'silent';

const SUM = 'adler32:00000001';
const GOOD: StoredFile = { sizeBytes: 1000, checksum: SUM };
const CUT: StoredFile = { sizeBytes: 10, checksum: 'adler32:00000003' };
const SWAPPED: StoredFile = { sizeBytes: 1000, checksum: 'adler32:00000002' };
const SUMLESS: StoredFile = { sizeBytes: 1000 };
const ORIGIN = 'raw_1';
const HERE = 'raw/176852/raw_1';

function aWorldOf(origin: Holds, here: Holds): World {
  const answer = (path: string, holds: Holds) => {
    if (holds === 'silent') return [];
    const found = holds === 'gone' ? new Map() : new Map([[path, holds]]);
    return [anAnswer([path], { found })];
  };
  return {
    ...NOTHING_SEEN,
    stats: new Map([
      ['fnal', answer(ORIGIN, origin)],
      ['disk', answer(HERE, here)],
    ]),
  };
}

const FILE = anInput({
  state: 'done',
  checksum: SUM,
  sourceStore: 'fnal',
  sourcePath: ORIGIN,
  copyPath: HERE,
});

/** What becomes of the replica of a file that is done: what is on record of it, what is told, what is done, by which rule. */
function released(origin: Holds, here: Holds, dataset: Partial<DatasetRow> = {}): string {
  const { input } = aSpec();
  const asked = aDataset({ input: { ...input, afterDone: 'release' } }, dataset);
  const context = aContext({ dataset: asked });
  const page = { ...EMPTY_PAGE, inputs: [FILE] };
  const seen = aWorldOf(origin, here);
  const { change, standing } = changeOf(
    page,
    findReleased(context, page, seen),
    optionsOf(context, 'export'),
  );
  const told = change.problems.some(({ problem }) => problem !== null) ? ', told' : '';
  const [decided] = decideReleases(context, page, seen);
  if (decided !== undefined) ruled.add(decided.rule);
  const does = decided === undefined ? 'nothing' : `${decided.rule} ${decided.decision.do}`;
  return `${standing.input(FILE.id).copyPath === null ? 'released' : 'kept'}${told}; ${does}`;
}

/** The rules that decided in the cases below. */
const ruled = new Set<string>();

describe('the replica of a raw file that is done', () => {
  const cases: readonly (readonly [string, Holds, Holds, string])[] = [
    ['goes when its origin is proved', GOOD, GOOD, 'kept; releaseIt step'],
    ['is released when it has gone and its origin is proved', GOOD, 'gone', 'released; nothing'],
    ['is not released when it has gone and its origin is cut', CUT, 'gone', 'kept, told; nothing'],
    [
      'is not released when it has gone and its origin has other bytes',
      SWAPPED,
      'gone',
      'kept, told; nothing',
    ],
    ['is told of when both are gone', 'gone', 'gone', 'kept, told; nothing'],
    ['stays when its origin is cut', CUT, GOOD, 'kept, told; originIsNotProved wait'],
    ['stays when both are cut alike', CUT, CUT, 'kept, told; originIsNotProved wait'],
    ['stays when its origin has other bytes', SWAPPED, GOOD, 'kept, told; originIsNotProved wait'],
    ['stays when its origin cannot be compared', SUMLESS, GOOD, 'kept, told; originIsNotProved wait'],
    ['goes when it is damaged itself and its origin is proved', GOOD, CUT, 'kept; releaseIt step'],
    ['waits for an answer about its origin', 'silent', GOOD, 'kept; originIsSilent wait'],
    ['waits for an answer about itself', GOOD, 'silent', 'kept; storeIsSilent wait'],
  ];
  for (const [title, origin, here, becomes] of cases) {
    it(title, () => assert.equal(released(origin, here), becomes));
  }

  it('stays while its dataset is an orphan', () => {
    assert.equal(released(GOOD, GOOD, { orphanedMs: NOW }), 'kept; datasetIsStopped wait');
  });

  it('has a case for every rule', () => {
    assert.deepEqual(
      RELEASE_RULES.map(({ name }) => name).filter((name) => !ruled.has(name)),
      [],
    );
  });
});
