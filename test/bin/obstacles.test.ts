import assert from 'node:assert/strict';
import { silentLine, unreadLine, untold } from '../../bin/print/obstacles.ts';
import { localTime } from '../../bin/print/time.ts';

const NOON = Date.UTC(2026, 0, 2, 12);
const SILENT = { site: 'lyon', name: 'hpss', message: 'store hpss: its root /h is not there', sinceMs: NOON };

describe('what stands in the way of whole datasets', () => {
  it('is told with its system and since when', () => {
    const line = silentLine({ ...SILENT, seenMs: NOON + 1 }, NOON + 2);
    assert.equal(line, `site lyon: no answer from hpss since ${localTime(NOON)}: ${SILENT.message}`);
  });

  it('says when it was asked last, where that is a while ago', () => {
    const line = silentLine({ ...SILENT, seenMs: NOON }, NOON + 7_200_000);
    assert.match(line, /, last asked 2 h ago: store hpss/);
  });

  it('names the dataset of which nobody says what it wants', () => {
    const line = unreadLine({ dataset: 'p17', message: 'catalog: no route', sinceMs: NOON });
    assert.match(line, /^p17: nobody has said since \S+ which files it wants: catalog: no route$/);
  });

  it('is told once, whatever it stops', () => {
    const marker = { ...SILENT, name: 'marker of store hpss' };
    assert.deepEqual(untold([SILENT, marker], []), [SILENT]);
    assert.deepEqual(untold([SILENT, marker], [null, SILENT.message]), []);
  });
});
