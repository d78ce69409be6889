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
import type { Finding } from '../../model/findings.ts';
import { groupBy } from '../../model/group-by.ts';
import { attemptPath } from '../../model/names.ts';
import { type Numbered, type ReadyStep, totalBytes } from '../../model/steps.ts';
import { systemsOfWay } from '../stops/suspensions.ts';
import { countsFiles, nothing } from './kind.ts';
import { newJob, newSubmission } from './submissions.ts';

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

/** What every kind of step says that brings files. */
export const ofMoves = {
  budget: 'transfers',
  systems: ({ endpoint }: MovingPart) => systemsOfWay(endpoint),
  uses: ({ endpoint, move }: MovingPart): ReadonlyMap<string, number> =>
    new Map([[endpoint.to, move.sizeBytes ?? 0]]),
  empties: nothing,
  writesTo: ({ endpoint }: Moving) => [endpoint.to],
  refusedWith: ({ endpoint }: Moving) => endpointText(endpoint),
  counts: countsFiles,
  noun: 'file',
} as const;

/** What was tried of a file before. */
interface Tried {
  /** The number of its last attempt. */
  readonly attempt: number;
  /** The revision that the next one is under; empty for raw files. */
  readonly revision: string;
}

/** The submission of a step that brings files, with a job and an attempt for each of them. */
export function openMoves(
  step: ReadyStep<'transfer' | 'copy'>,
  context: PassContext,
  triedOf: (fileId: FileId) => Tried,
): Finding<'newSubmission'> {
  const { phase, moves } = step;
  const endpoint = endpointText(step.endpoint);
  const driver = context.traits.movers.get(endpoint)?.driver ?? 'unknown';
  const row = newSubmission(context, step, { driver, endpoint });
  const jobs = moves.map((_, index) => newJob(row.id, index, driver, context.now));
  const attempts = moves.map(({ fileId, name }, jobIndex) => {
    const { attempt, revision } = triedOf(fileId);
    const path = attemptPath(row.name, name);
    return { fileId, phase, number: attempt + 1, revision, submissionId: row.id, jobIndex, path };
  });
  return { on: 'newSubmission', row, jobs, attempts };
}
