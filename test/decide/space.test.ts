import assert from 'node:assert/strict';
import type { Phase } from '../../machines/model.ts';
import { NO_BYTES } from '../../reconcilers/act/preview-rows.ts';
import { withinSpace } from '../../reconcilers/decide/steps/within-space.ts';
import { spaceLines, spaceRound, watchesSpace } from '../../reconcilers/decide/stops/space.ts';
import type { Decided } from '../../reconcilers/model/steps.ts';
import type { ByteTotals } from '../../reconcilers/model/totals.ts';
import { type Answer, NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import type { SiteSpec, StoreSpec } from '../../specs/types.ts';
import { aContext, aDataset, anAnswer, anInput } from '../builders.ts';
import { anOutputSpec, aSite } from '../spec-builders.ts';

function aStore(keepFreeBytes: number): StoreSpec {
  return { driver: 'posix', root: '/', keepFreeBytes, deleteProof: null, callsPerMinute: null, options: {} };
}

/** A context in which the disk is to keep so much free. */
function keeping(
  keepFreeBytes: number,
  bytes: Partial<ByteTotals> | null = {},
  spool: Partial<SiteSpec['spool']> = {},
) {
  const outputs = [anOutputSpec({ key: 'dst' }), anOutputSpec({ key: 'tmb' })];
  const site = aSite({
    stores: { disk: aStore(keepFreeBytes) },
    spool: { path: '/spool', keepFreeBytes: 0, ...spool },
  });
  const dataset = aDataset({ outputs });
  const loaded = { ...dataset.loaded, site };
  return aContext({ dataset: { ...dataset, loaded }, bytes: bytes && { ...NO_BYTES, ...bytes } });
}

function withFree(free: Readonly<Record<string, number | null>>): World {
  const answers = Object.entries(free).map(
    ([place, bytes]): Answer<string, number | null> =>
      anAnswer([place], { found: new Map([[place, bytes]]) }),
  );
  return { ...NOTHING_SEEN, free: answers };
}

const submits = (...sizes: readonly number[]): readonly Decided[] =>
  sizes.map((sizeBytes, id) => ({
    name: `raw_${id}`,
    rule: 'submitIt',
    decision: { do: 'submit', input: anInput({ id, sizeBytes }), because: 'verified' },
  }));

const begun = (decided: readonly Decided[]) =>
  decided.filter(({ decision }) => decision.do !== 'wait').map(({ name }) => name);

describe('the space of stores', () => {
  it('is watched only where some is to be kept free', () => {
    assert.equal(watchesSpace(keeping(0), 'process'), false);
    assert.equal(watchesSpace(keeping(1), 'process'), true);
    assert.equal(watchesSpace(keeping(0, {}, { keepFreeBytes: 1 }), 'process'), true);
    assert.equal(watchesSpace(keeping(1), 'publish'), false);
  });

  const placesAsked = (context: ReturnType<typeof keeping>, phase: Phase) =>
    spaceRound(context, phase)(NOTHING_SEEN).free;

  it('is asked for where jobs write, and not without a reason', () => {
    assert.deepEqual(placesAsked(keeping(1), 'process'), ['disk', 'spool']);
    assert.deepEqual(placesAsked(keeping(1), 'transfer'), ['disk']);
    assert.deepEqual(placesAsked(keeping(1, null), 'process'), []);
  });

  it('lets jobs begin as long as what they write fits, as much as is read where none has written yet', () => {
    const kept = withinSpace(keeping(500), 'process', submits(100, 100, 100), withFree({ disk: 1000 }));
    assert.deepEqual(begun(kept), ['raw_0', 'raw_1']);
    const [, , third] = kept;
    assert.ok(third?.decision.do === 'wait');
    assert.match(third.decision.stop.text, /disk is to keep space free .*room for 100 bytes more.*need 200/);
  });

  it('knows what is written from what was written', () => {
    const context = keeping(500, { ratios: { dst: 0.5, tmb: 0.1 } });
    const kept = withinSpace(context, 'process', submits(100, 100, 100), withFree({ disk: 690 }));
    assert.deepEqual(begun(kept), ['raw_0', 'raw_1', 'raw_2']);
  });

  it('keeps room for jobs that are running', () => {
    const context = keeping(500, { inputs: { ...NO_BYTES.inputs, running: 200 } });
    const kept = withinSpace(context, 'process', submits(100), withFree({ disk: 1000 }));
    assert.deepEqual(begun(kept), []);
  });

  it('lets nothing begin while nobody says how much is free', () => {
    const [first] = withinSpace(keeping(500), 'process', submits(100), NOTHING_SEEN);
    assert.ok(first?.decision.do === 'wait');
    assert.match(first.decision.stop.text, /disk has not said how much is free/);
  });

  it('is no limit where the store cannot tell', () => {
    const kept = withinSpace(keeping(500), 'process', submits(100), withFree({ disk: null }));
    assert.deepEqual(begun(kept), ['raw_0']);
  });

  it('stops submission below what the spool is to keep free', () => {
    const context = keeping(0, {}, { keepFreeBytes: 50 });
    const free = (spool: number) => withinSpace(context, 'process', submits(100), withFree({ spool }));
    assert.deepEqual(begun(free(49)), []);
    assert.deepEqual(begun(free(50)), ['raw_0']);
  });

  it('is told with its peak: all that is still to come', () => {
    const context = keeping(500, {
      inputs: { ...NO_BYTES.inputs, pending: 1000, running: 500, done: 9000 },
      ratios: { dst: 0.5, tmb: 0.1 },
    });
    const seen = withFree({ disk: 700 });
    assert.deepEqual(spaceLines(context, 'process', seen), [
      { store: 'disk', freeBytes: 700, keptBytes: 500, comingBytes: 900 },
    ]);
    assert.equal(spaceLines(context, 'transfer', seen)[0]?.comingBytes, 1000);
  });
});
