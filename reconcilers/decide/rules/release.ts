/**
 * Releasing raw files (specs: `input.afterDone: release`): the local replica of a
 * file that is done goes, once its origin was read back in this very pass (law 4).
 * A copy that is the origin itself is no replica and is never touched.
 */

import type { StoredFile } from '../../ports/store.ts';
import type { PassContext } from '../context.ts';
import { stopReason } from '../context.ts';
import { wantedCopy } from '../desired.ts';
import type { Draft } from '../draft.ts';
import type { InputRow, Page } from '../rows.ts';
import type { PageScope } from '../scope.ts';
import { look, type Observed, type Questions, type World } from '../seen.ts';
import type { Decision } from '../steps.ts';
import { proofFor } from './export-delete.ts';
import { type Decided, scopeOf } from './phase-rules.ts';

/** The replicas of files that are done; none where the spec keeps them. */
export function releaseScopes(context: PassContext): readonly PageScope[] {
  const { afterDone, store } = context.dataset.loaded.spec.input;
  if (afterDone === 'keep') return [];
  return [scopeOf('export', context, { subject: 'inputs', states: ['done', 'copied'], replicasIn: store })];
}

/** Both ends of every replica of a page. */
export function statsForRelease(context: PassContext, page: Page): NonNullable<Questions['stats']> {
  return replicas(context, page).flatMap(({ input, origin, here }) => {
    const depth = proofFor(context, origin.store) === 'size' ? ('size' as const) : ('checksum' as const);
    return [
      { ...origin, depth },
      { ...here, depth: input.checksum === null ? depth : ('size' as const) },
    ];
  });
}

/** A replica that is gone was released before; an origin that is gone is a person's business. */
export function findReleased(context: PassContext, page: Page, seen: World, draft: Draft): void {
  for (const { input, origin, here } of replicas(context, page)) {
    const [far, near] = [seenAt(origin, input, seen), seenAt(here, input, seen)];
    if (near.is === 'absent' && far.is === 'present') draft.touch(input.id, { copyPath: null });
    if (far.is !== 'absent') continue;
    const message = `the origin ${origin.store}:${origin.path} is gone; its replica here is kept`;
    draft.problem(NOT_RELEASED, input.id, { class: 'data', message });
  }
}

/** The kind of the problem that a replica may not go; it ends when the replica goes. */
export const NOT_RELEASED = 'replica not released';

/** The step that deletes each replica, with the proof it rests on; a wait while the proof is missing. */
export function decideReleases(context: PassContext, page: Page, seen: World): readonly Decided[] {
  const stopped = stopReason(context);
  return replicas(context, page).flatMap((replica): readonly Decided[] => {
    const { name } = replica.input;
    if (stopped !== undefined) return [{ name, decision: { do: 'wait', because: stopped } }];
    const near = seenAt(replica.here, replica.input, seen);
    return near.is === 'absent' ? [] : [{ name, decision: decideRelease(context, replica, near, seen) }];
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
  { input, origin, here }: Replica,
  near: Observed<StoredFile>,
  seen: World,
): Decision {
  const far = seenAt(origin, input, seen);
  const wait = (because: string): Decision => ({ do: 'wait', because });
  if (near.is !== 'present') return wait(`${here.store} has not answered: ${whyOf(near)}`);
  if (far.is !== 'present') return wait(`${origin.store} has not proved its file: ${whyOf(far)}`);

  const by = proofFor(context, origin.store);
  const checksum = input.checksum ?? near.value.checksum;
  const agrees =
    far.value.sizeBytes === near.value.sizeBytes &&
    (by === 'size' || (checksum !== undefined && far.value.checksum === checksum));
  if (!agrees) return wait(`${origin.store}:${origin.path} does not agree by ${by}; its replica is kept`);
  return {
    do: 'step',
    step: {
      kind: 'release',
      phase: 'export',
      names: [input.name],
      because: `${origin.store}:${origin.path} was read back in this pass and agrees by ${by} (afterDone: release)`,
      bytes: near.value.sizeBytes,
      fileId: input.id,
      ...here,
      expected: { sizeBytes: near.value.sizeBytes, ...(checksum === undefined ? {} : { checksum }) },
      proof: { by, ...origin },
    },
  };
}

function whyOf(observed: Exclude<Observed<StoredFile>, { readonly is: 'present' }>): string {
  return observed.is === 'unknown' ? observed.why : 'it is gone';
}
