/**
 * Failures of commands that cannot run or do nothing: whether the software or a node is at fault.
 *
 * Such a file is tried once more, elsewhere where the batch system can avoid a node. What
 * then fails alike on another node is the software's; on one node only, it is that node's.
 * Where there is but one node, a second job that fails alike tells as much as there is to tell.
 */
import type { ErrorClass } from '../../../machines/model.ts';
import type { JobFailure } from '../../model/failure.ts';
import type { InputRow } from '../../model/rows.ts';
import type { AlikeFailures } from '../../model/totals.ts';
import type { Nodes } from '../../ports/batch-system.ts';

/** What is known of suspect failures with one signature. */
export type Evidence = Pick<AlikeFailures, 'nodes' | 'tries'>;

/** `blamed` says whose doing suspect failures with one signature are. */
export function blamed({ nodes, tries }: Evidence, where: Nodes): Extract<ErrorClass, 'site' | 'software'> {
  const isTheSoftware = nodes.length >= 2 || (where.are === 'one' && tries >= 2);
  return isTheSoftware ? 'software' : 'site';
}

/**
 * `evidenceOf` brings together what is known of suspect failures by signature: those on
 * record, and those that were just found.
 */
export function evidenceOf(
  known: readonly AlikeFailures[],
  found: readonly JobFailure[],
): ReadonlyMap<string, Evidence> {
  const evidence = new Map<string, Evidence>();
  for (const { signature, suspect, nodes, tries } of known) {
    if (suspect) evidence.set(signature, { nodes, tries });
  }
  for (const { signature, node } of found.filter(({ suspect, node }) => suspect && node !== null)) {
    const { nodes, tries } = evidence.get(signature) ?? { nodes: [], tries: 0 };
    const more = node === null || nodes.includes(node) ? nodes : [...nodes, node];
    evidence.set(signature, { nodes: more, tries: tries + 1 });
  }
  return evidence;
}

/** Nodes are noted for so many failures in a row: more tell nothing new. */
const MOST_NODES = 30;

/** `nodesAfter` gives the columns of an input that say where it failed alike, after one more failure. */
export function nodesAfter(
  before: Pick<InputRow, 'signature' | 'failedNodes'>,
  failure: JobFailure | undefined,
): Pick<InputRow, 'failedNodes' | 'suspect'> {
  if (failure === undefined) return { failedNodes: null, suspect: false };
  const alike = before.signature === failure.signature ? (before.failedNodes ?? []) : [];
  const all = failure.node === null ? alike : [...alike, failure.node].slice(-MOST_NODES);
  return { failedNodes: all.length === 0 ? null : all, suspect: failure.suspect };
}

/** A job that avoids more nodes than these may find none that is left. */
const MOST_AVOIDED = 3;

/** `nodesToAvoid` lists the nodes on which a file's next job is not to run: where it failed for a node's reasons. */
export function nodesToAvoid(
  { class: cls, failedNodes }: Pick<InputRow, 'class' | 'failedNodes'>,
  where: Nodes,
): readonly string[] {
  if (cls !== 'site' || where.are === 'one' || !where.avoidable) return [];
  return [...new Set(failedNodes ?? [])].slice(-MOST_AVOIDED);
}
