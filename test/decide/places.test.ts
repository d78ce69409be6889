/** Whether what a page decides may be done in the places it is about: whose they are, and who reads there. */

import assert from 'node:assert/strict';
import { KEPT, PLACE_TAKEN } from '../../machines/problems.ts';
import { changeOf } from '../../reconcilers/decide/change/change-of.ts';
import { claimsOf, withinPlaces } from '../../reconcilers/decide/places/places.ts';
import { plan } from '../../reconcilers/decide/steps/plan.ts';
import { type Holders, NOBODY, placeKey } from '../../reconcilers/model/holders.ts';
import { EMPTY_PAGE, type InputRow } from '../../reconcilers/model/rows.ts';
import type { Decision } from '../../reconcilers/model/steps.ts';
import { NOTHING_SEEN, type World } from '../../reconcilers/model/world.ts';
import { aContext, aDataset, anInput, NOW } from '../builders.ts';
import { anOutputSpec, aSpec } from '../spec-builders.ts';

const context = aContext({
  dataset: aDataset({
    outputs: [anOutputSpec({ key: 'dst', name: '{stem}.dst', store: 'disk', path: 'dst' })],
  }),
});
const at = (path: string) => ({ place: 'file', path: `/disk/${path}`, refused: null });

/** The store says where these paths lie; the others it was not asked about. */
function world(paths: readonly string[], holders: Partial<Holders> = {}): World {
  const answer = {
    asked: new Set(paths),
    askedAt: NOW,
    complete: true,
    found: new Map(paths.map((path) => [path, at(path)])),
    unknown: new Map(),
  };
  return { ...NOTHING_SEEN, places: new Map([['disk', [answer]]]), holders: { ...NOBODY, ...holders } };
}

const owner = (path: string, inputId: number, dataset = 'other') => ({
  ...at(path),
  kind: 'output' as const,
  datasetId: dataset === 'other' ? 9 : 1,
  dataset,
  inputId,
  input: 'x.raw',
});
const owned = (path: string, inputId: number, dataset?: string): Partial<Holders> => ({
  owners: new Map([[placeKey(at(path)), owner(path, inputId, dataset)]]),
});
const read = (path: string, needed: boolean): Partial<Holders> => ({
  readers: new Map([
    [
      placeKey(at(path)),
      [{ datasetId: 9, dataset: 'other', inputId: 90, input: 'x.raw', store: 'disk', path, needed }],
    ],
  ]),
});

const inputs = [
  anInput({ id: 1, name: 'a.raw', state: 'verified' }),
  anInput({ id: 2, name: 'a.txt', state: 'verified' }),
];
const submit = (input: InputRow): Decision => ({ do: 'submit', input, because: 'verified' });
const release: Decision = {
  do: 'step',
  step: {
    kind: 'release',
    phase: 'export',
    names: ['a.raw'],
    because: 'its origin was read back',
    bytes: 1,
    fileId: 1,
    store: 'disk',
    path: 'raw/a.raw',
    expected: { sizeBytes: 1 },
    proof: { by: 'checksum', store: 'fnal', path: 'a.raw' },
  },
};

/** What becomes of decisions, and what is told of it. */
function judge(decisions: readonly Decision[], seen: World) {
  const page = { ...EMPTY_PAGE, inputs };
  const options = { now: NOW, phase: 'process', retry: aSpec().retry } as const;
  const { standing } = changeOf(page, [], options);
  const decided = decisions.map((decision, index) => ({
    name: inputs[index]?.name ?? '',
    rule: 'aRule',
    decision,
  }));
  const { decided: kept, findings } = withinPlaces(context, decided, page, seen, standing);
  const { steps } = plan(context, kept, []);
  return {
    does: kept.map(({ decision }) => (decision.do === 'wait' ? decision.stop.text : decision.do)),
    told: changeOf(page, findings, options).change.problems.map(({ kind, fileId, problem }) => [
      kind,
      fileId,
      problem === null,
    ]),
    claims: claimsOf(context, steps, seen, standing).map(({ path, inputId }) => [path, inputId]),
  };
}

const one = inputs.slice(0, 1).map(submit);

describe('a place that an output is to have', () => {
  it('is claimed with the job where it is free', () => {
    const { does, told, claims } = judge(one, world(['dst/a.dst']));
    assert.deepEqual([does, told, claims], [['submit'], [], [['/disk/dst/a.dst', 1]]]);
  });

  it('goes to the first of a page', () => {
    const { does, told, claims } = judge(inputs.map(submit), world(['dst/a.dst']));
    assert.match(does[1] ?? '', /belongs to a\.raw of this dataset; give outputs\.dst a name/);
    assert.deepEqual([does[0], told, claims.length], ['submit', [[PLACE_TAKEN, 2, false]], 1]);
  });

  it('is not taken from another dataset, and both ways out are named', () => {
    const { does, claims } = judge(one, world(['dst/a.dst'], owned('dst/a.dst', 7)));
    assert.match(does[0] ?? '', /x\.raw of dataset other.*dataset rename other p17.*dataset release other/);
    assert.deepEqual(claims, []);
  });

  it('is used again by the input it belongs to, without another claim', () => {
    const { does, claims } = judge(one, world(['dst/a.dst'], owned('dst/a.dst', 1, 'p17')));
    assert.deepEqual([does, claims], [['submit'], []]);
  });

  it('is never that of a raw file', () => {
    const { does } = judge(one, world(['dst/a.dst'], read('dst/a.dst', true)));
    assert.match(does[0] ?? '', /is the raw file x\.raw of dataset other/);
  });

  it('is waited for, without a problem, while its store does not say where it is', () => {
    const { does, told } = judge(one, world([]));
    assert.match(does[0] ?? '', /disk has not said where dst\/a\.dst lies/);
    assert.deepEqual(told, []);
  });

  it('ends the problem of its input once it is free, and tells nothing twice', () => {
    const waiting = (message: string) => ({
      openProblems: new Map([[PLACE_TAKEN, new Map([[1, message]])]]),
    });
    assert.deepEqual(judge(one, world(['dst/a.dst'], waiting('before'))).told, [[PLACE_TAKEN, 1, true]]);
    const taken = judge(one, world(['dst/a.dst'], owned('dst/a.dst', 7))).does[0] ?? '';
    const again = judge(one, world(['dst/a.dst'], { ...owned('dst/a.dst', 7), ...waiting(taken) }));
    assert.deepEqual(again.told, []);
  });
});

describe('a raw copy that may go', () => {
  it('goes where nobody else reads it', () => {
    assert.deepEqual(judge([release], world(['raw/a.raw'])).does, ['step']);
  });

  it('stays while another dataset needs it', () => {
    const { does, told } = judge([release], world(['raw/a.raw'], read('raw/a.raw', true)));
    assert.match(does[0] ?? '', /is the raw file of x\.raw of dataset other; it is kept/);
    assert.deepEqual(told, [[KEPT, 1, false]]);
  });

  it('goes where the other is done and lets its copies go as well', () => {
    assert.deepEqual(judge([release], world(['raw/a.raw'], read('raw/a.raw', false))).does, ['step']);
  });

  it('stays where another dataset’s output belongs, and while nobody can say', () => {
    assert.match(judge([release], world(['raw/a.raw'], owned('raw/a.raw', 7))).does[0] ?? '', /it is kept/);
    const unsure = { unsure: new Map([['a.raw', 'far has not said where it lies']]) };
    assert.match(judge([release], world(['raw/a.raw'], unsure)).does[0] ?? '', /far has not said/);
  });
});
