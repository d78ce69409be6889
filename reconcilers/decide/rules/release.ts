/**
 * Releasing raw files (specs: `input.afterDone: release`): the local replica of a
 * file that is done goes, once its origin was read back in this very pass (law 4).
 * A copy that is the origin itself is no replica and is never touched.
 */

import type { PassContext } from '../../model/context.ts';
import type { Page } from '../../model/rows.ts';
import { type PageScope, scopeOf } from '../../model/scope.ts';
import type { Decided } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { World } from '../../model/world.ts';
import { type ReplicaView, replicaViews } from '../facts/release.ts';
import { proofFor, proofText } from '../judge/proof.ts';
import { provingChecksum } from '../wanted/checksums.ts';
import { datasetIsStopped } from './dataset-is-stopped.ts';
import { firstAnswer, type Rule, wait } from './rule.ts';

/** The replicas of files that are done; none where the spec keeps them. */
export function releaseScopes(context: PassContext): readonly PageScope[] {
  const { afterDone, store } = context.dataset.loaded.spec.input;
  if (afterDone === 'keep') return [];
  return [scopeOf('export', context, { subject: 'inputs', states: ['done', 'copied'], replicasIn: store })];
}

/** What is done about each replica; nothing about one that is gone. */
export function decideReleases(context: PassContext, page: Page, seen: World): readonly Decided[] {
  return replicaViews(context, page, seen)
    .filter(({ near }) => near.is !== 'absent')
    .flatMap((view) => {
      const answer = firstAnswer(RELEASE_RULES, view);
      return answer === undefined ? [] : [{ name: view.input.name, ...answer }];
    });
}

const storeIsSilent: Rule<ReplicaView> = ({ near, here }) =>
  near.is === 'unknown'
    ? wait(stop('system.silent', `${here.store} has not answered: ${near.why}`))
    : undefined;

const originIsSilent: Rule<ReplicaView> = ({ far, origin }) =>
  far.is === 'unknown'
    ? wait(stop('system.silent', `${origin.store}:${origin.path} ${proofText(far)}; its replica is kept`))
    : undefined;

const originIsNotProved: Rule<ReplicaView> = ({ far, origin }) =>
  far.is === 'proved'
    ? undefined
    : wait(stop('copy.doubtful', `${origin.store}:${origin.path} ${proofText(far)}; its replica is kept`));

const releaseIt: Rule<ReplicaView> = ({ context, input, origin, here, near }) => {
  if (near.is !== 'present') return undefined;
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
      expected: checksum === null ? { sizeBytes } : { sizeBytes, checksum },
      proof: { by, ...origin },
    },
  };
};

/** In order: what stops the dataset, what nobody knows, what is not proved, the deletion. */
export const RELEASE_RULES: readonly Rule<ReplicaView>[] = [
  datasetIsStopped,
  storeIsSilent,
  originIsSilent,
  originIsNotProved,
  releaseIt,
];
