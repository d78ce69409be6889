/** What has happened to the replicas of raw files that are done (specs: `input.afterDone: release`). */

import type { StorePath } from '../../../machines/model.ts';
import { NOT_RELEASED } from '../../../machines/problems.ts';
import type { PassContext } from '../../model/context.ts';
import { type Finding, onProblem, patchInput } from '../../model/findings.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import { look, type Observed, type Questions, type World } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';
import { type Proof, proofFor, proofText, prove } from '../judge/proof.ts';
import { depthFor, provingChecksum } from '../wanted/checksums.ts';
import { wantedCopy } from '../wanted/wanted.ts';

interface Place {
  readonly store: string;
  readonly path: StorePath;
}

/** Everything that facts and rules may know of a replica that may go. */
export interface ReplicaView {
  readonly context: PassContext;
  readonly input: InputRow;
  /** The file itself, which stays. */
  readonly origin: Place;
  /** Its replica, which may go. */
  readonly here: Place;
  readonly near: Observed<StoredFile>;
  /** What proves the origin: what the catalog says of the file, else what its replica has. */
  readonly far: Proof;
}

/** The replicas of a page, as they are seen; a copy that is the origin itself is none. */
export function replicaViews(context: PassContext, page: Page, seen: World): readonly ReplicaView[] {
  return replicas(context, page).map(({ input, origin, here }) => {
    const near = look(seen.stats.get(here.store), here.path, input.actedMs);
    const there = look(seen.stats.get(origin.store), origin.path, input.actedMs);
    return { context, input, origin, here, near, far: proofOfOrigin(context, input, origin, near, there) };
  });
}

function replicas(context: PassContext, page: Page) {
  if (context.dataset.loaded.spec.input.afterDone === 'keep') return [];
  return page.inputs.flatMap((input) => {
    const { store, inPlace } = wantedCopy(context, input);
    const { copyPath, sourceStore, sourcePath, state } = input;
    if (inPlace || copyPath === null || sourceStore === null || sourcePath === null) return [];
    if (state !== 'done' && state !== 'copied') return [];
    return [{ input, origin: { store: sourceStore, path: sourcePath }, here: { store, path: copyPath } }];
  });
}

function proofOfOrigin(
  context: PassContext,
  input: InputRow,
  origin: Place,
  near: Observed<StoredFile>,
  there: Observed<StoredFile>,
): Proof {
  const replica = near.is === 'present' ? near.value : undefined;
  const sizeBytes = input.sizeBytes ?? replica?.sizeBytes;
  if (sizeBytes === undefined) return { is: 'unprovable', why: 'nobody knows its size' };
  const checksum = provingChecksum(input) ?? replica?.checksum ?? null;
  return prove(there, { sizeBytes, checksum }, proofFor(context, origin.store));
}

/** Both ends of every replica of a page. */
export function statsForRelease(context: PassContext, page: Page): NonNullable<Questions['stats']> {
  return replicas(context, page).flatMap(({ input, origin, here }) => {
    const known = provingChecksum(input);
    const depth = proofFor(context, origin.store) === 'size' ? 'size' : depthFor(known);
    return [
      { ...origin, depth },
      { ...here, depth: known === null ? depth : 'size' },
    ];
  });
}

/** A replica that is gone was released before, where its origin is proved; anything else is a person's business. */
export function findReleased(context: PassContext, page: Page, seen: World): readonly Finding[] {
  return replicaViews(context, page, seen).flatMap(({ input, origin, near, far }) => {
    if (near.is === 'unknown' || far.is === 'unknown') return [];
    if (far.is === 'proved') {
      if (near.is === 'present') return [];
      return [patchInput(input.id, { copyPath: null }), onProblem(NOT_RELEASED, input.id, null)];
    }
    const kept = near.is === 'absent' ? 'and its replica here is gone' : 'its replica here is kept';
    const message = `the origin ${origin.store}:${origin.path} ${proofText(far)}; ${kept}`;
    return [onProblem(NOT_RELEASED, input.id, { class: 'data', message })];
  });
}
