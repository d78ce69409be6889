import assert from 'node:assert/strict';
import { blamedSince, withBlame } from '../../reconcilers/decide/facts/suspects.ts';
import { blamed, evidenceOf, nodesAfter, nodesToAvoid } from '../../reconcilers/decide/judge/suspects.ts';
import type { JobFailure } from '../../reconcilers/model/failure.ts';
import { onInput } from '../../reconcilers/model/findings.ts';
import { EMPTY_PAGE } from '../../reconcilers/model/rows.ts';
import type { AlikeFailures } from '../../reconcilers/model/totals.ts';
import type { Nodes } from '../../reconcilers/ports/batch-system.ts';
import { someAlike } from '../alike-builder.ts';
import { aContext, anInput, someTotals } from '../builders.ts';

const ONE: Nodes = { are: 'one', name: 'wn1' };
const MANY: Nodes = { are: 'many', avoidable: true };

const aSuspect = (fields: Partial<JobFailure> = {}): JobFailure => ({
  signature: 'exit 127',
  node: 'wn1',
  suspect: true,
  ...fields,
});

/** A site on whose nodes jobs have failed so. */
function aSite(nodes: Nodes, alike: readonly AlikeFailures[] = []) {
  const context = aContext({ totals: someTotals({ trouble: { outage: null, alike } }) });
  return { ...context, traits: { ...context.traits, batch: { ...context.traits.batch, nodes } } };
}

const known = (fields: Partial<AlikeFailures>) =>
  someAlike({ signature: 'exit 127', suspect: true, classes: ['site'], files: 1, tries: 1, ...fields });

describe('a command that cannot run or does nothing', () => {
  const cases = [
    { it: 'is a node’s doing at first', nodes: ['wn1'], tries: 1, where: MANY, cls: 'site' },
    { it: 'is at first a node’s where there is but one', nodes: ['wn1'], tries: 1, where: ONE, cls: 'site' },
    {
      it: 'is the node’s while it is so on one of many only',
      nodes: ['wn1'],
      tries: 9,
      where: MANY,
      cls: 'site',
    },
    { it: 'is the software’s on two nodes', nodes: ['wn1', 'wn2'], tries: 2, where: MANY, cls: 'software' },
    {
      it: 'is the software’s at twice on the one node',
      nodes: ['wn1'],
      tries: 2,
      where: ONE,
      cls: 'software',
    },
  ] as const;
  for (const { it: title, nodes, tries, where, cls } of cases) {
    it(title, () => assert.equal(blamed({ nodes, tries }, where), cls));
  }

  it('is known by those on record and those just found, each signature by itself', () => {
    const evidence = evidenceOf(
      [known({ nodes: ['wn1'], tries: 1 }), someAlike({ signature: 'exit 126', nodes: ['wn7'] })],
      [
        aSuspect({ node: 'wn2' }),
        aSuspect({ node: 'wn2' }),
        aSuspect({ signature: 'exit 126' }),
        aSuspect({ suspect: false, node: 'wn8' }),
      ],
    );
    assert.deepEqual(Object.fromEntries(evidence), {
      'exit 127': { nodes: ['wn1', 'wn2'], tries: 3 },
      'exit 126': { nodes: ['wn1'], tries: 1 },
    });
  });

  it('gives all files of a page that failed so the same class, and their attempts', () => {
    const found = [aSuspect(), aSuspect(), aSuspect({ suspect: false })].map((job, id) =>
      onInput(id, {
        fact: { type: 'job.failed' },
        because: 'it failed',
        failure: { class: 'unknown', reason: 'it failed', job },
        end: { phase: 'process', revision: 'a', how: { state: 'failed', class: 'unknown' } },
      }),
    );
    const classes = (where: Nodes) =>
      withBlame(aSite(where), found).map((one) =>
        one.on === 'input' ? [one.failure?.class, one.end?.how.class] : [],
      );
    const unknown = ['unknown', 'unknown'];
    assert.deepEqual(classes(ONE), [['software', 'software'], ['software', 'software'], unknown]);
    assert.deepEqual(classes(MANY), [['site', 'site'], ['site', 'site'], unknown]);
  });

  it('stops a file that waits for its next try once it is known to be the software’s', () => {
    const waits = { state: 'error', phase: 'process', class: 'site', signature: 'exit 127' } as const;
    const inputs = [
      anInput({ ...waits, suspect: true, reason: 'not found' }),
      anInput({ ...waits, id: 2 }),
      anInput({ ...waits, id: 3, suspect: true, signature: 'exit 126' }),
    ];
    const since = (alike: AlikeFailures) => blamedSince(aSite(MANY, [alike]), { ...EMPTY_PAGE, inputs });
    assert.deepEqual(since(known({ nodes: ['wn1'] })), []);
    const [finding, ...others] = since(known({ nodes: ['wn1', 'wn2'] }));
    assert.deepEqual([finding?.id, others.length], [1, 0]);
    assert.deepEqual([finding?.failure?.class, finding?.failure?.reason], ['software', 'not found']);
  });
});

describe('the nodes on which a file failed alike', () => {
  const nodesSince = (signature: string | null, failedNodes: readonly string[] | null, job?: JobFailure) =>
    nodesAfter({ signature, failedNodes }, job);

  it('are those of its failures with one signature in a row', () => {
    assert.deepEqual(nodesSince(null, null, aSuspect()), { failedNodes: ['wn1'], suspect: true });
    assert.deepEqual(nodesSince('exit 127', ['wn1'], aSuspect()).failedNodes, ['wn1', 'wn1']);
    assert.deepEqual(nodesSince('exit 1', ['wn7'], aSuspect()).failedNodes, ['wn1']);
    assert.deepEqual(nodesSince('exit 127', null, aSuspect({ node: null })).failedNodes, null);
  });

  it('are forgotten after a failure of another kind, and are not more than it takes', () => {
    assert.deepEqual(nodesSince('exit 127', ['wn1']), { failedNodes: null, suspect: false });
    const many = Array.from({ length: 30 }, (_, n) => `wn${n}`);
    assert.deepEqual(nodesSince('exit 127', many, aSuspect({ node: 'last' })).failedNodes?.slice(-2), [
      'wn29',
      'last',
    ]);
  });

  it('are avoided where the batch system can, after a failure that was a node’s', () => {
    const failed = { class: 'site', failedNodes: ['wn1', 'wn2', 'wn1'] } as const;
    assert.deepEqual(nodesToAvoid(failed, MANY), ['wn1', 'wn2']);
    assert.deepEqual(nodesToAvoid({ ...failed, class: 'unknown' }, MANY), []);
    assert.deepEqual(nodesToAvoid(failed, { are: 'many', avoidable: false }), []);
    assert.deepEqual(nodesToAvoid(failed, ONE), []);
    assert.deepEqual(nodesToAvoid({ class: 'site', failedNodes: ['a', 'b', 'c', 'd'] }, MANY), [
      'b',
      'c',
      'd',
    ]);
  });
});
