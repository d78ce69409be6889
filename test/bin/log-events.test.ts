/** What a watch tells of passes, of where datasets stand and of new generations. */
import assert from 'node:assert/strict';
import { passEvents } from '../../bin/pass-events.ts';
import { changedFields, generationLine } from '../../bin/print/generation.ts';
import { type StandingTold, standingNews } from '../../bin/standing-news.ts';
import { failuresForGood } from '../../reconcilers/decide/change/failures-for-good.ts';
import type { Rest } from '../../reconcilers/decide/rest.ts';
import { type Stood, stoodAt } from '../../reconcilers/decide/stood.ts';
import type { Transition } from '../../reconcilers/model/rows.ts';
import { type StopCode, stop } from '../../reconcilers/model/stops.ts';
import { newReport, type PassReport } from '../../reconcilers/pass-report.ts';
import { someAlike } from '../alike-builder.ts';
import { aContext, aDataset, anInput, anOutput, inputCounts, someTotals } from '../builders.ts';

const MOVE = { phase: null, attempt: 1, because: 'so' } as const;
const ofFile = (id: number, from: string, to: string, fact: string): Transition => ({
  ...MOVE,
  ...{ subject: { kind: 'file', id }, from, to, fact },
});
const ofJob = (index: number, from: string, to: string, fact: string): Transition => ({
  ...MOVE,
  ...{ subject: { kind: 'job', submissionId: 1, index }, from, to, fact },
});

const aReport = (fields: Partial<PassReport>): PassReport => ({
  ...newReport('p17', 'process', null),
  ...fields,
});

describe('the events of a pass', () => {
  it('count a file and its job once', () => {
    const moves = [0, 1, 2].flatMap((n) => [
      ofJob(n, 'running', 'done', 'job.succeeded'),
      ofFile(n, 'running', 'done', 'job.succeeded'),
    ]);
    const events = passEvents(aReport({ moves }));
    assert.deepEqual(
      events.map(({ files, text }) => [files, text]),
      [[3, '3 files running → done, job.succeeded: so']],
    );
  });

  it('say of how many failures the reason told is one', () => {
    const fails = (id: number, because: string) => ({
      ...ofFile(id, 'running', 'error', 'job.failed'),
      because,
    });
    const moves = [fails(1, 'exit 1: event 17'), fails(2, 'exit 1: event 4'), fails(3, 'no output')];
    const [event] = passEvents(aReport({ moves }));
    assert.equal(event?.text, '3 files running → error, job.failed, 2 of them: exit 1: event 17');
    const [alike] = passEvents(aReport({ moves: moves.slice(0, 2) }));
    assert.equal(alike?.text, '2 files running → error, job.failed: exit 1: event 17');
  });

  it('tell that jobs have begun, of which no file says anything', () => {
    const moves = [ofJob(0, 'pending', 'running', 'job.started')];
    const [event] = passEvents(aReport({ moves }));
    assert.deepEqual([event?.files, event?.text], [0, '1 job pending → running, job.started: so']);
  });

  it('warn of each file that fails for good by its name, and count the many', () => {
    const failed = Array.from({ length: 22 }, (_, n) => ({
      name: `f${n}\n.raw`,
      class: 'data' as const,
      reason: 'empty',
    }));
    const events = passEvents(aReport({ failed }));
    assert.deepEqual([...new Set(events.map(({ level }) => level))], ['warn']);
    assert.equal(events[0]?.text, 'f0\\n.raw failed for good (data): empty');
    assert.equal(events.at(-1)?.text, '2 more files failed for good, like f20\\n.raw: empty');
    assert.equal(
      events.reduce((sum, { files }) => sum + files, 0),
      22,
    );
  });
});

describe('failuresForGood', () => {
  const ok = anInput({ name: 'a.raw', state: 'running' });
  const failed = { state: 'error', class: 'data', reason: 'empty', retryAtMs: null } as const;
  const output = anOutput({ name: 'a.tmb' });
  const stuck = { class: 'site', reason: 'refused', retryAtMs: null } as const;

  it('names what nothing but a person moves any more', () => {
    const change = {
      inputs: [{ before: ok, after: { ...ok, ...failed } }],
      outputs: [{ before: output, after: { ...output, ...stuck } }],
    };
    assert.deepEqual(failuresForGood(change), [
      { name: 'a.raw', class: 'data', reason: 'empty' },
      { name: 'a.tmb', class: 'site', reason: 'refused' },
    ]);
  });

  it('names nothing that is tried again, or that had failed before', () => {
    const change = {
      inputs: [
        { before: ok, after: { ...ok, ...failed, retryAtMs: 5 } },
        { before: { ...ok, ...failed }, after: { ...ok, ...failed, attempt: 2 } },
      ],
      outputs: [{ before: output, after: { ...output, ...stuck, retryAtMs: 5 } }],
    };
    assert.deepEqual(failuresForGood(change), []);
  });
});

