import assert from 'node:assert/strict';
import { OUTAGE_PROBE_MS } from '../../reconcilers/decide/judge/failures.ts';
import { heldAlike } from '../../reconcilers/decide/stops/alike.ts';
import { afterNo, gateStop, mayTryAgain } from '../../reconcilers/decide/stops/gates.ts';
import type { AlikeFailures, Gate, Totals, Trouble } from '../../reconcilers/model/totals.ts';
import { someAlike } from '../alike-builder.ts';
import { aContext, aDataset, anInput, inputCounts, NOW, someTotals } from '../builders.ts';
import { someLimits } from '../spec-builders.ts';
import { jobStop } from './process-world.ts';

const FULL = { kind: 'refused', message: 'refused: 600 jobs queued', generation: 1 } as const;
const WRONG = { kind: 'rejected', message: 'not accepted: no partition prod', generation: 1 } as const;

function aGate(fields: Partial<Gate> = {}): Gate {
  return { ...FULL, tries: 1, sinceMs: NOW, retryAtMs: NOW + 15_000, ...fields };
}

function anOutage(fields: Partial<NonNullable<Trouble['outage']>> = {}): Trouble {
  const outage = { files: 3, reason: 'ORA-12541', lastMs: NOW, probing: 0, over: false, ...fields };
  return { outage, alike: [] };
}

const withTrouble = (trouble: Trouble, now = NOW) => aContext({ now, totals: someTotals({ trouble }) });
const withGate = (gate: Gate, generation = 1) => {
  const gates: Totals['gates'] = { process: gate };
  return aContext({ dataset: aDataset({}, { generation }), totals: someTotals({ gates }) });
};

describe('a gate', () => {
  it('waits twice as long after each no, and never longer than it should', () => {
    const waits: number[] = [];
    let gate: Gate | undefined;
    for (let tries = 1; tries <= 8; tries += 1) {
      gate = afterNo(gate, FULL, NOW);
      waits.push((gate.retryAtMs - NOW) / 1000);
    }
    assert.deepEqual(waits, [15, 30, 60, 120, 240, 480, 600, 600]);
  });

  it('begins anew when the order is another one', () => {
    const before = aGate({ ...WRONG, tries: 5, sinceMs: 1 });
    const { tries, sinceMs } = afterNo(before, { ...WRONG, generation: 2 }, NOW);
    assert.deepEqual([tries, sinceMs], [1, NOW]);
  });

  it('says what the system said and when it is asked again', () => {
    assert.equal(
      gateStop(withGate(aGate()), 'process')?.text,
      'refused: 600 jobs queued (asked again in 15 s)',
    );
    assert.equal(gateStop(withGate(aGate()), 'transfer'), undefined);
  });

  it('opens when its time has come', () => {
    assert.equal(gateStop(withGate(aGate({ retryAtMs: NOW })), 'process'), undefined);
  });

  it('opens at a change of the spec where an order was wrong, not where a system was full', () => {
    assert.equal(gateStop(withGate(aGate(WRONG), 2), 'process'), undefined);
    assert.notEqual(gateStop(withGate(aGate(FULL), 2), 'process'), undefined);
  });
});

describe('an outage', () => {
  it('pauses new jobs', () => {
    const reason = jobStop(withTrouble(anOutage()), anInput({ state: 'verified' }));
    assert.match(reason?.text ?? '', /paused while a shared service is down.*ORA-12541/);
  });

  it('lets the file through that tries the service again', () => {
    const probe = anInput({ state: 'verified', class: 'outage' });
    assert.equal(jobStop(withTrouble(anOutage()), probe), undefined);
  });

  it('pauses nothing once a job begun since has gone well', () => {
    assert.equal(jobStop(withTrouble(anOutage({ over: true })), anInput()), undefined);
  });

  const met = [1, 2, 3].map((id) => anInput({ id, state: 'error', phase: 'process', class: 'outage' }));
  const cases = [
    { it: 'is left alone for a while', outage: {}, now: NOW + OUTAGE_PROBE_MS - 1, tried: 0 },
    { it: 'is then tried by one file', outage: {}, now: NOW + OUTAGE_PROBE_MS, tried: 1 },
    { it: 'is not tried by two at once', outage: { probing: 1 }, now: NOW + OUTAGE_PROBE_MS, tried: 0 },
    { it: 'keeps no file back when it is over', outage: { over: true }, now: NOW, tried: 3 },
  ];
  for (const { it: title, outage, now, tried } of cases) {
    it(title, () => {
      const may = mayTryAgain(withTrouble(anOutage(outage), now));
      assert.equal(met.filter((input) => may(input)).length, tried);
    });
  }

  it('keeps back no file that failed otherwise', () => {
    const may = mayTryAgain(withTrouble(anOutage()));
    assert.equal(may(anInput({ state: 'error', phase: 'process', class: 'transient' })), true);
  });
});

