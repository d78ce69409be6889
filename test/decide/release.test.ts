import assert from 'node:assert/strict';
import { openDraft } from '../../reconcilers/decide/change/draft.ts';
import { decideReleases, findReleased } from '../../reconcilers/decide/rules/release.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { StoredFile } from '../../reconcilers/ports/store.ts';
import { aContext, aDataset, anAnswer, anInput, NOW } from '../builders.ts';
import { aSpec, RETRIES } from '../spec-builders.ts';

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

/** What becomes of the replica of a file that is done: what is on record of it, what is told, what is done. */
function released(origin: Holds, here: Holds): string {
  const { input } = aSpec();
  const context = aContext({ dataset: aDataset({ input: { ...input, afterDone: 'release' } }) });
  const file = anInput({
    state: 'done',
    checksum: SUM,
    sourceStore: 'fnal',
    sourcePath: ORIGIN,
    copyPath: HERE,
  });
  const page = { ...EMPTY_PAGE, inputs: [file] };
  const seen = aWorldOf(origin, here);
  const draft = openDraft(page, { now: NOW, phase: 'export', retry: RETRIES });
  findReleased(context, page, seen, draft);
  const { problems } = draft.change();
  const told = problems.some(({ problem }) => problem !== null) ? ', told' : '';
  const [decided] = decideReleases(context, page, seen);
  const does = decided === undefined ? 'nothing' : decided.decision.do;
  return `${draft.input(file.id).copyPath === null ? 'released' : 'kept'}${told}; ${does}`;
}

describe('the replica of a raw file that is done', () => {
  const cases: readonly (readonly [string, Holds, Holds, string])[] = [
    ['goes when its origin is proved', GOOD, GOOD, 'kept; step'],
    ['is released when it has gone and its origin is proved', GOOD, 'gone', 'released; nothing'],
    ['is not released when it has gone and its origin is cut', CUT, 'gone', 'kept, told; nothing'],
    [
      'is not released when it has gone and its origin has other bytes',
      SWAPPED,
      'gone',
      'kept, told; nothing',
    ],
    ['is told of when both are gone', 'gone', 'gone', 'kept, told; nothing'],
    ['stays when its origin is cut', CUT, GOOD, 'kept, told; wait'],
    ['stays when both are cut alike', CUT, CUT, 'kept, told; wait'],
    ['stays when its origin has other bytes', SWAPPED, GOOD, 'kept, told; wait'],
    ['stays when its origin cannot be compared', SUMLESS, GOOD, 'kept, told; wait'],
    ['goes when it is damaged itself and its origin is proved', GOOD, CUT, 'kept; step'],
    ['waits for an answer', 'silent', GOOD, 'kept; wait'],
  ];
  for (const [title, origin, here, becomes] of cases) {
    it(title, () => assert.equal(released(origin, here), becomes));
  }
});
