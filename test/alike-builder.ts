import type { AlikeFailures } from '../reconcilers/model/totals.ts';

/** Three files that failed alike on three nodes, one job each. */
export function someAlike(fields: Partial<AlikeFailures> = {}): AlikeFailures {
  const nodes = fields.nodes ?? ['wn1', 'wn2', 'wn3'];
  return {
    signature: 'exit 1',
    suspect: false,
    classes: ['unknown'],
    files: 3,
    tries: 3,
    onNodes: nodes.length,
    ...fields,
    nodes,
  };
}
