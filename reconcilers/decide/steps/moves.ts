/** What transfers and copies have in common: files that a mover brings from one store to another. */

import {
  type Checksum,
  type Endpoint,
  endpointText,
  type FileId,
  type StorePath,
} from '../../../machines/model.ts';
import { chunks } from '../../model/chunks.ts';
import type { PassContext } from '../../model/context.ts';
import { groupBy } from '../../model/group-by.ts';
import { type Numbered, totalBytes } from '../../model/steps.ts';

/** One file of a transfer; its arrival path follows from the submission's name. */
export interface PlannedMove {
  readonly fileId: FileId;
  readonly name: string;
  readonly from: StorePath;
  readonly sizeBytes: number | null;
  readonly checksum: Checksum | null;
}

/** What a step needs that brings files. */
export interface Moving extends Numbered {
  readonly endpoint: Endpoint;
  readonly moves: readonly PlannedMove[];
}

/** What is decided about one file that is to be brought. */
export interface MovingPart {
  readonly endpoint: Endpoint;
  readonly move: PlannedMove;
}

/** Files that go the same way, as many at a time as the mover takes, in order. */
export function joinMoves<P extends MovingPart & { readonly because: string }>(
  parts: readonly P[],
  { traits }: PassContext,
) {
  const ways = groupBy(parts, ({ endpoint }) => endpointText(endpoint));
  return [...ways].flatMap(([way, along]) =>
    chunks(along, traits.movers.get(way)?.filesPerSubmission ?? 1).flatMap((some) => {
      const [first] = some;
      if (first === undefined) return [];
      const moves = some.map(({ move }) => move);
      const { endpoint, because } = first;
      const names = moves.map(({ name }) => name);
      return [{ names, because, bytes: totalBytes(moves), endpoint, moves, number: null }];
    }),
  );
}

/** The bytes of a file go where it is brought to. */
export function usesOfMove({ endpoint, move }: MovingPart): ReadonlyMap<string, number> {
  return new Map([[endpoint.to, move.sizeBytes ?? 0]]);
}

/** Who brings files along a way, as rows name it. */
export function moverOf({ traits }: PassContext, endpoint: Endpoint): string {
  return traits.movers.get(endpointText(endpoint))?.driver ?? 'unknown';
}
