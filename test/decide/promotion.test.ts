/** What follows when a file does not get its final name. */

import assert from 'node:assert/strict';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { conclude } from '../../reconcilers/decide/steps/conclude.ts';
import { EMPTY_PAGE, type InputRow } from '../../reconcilers/model/rows.ts';
import type { Step } from '../../reconcilers/model/steps.ts';
import { aContext, anInput, NOW } from '../builders.ts';
import { aSpec, RETRY } from '../spec-builders.ts';

const promotion: Step<'promote'> = {
  kind: 'promote',
  phase: 'verify',
  names: ['a.raw'],
  because: 'the arrival has the catalog’s size and checksum',
  bytes: 3,
  of: 'raw copy',
  fileId: 1,
  outputKey: null,
  store: 'disk',
  from: '.rereco/attempts/r1-x-1/a.raw',
  to: 'raw/a.raw',
  expected: { sizeBytes: 3 },
  companion: null,
};

function afterConflict(retriesUsed: number): InputRow {
  const copyPath = promotion.from;
  const page = { ...EMPTY_PAGE, inputs: [anInput({ state: 'transferred', copyPath, retriesUsed })] };
  const retry = { ...aSpec().retry, verify: { ...RETRY, attempts: 3, firstSeconds: 10, longestSeconds: 60 } };
  const outcome = { ok: false, code: 'conflict', message: 'other bytes are there already' } as const;
  const findings = conclude(aContext(), page, [{ step: promotion, outcome }]);
  return changeOf(page, findings, { now: NOW, phase: 'verify', retry }).standing.input(1);
}

describe('a raw copy whose final name is taken', () => {
  it('waits, longer each time, where it arrived', () => {
    const [first, second] = [afterConflict(0), afterConflict(1)];
    assert.deepEqual([first.state, first.phase, first.fault], ['error', 'verify', 'catalog']);
    assert.equal(first.copyPath, promotion.from);
    const waits = [first, second].map(({ retryAtMs }) => (retryAtMs ?? 0) - NOW);
    assert.ok((waits[1] ?? 0) > (waits[0] ?? 0) && (waits[0] ?? 0) > 0, String(waits));
  });

  it('waits for a person in the end, who is told what to do', () => {
    const last = afterConflict(2);
    assert.equal(last.retryAtMs, null);
    assert.match(last.reason ?? '', /disk:raw\/a\.raw is taken.*put away what lies there.*clean/);
  });
});
