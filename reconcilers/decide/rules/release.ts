/**
 * Releasing raw files (specs: `input.afterDone: release`): the local replica of a
 * file that is done goes, once its origin was read back in this very pass (law 4).
 * A copy that is the origin itself is no replica and is never touched.
 */

import { NOT_RELEASED } from '../../../machines/problems.ts';
import type { PassContext } from '../../model/context.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import { type PageScope, scopeOf } from '../../model/scope.ts';
import type { Decided, Decision } from '../../model/steps.ts';
import { type StopCode, stop } from '../../model/stops.ts';
import { look, type Observed, type Questions, type World } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { Draft } from '../change/draft.ts';
import { type Proof, proofFor, proofText, prove } from '../judge/proof.ts';
import { datasetStop } from '../stops/dataset-stop.ts';
import { depthFor, provingChecksum } from '../wanted/checksums.ts';
import { wantedCopy } from '../wanted/wanted.ts';

/** The replicas of files that are done; none where the spec keeps them. */
export function releaseScopes(context: PassContext): readonly PageScope[] {
  const { afterDone, store } = context.dataset.loaded.spec.input;
  if (afterDone === 'keep') return [];
  return [scopeOf('export', context, { subject: 'inputs', states: ['done', 'copied'], replicasIn: store })];
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
export function findReleased(context: PassContext, page: Page, seen: World, draft: Draft): void {
  for (const replica of replicas(context, page)) {
    const { input, origin, here } = replica;
    const near = seenAt(here, input, seen);
    const far = proofOfOrigin(context, replica, near, seen);
    if (near.is === 'unknown' || far.is === 'unknown') continue;
    if (far.is === 'proved') {
      if (near.is !== 'absent') continue;
      draft.touch(input.id, { copyPath: null });
      draft.problem(NOT_RELEASED, input.id, null);
      continue;
    }
    const kept = near.is === 'absent' ? 'and its replica here is gone' : 'its replica here is kept';
    const message = `the origin ${origin.store}:${origin.path} ${proofText(far)}; ${kept}`;
    draft.problem(NOT_RELEASED, input.id, { class: 'data', message });
  }
}

/** What proves the origin: what the catalog says of the file, else what its replica here has. */
function proofOfOrigin(
  context: PassContext,
  { input, origin }: Replica,
  near: Observed<StoredFile>,
  seen: World,
): Proof {
  const replica = near.is === 'present' ? near.value : undefined;
  const sizeBytes = input.sizeBytes ?? replica?.sizeBytes;
  if (sizeBytes === undefined) return { is: 'unprovable', why: 'nobody knows its size' };
  const checksum = provingChecksum(input) ?? replica?.checksum ?? null;
  return prove(seenAt(origin, input, seen), { sizeBytes, checksum }, proofFor(context, origin.store));
}

/** The step that deletes each replica, with the proof it rests on; a wait while the proof is missing. */
export function decideReleases(context: PassContext, page: Page, seen: World): readonly Decided[] {
  const stopped = datasetStop(context);
  return replicas(context, page).flatMap((replica): readonly Decided[] => {
    const { name } = replica.input;
    if (stopped !== undefined)
      return [{ name, rule: 'decideRelease', decision: { do: 'wait', stop: stopped } }];
    const near = seenAt(replica.here, replica.input, seen);
    return near.is === 'absent'
      ? []
      : [{ name, rule: 'decideRelease', decision: decideRelease(context, replica, near, seen) }];
  });
}

interface Place {
  readonly store: string;
  readonly path: string;
}

interface Replica {
  readonly input: InputRow;
  readonly origin: Place;
  readonly here: Place;
}

function replicas(context: PassContext, page: Page): readonly Replica[] {
  if (context.dataset.loaded.spec.input.afterDone === 'keep') return [];
  return page.inputs.flatMap((input): readonly Replica[] => {
    const { store, inPlace } = wantedCopy(context, input);
    const { copyPath, sourceStore, sourcePath, state } = input;
    if (inPlace || copyPath === null || sourceStore === null || sourcePath === null) return [];
    if (state !== 'done' && state !== 'copied') return [];
    return [{ input, origin: { store: sourceStore, path: sourcePath }, here: { store, path: copyPath } }];
  });
}

function seenAt({ store, path }: Place, { actedMs }: InputRow, seen: World): Observed<StoredFile> {
  return look(seen.stats.get(store), path, actedMs);
}

function decideRelease(
  context: PassContext,
  replica: Replica,
  near: Observed<StoredFile>,
  seen: World,
): Decision {
  const { input, origin, here } = replica;
  const wait = (code: StopCode, text: string): Decision => ({ do: 'wait', stop: stop(code, text) });
  if (near.is !== 'present') {
    return wait(
      'system.silent',
      `${here.store} has not answered: ${near.is === 'unknown' ? near.why : 'it is gone'}`,
    );
  }
  const far = proofOfOrigin(context, replica, near, seen);
  if (far.is !== 'proved') {
    return wait('copy.doubtful', `${origin.store}:${origin.path} ${proofText(far)}; its replica is kept`);
  }
  const by = proofFor(context, origin.store);
  const { sizeBytes } = near.value;
  const checksum = near.value.checksum ?? (sizeBytes === input.sizeBytes ? provingChecksum(input) : null);
  return {
    do: 'step',
    step: {
      kind: 'release',
      phase: 'export',
      names: [input.name],
      because: `${origin.store}:${origin.path} was read back in this pass and agrees by ${by} (afterDone: release)`,
      bytes: sizeBytes,
      fileId: input.id,
      ...here,
      expected: { sizeBytes, ...(checksum === null ? {} : { checksum }) },
      proof: { by, ...origin },
    },
  };
}