describe('software that fails everywhere alike', () => {
  const context = withTrouble({ outage: null, alike: [someAlike({ signature: 'exit 5', files: 4 })] });

  it('holds the dataset and says what to do', () => {
    const reason = jobStop(context, anInput({ state: 'verified' }))?.text ?? '';
    assert.match(reason, /^held: 4 files failed alike on 3 nodes \(exit 5\)/);
    assert.match(reason, /rereco clean/);
  });

  it('is not tried again, other failures are', () => {
    const may = mayTryAgain(context);
    const failed = (signature: string) => anInput({ state: 'error', class: 'unknown', signature });
    assert.deepEqual([may(failed('exit 5')), may(failed('killed'))], [false, true]);
  });
});

describe('failures that are alike', () => {
  const suspect = { suspect: true, nodes: ['wn1', 'wn2'] } as const;
  const software = { ...suspect, classes: ['software', 'site'] } as const;
  const cases = [
    { it: 'hold at three of class software, on any node', alike: { classes: ['software'], nodes: ['wn1'] } },
    { it: 'do not hold at two', alike: { classes: ['software'], files: 2 }, holds: false },
    { it: 'hold at three of an unknown class on three nodes', alike: {} },
    {
      it: 'do not hold on two, where their class is unknown',
      alike: { nodes: ['wn1', 'wn2'] },
      holds: false,
    },
    { it: 'hold nothing while they may be a node’s', alike: { ...suspect, classes: ['site'] }, holds: false },
    {
      it: 'hold at the first file, the software’s, while nothing went well',
      alike: { ...software, files: 1 },
    },
    {
      it: 'hold at no second file once something has',
      alike: { ...software, files: 2 },
      done: 1,
      holds: false,
    },
    { it: 'hold at the third file, whatever went well', alike: software, done: 1 },
  ] satisfies { it: string; alike: Partial<AlikeFailures>; done?: number; holds?: boolean }[];
  for (const { it: title, alike, done = 0, holds = true } of cases) {
    it(title, () => {
      const inputs = inputCounts({ done });
      const held = heldAlike({ inputs, trouble: { outage: null, alike: [someAlike(alike)] } });
      assert.equal(held !== undefined, holds);
    });
  }

  it('are told by the jobs that failed where the software is suspect', () => {
    const alike = [someAlike({ ...software, files: 1, tries: 2 })];
    const stop = jobStop(withTrouble({ outage: null, alike }), anInput({ state: 'verified' }));
    assert.match(stop?.text ?? '', /^held: 2 jobs failed alike on 2 nodes/);
  });
});

describe('a dataset most of whose files fail', () => {
  const limits = someLimits({ maxFailedSharePpm: 100_000 });
  const gateOf = (error: number, done: number) =>
    jobStop(
      aContext({
        dataset: aDataset({ limits }),
        totals: someTotals({ failing: error, inputs: inputCounts({ error, done }) }),
      }),
      anInput({ state: 'verified' }),
    );

  it('is held past limits.maxFailedShare', () => {
    assert.match(gateOf(6, 50)?.text ?? '', /held: 6 of 56 files failed/);
  });

  it('is not held at it, nor by too few failures to judge by', () => {
    assert.equal(gateOf(5, 45), undefined);
    assert.equal(gateOf(4, 0), undefined);
  });
});