const SETTLED: Rest = { is: 'settled' };
const MOVING: Rest = { is: 'moving', because: 'work is in motion', code: null };
const stuckBy = (because: string): Rest => ({ is: 'stuck', because, code: 'failed.forGood' });
const held = (code: StopCode, text: string) => ({ rest: MOVING, stop: stop(code, text) });

describe('news of where a dataset stands', () => {
  const cases: readonly (readonly [it: string, stood: readonly Partial<Stood>[], told: readonly string[]])[] =
    [
      ['tells nothing of work that goes on', [{ rest: MOVING }], []],
      ['tells once that it has settled', [{ rest: SETTLED }, { rest: SETTLED }], ['info settled']],
      [
        'tells each time that it has settled again',
        [{ rest: SETTLED }, { rest: MOVING }, { rest: SETTLED }],
        ['info settled', 'info settled'],
      ],
      [
        'tells once that it is stuck, whatever moves in between and however many files it is by then',
        [
          { rest: stuckBy('3 files are in error') },
          { rest: MOVING },
          { rest: stuckBy('4 files are in error') },
        ],
        ['error stuck'],
      ],
      [
        'tells of another reason',
        [{ rest: stuckBy('1 file is in error') }, { rest: stuckBy('nothing is known of 1 job') }],
        ['error stuck', 'error stuck'],
      ],
      [
        'tells of the same reason again once it was settled',
        [{ rest: stuckBy('1 file') }, { rest: SETTLED }, { rest: stuckBy('1 file') }],
        ['error stuck', 'info settled', 'error stuck'],
      ],
      [
        'tells of a hold while what was begun before goes on, and not again when that has ended',
        [
          held('held.software', 'held: 3 files failed alike'),
          {
            ...held('held.software', 'held: 4 files failed alike'),
            rest: stuckBy('held: 4 files failed alike'),
          },
        ],
        ['error held'],
      ],
      ['tells of an orphan', [held('orphaned', 'orphaned: no spec file asks for it')], ['error held']],
      [
        'is calm about what a person has asked for',
        [held('suspended.inSpec', 'suspended')],
        ['info suspended'],
      ],
    ];
  for (const [it_, stood, told] of cases) {
    it(it_, () => {
      let before: StandingTold | undefined;
      const lines = stood.flatMap((one, at) => {
        const { news, told } = standingNews(before, { ms: at, rest: MOVING, stop: null, ...one });
        before = told;
        return news === null ? [] : [`${news.level} ${news.kind}`];
      });
      assert.deepEqual(lines, told);
    });
  }

  it('does not go back to what another lane saw before', () => {
    const { told } = standingNews(undefined, { ms: 10, rest: SETTLED, stop: null });
    assert.equal(standingNews(told, { ms: 9, rest: MOVING, stop: null }).told, told);
  });
});

describe('stoodAt', () => {
  it('names the hold of a dataset whose jobs still run', () => {
    const totals = someTotals({
      inputs: inputCounts({ running: 1, error: 3, verified: 5 }),
      liveJobs: 1,
      trouble: { outage: null, alike: [someAlike()] },
    });
    const stood = stoodAt(aContext({ totals }));
    assert.deepEqual([stood.rest.is, stood.stop?.code], ['moving', 'held.software']);
  });
});

describe('a new generation', () => {
  const before = aDataset({}, { name: 'p17' });
  const origin = {
    ...before.loaded.origin,
    commit: '3e6645493d74824c993a7e863b5750a25e2ad8e9',
    author: 'Ann',
  };

  it('is told with the fields that changed and its commit', () => {
    const { spec } = before.loaded;
    const loaded = { ...before.loaded, origin, revision: 'other', spec: { ...spec, suspend: !spec.suspend } };
    const generation = { before, after: { ...before, generation: 2, loaded } };
    assert.deepEqual(changedFields(generation), ['spec.suspend']);
    assert.equal(
      generationLine(generation),
      'p17: generation 2 is applied: spec.suspend changed (commit 3e6645493d74 by Ann); processing revision other',
    );
  });

  it('is told when it is the first, and when it is in no commit', () => {
    const loaded = { ...before.loaded, origin: { ...origin, commit: null, author: null } };
    const line = generationLine({ before: null, after: { ...before, generation: 1, loaded } });
    assert.equal(line, 'p17: generation 1 is applied: new (not committed)');
  });

  it('is told when nothing but its site has changed', () => {
    const site = { ...before.loaded.site, name: 'lyon' };
    const after = { ...before, generation: 2, loaded: { ...before.loaded, origin, site } };
    assert.deepEqual(changedFields({ before, after }), ['its site']);
  });
});
