import assert from 'node:assert/strict';
import type { Phase } from '../../machines/model.ts';
import { withinSuspensions } from '../../reconcilers/decide/steps/within-suspensions.ts';
import { holdsFound } from '../../reconcilers/decide/stops/gates.ts';
import { avoidedNodes, isLeftAlone, suspendedIn } from '../../reconcilers/decide/stops/suspensions.ts';
import type { Hold } from '../../reconcilers/model/holds.ts';
import type { Decision, Step } from '../../reconcilers/model/steps.ts';
import { type StopCode, stop } from '../../reconcilers/model/stops.ts';
import { aHold } from '../a-hold.ts';
import { someAlike } from '../alike-builder.ts';
import { aContext, aDataset, anInput, NOW, someTotals } from '../builders.ts';

const suspended = (fields: Partial<Hold>) =>
  aHold({ code: 'suspended.byPerson', reason: 'an upgrade', by: 'alice', ...fields });

const DATASET = suspended({});
const PROCESS = suspended({ scope: 'phase', name: 'process' });
const VERIFY = suspended({ scope: 'phase', name: 'verify' });
const system = (name: string) => suspended({ scope: 'system', of: 'here', name });
const node = (name: string) => suspended({ scope: 'node', of: 'here', name });

const context = (...holds: readonly Hold[]) => aContext({ dataset: aDataset({}, { holds }) });

const move = { fileId: 1, name: 'a.raw', from: 'a.raw', sizeBytes: 1, checksum: null };
const TRANSFER: Decision = {
  do: 'transfer',
  endpoint: { from: 'fnal', to: 'disk' },
  move,
  because: 'wanted',
};
const SUBMIT: Decision = { do: 'submit', input: anInput(), because: 'verified' };
const waits = (code: StopCode): Decision => ({ do: 'wait', stop: stop(code, 'it waits') });

const about = { names: ['a'], because: 'so', bytes: 0 };
const place = { store: 'disk', path: 'a' };
const proof = { by: 'size', store: 'far', path: 'a' } as const;
const step = (args: object): Decision =>
  // A step of each kind, as far as it matters here.
  ({ do: 'step', step: { ...about, ...args } as unknown as Step<'promote'> });
const PROMOTE = step({ kind: 'promote', phase: 'process', ...place });
const ARRIVAL = step({ kind: 'promote', phase: 'verify', ...place });
const CANCEL = step({ kind: 'cancel', phase: 'process' });
const DECLARE = step({ kind: 'declare', phase: 'publish' });
const DELETE = step({ kind: 'delete', phase: 'export', ...place, proof });

interface Case {
  readonly it: string;
  readonly hold: Hold;
  readonly phase: Phase;
  readonly decision: Decision;
  /** What the person's word says; undefined: the decision stays. */
  readonly waits?: RegExp;
}

const CASES: readonly Case[] = [
  {
    it: 'begins no job of a suspended dataset',
    hold: DATASET,
    phase: 'process',
    decision: SUBMIT,
    waits: /^suspended by alice: an upgrade; `rereco resume p17` ends it$/,
  },
  {
    it: 'begins no job of a suspended phase',
    hold: PROCESS,
    phase: 'process',
    decision: SUBMIT,
    waits: /^process is suspended by alice: .*`rereco resume p17 --phase process`/,
  },
  { it: 'goes on with other phases', hold: PROCESS, phase: 'transfer', decision: TRANSFER },
  { it: 'gives outputs of jobs their names', hold: DATASET, phase: 'process', decision: PROMOTE },
  { it: 'cancels jobs that count no more', hold: PROCESS, phase: 'process', decision: CANCEL },
  { it: 'checks what has arrived of a suspended dataset', hold: DATASET, phase: 'verify', decision: ARRIVAL },
  {
    it: 'checks nothing in a suspended check',
    hold: VERIFY,
    phase: 'verify',
    decision: ARRIVAL,
    waits: /verify is/,
  },
  {
    it: 'submits nothing to a suspended batch system',
    hold: system('batch'),
    phase: 'process',
    decision: SUBMIT,
    waits: /^batch of here is/,
  },
  {
    it: 'begins no job that reads a suspended store',
    hold: system('disk'),
    phase: 'process',
    decision: SUBMIT,
    waits: /^disk of here is/,
  },
  {
    it: 'brings nothing from a suspended store',
    hold: system('fnal'),
    phase: 'transfer',
    decision: TRANSFER,
    waits: /^fnal of here is/,
  },
  {
    it: 'brings nothing over a suspended link, and quotes its name for a shell',
    hold: system('fnal>disk'),
    phase: 'transfer',
    decision: TRANSFER,
    waits: /`rereco resume --system 'fnal>disk' --site here`/,
  },
  { it: 'brings files over other links', hold: system('disk>far'), phase: 'transfer', decision: TRANSFER },
  {
    it: 'declares nothing in a suspended catalog',
    hold: system('catalog'),
    phase: 'publish',
    decision: DECLARE,
    waits: /^catalog of here is/,
  },
  {
    it: 'deletes nothing whose proof a suspended store has to give',
    hold: system('far'),
    phase: 'export',
    decision: DELETE,
    waits: /^far of here is/,
  },
  {
    it: 'submits nothing to the only node there is',
    hold: node('node1'),
    phase: 'process',
    decision: SUBMIT,
    waits: /^node node1 of here is/,
  },
  {
    it: 'submits to another node than a suspended one',
    hold: node('node2'),
    phase: 'process',
    decision: SUBMIT,
  },
  {
    it: 'names the person before a full system',
    hold: PROCESS,
    phase: 'process',
    decision: waits('system.full'),
    waits: /^process is/,
  },
  {
    it: 'does not speak of it where a job runs',
    hold: PROCESS,
    phase: 'process',
    decision: waits('job.underWay'),
  },
  {
    it: 'does not speak of it where another person must act',
    hold: PROCESS,
    phase: 'process',
    decision: waits('place.taken'),
  },
];

describe('what people have suspended', () => {
  for (const { it: title, hold, phase, decision, waits } of CASES) {
    it(title, () => {
      const [one] = withinSuspensions(context(hold), phase, [{ name: 'a', rule: 'r', decision }]);
      if (waits === undefined) {
        assert.equal(one?.decision, decision);
        return;
      }
      assert.ok(one?.decision.do === 'wait');
      const { code, since, text } = one.decision.stop;
      assert.deepEqual([one.rule, code, since], ['withinSuspensions', 'suspended.byPerson', NOW]);
      assert.match(text, waits);
    });
  }

  it('leaves the check alone, where nothing is asked for it', () => {
    assert.equal(isLeftAlone(context(VERIFY), 'verify'), true);
    assert.equal(isLeftAlone(context(system('disk')), 'verify'), true);
    assert.equal(isLeftAlone(context(DATASET), 'verify'), false);
    assert.equal(isLeftAlone(context(PROCESS), 'process'), false);
  });

  it('keeps jobs off a node, where the batch system can', () => {
    const { traits } = aContext();
    const many = (avoidable: boolean) => ({
      ...context(node('n7')),
      traits: { ...traits, batch: { ...traits.batch, nodes: { are: 'many', avoidable } as const } },
    });
    assert.deepEqual(avoidedNodes(many(true)), ['n7']);
    assert.deepEqual(avoidedNodes(many(false)), []);
    assert.deepEqual(avoidedNodes(context(node('node1'))), []);
    const [one] = withinSuspensions(many(true), 'process', [{ name: 'a', rule: 'r', decision: SUBMIT }]);
    assert.equal(one?.decision, SUBMIT);
  });

  it('may keep files of the phases that use what is suspended', () => {
    const phasesOf = (hold: Hold) =>
      (['transfer', 'verify', 'process', 'publish', 'export'] as const).filter(
        (phase) => suspendedIn(context(hold), phase).length > 0,
      );
    assert.deepEqual(phasesOf(PROCESS), ['process']);
    assert.deepEqual(phasesOf(system('disk')), ['transfer', 'verify', 'process']);
    assert.deepEqual(phasesOf(system('fnal>disk')), ['transfer']);
    assert.deepEqual(phasesOf(system('catalog')), ['publish']);
  });
});

describe('the holds that follow from failures', () => {
  const alike = someAlike({ classes: ['software'], nodes: ['wn1'] });
  const standing = (bites: boolean, ...holds: readonly Hold[]) => ({
    dataset: aDataset({}, { holds }),
    totals: someTotals({ trouble: { outage: null, alike: bites ? [alike] : [] } }),
  });
  const software = aHold({ code: 'held.software' });

  it('get a row when they bite first', () => {
    const reason = '3 files failed alike (exit 1)';
    assert.deepEqual(holdsFound(standing(true)), [{ code: 'held.software', reason }]);
    assert.deepEqual(holdsFound(standing(true, software)), []);
  });

  it('end with their cause', () => {
    assert.deepEqual(holdsFound(standing(false, software)), [{ code: 'held.software', reason: null }]);
    assert.deepEqual(holdsFound(standing(false)), []);
  });
});
