import { endpointText, FROM_CATALOG } from '../../../machines/model.ts';
import { liveWork } from '../../model/live-work.ts';
import type { InputRow } from '../../model/rows.ts';
import { scopeOf } from '../../model/scope.ts';
import type { Decided } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { PhaseRules } from '../change/phase-rules.ts';
import { askArrivals, askTransfers, moveSeen } from '../facts/moves.ts';
import { findTransfers, type TransferView, transferView } from '../facts/transfer.ts';
import { gateStop } from '../stops/gates.ts';
import { wantedCopy } from '../wanted/wanted.ts';
import { datasetIsStopped } from './dataset-is-stopped.ts';
import { inputIsRetired, itFailed, runIsNotWanted } from './input-rules.ts';
import { firstAnswer, type Rule, wait } from './rule.ts';
import { underWayStop } from './under-way.ts';

export const transferRules: PhaseRules = {
  phase: 'transfer',
  countsFiles: true,

  scopes: (context) => [
    scopeOf('transfer', context, {
      subject: 'inputs',
      states: context.resync ? ['pending'] : [],
      errorPhases: ['transfer'],
      some: { state: 'pending', atMost: context.dataset.loaded.spec.limits.transfers, waiting: 0 },
    }),
  ],

  rounds: (context, page) => [
    () => ({
      ...askTransfers(page.submissions),
      stats: page.inputs.map((input) => {
        const { store, path } = wantedCopy(context, input);
        return { store, path, depth: 'size' };
      }),
    }),
    (seen) => ({ stats: askArrivals(liveWork(page).values(), seen, 'size') }),
  ],

  find: findTransfers,

  decide(context, page, seen, standing) {
    const work = liveWork(page);
    return page.inputs.flatMap(({ id, name }): readonly Decided[] => {
      const input = standing.input(id);
      if (input.state !== 'pending' && !(input.state === 'error' && input.phase === 'transfer')) return [];
      const answer = firstAnswer(TRANSFER_RULES, transferView(context, input, work.get(id), seen));
      return answer === undefined ? [] : [{ name, ...answer }];
    });
  },
};

const itIsOnItsWay: Rule<TransferView> = ({ input, live, seen }) => {
  if (live === undefined) return undefined;
  const move = moveSeen(live, seen, input.actedMs);
  const how = move.is === 'present' ? move.value.state : move.is === 'unknown' ? move.why : 'not found yet';
  const text = `attempt ${live.attempt.number} (${live.jobName}): ${how}`;
  return wait(underWayStop('transfer.underWay', live, text, move.is === 'present'));
};

const moverTakesNothing: Rule<TransferView> = ({ context }) => wait(gateStop(context, 'transfer'));

const storeIsSilent: Rule<TransferView> = ({ wanted, place }) =>
  place.is === 'unknown'
    ? wait(stop('system.silent', `${wanted.store} has not answered: ${place.why}`))
    : undefined;

const moverIsNotInThisVersion: Rule<TransferView> = ({ context, wanted }) => {
  if (wanted.delivery !== null) return undefined;
  const { name, movers } = context.dataset.loaded.site;
  const missing = movers.find(
    (mover) =>
      mover.from === FROM_CATALOG &&
      mover.to === wanted.store &&
      !context.traits.movers.has(endpointText(mover)),
  );
  if (missing === undefined) return undefined;
  const mover = `the mover ${endpointText(missing)} of site ${name} (driver ${missing.driver})`;
  return wait(
    stop('mover.missing', `${mover} is not in this version; bring it to ${wanted.store}:${wanted.path}`),
  );
};

const nobodyDelivers: Rule<TransferView> = ({ wanted }) =>
  wanted.delivery === null
    ? wait(stop('delivery.awaited', `waiting for somebody to deliver it to ${wanted.store}:${wanted.path}`))
    : undefined;

const bringIt: Rule<TransferView> = ({ input, wanted }) =>
  wanted.delivery === null
    ? undefined
    : {
        do: 'transfer',
        endpoint: wanted.delivery.endpoint,
        move: {
          fileId: input.id,
          name: input.name,
          from: wanted.delivery.from,
          sizeBytes: input.sizeBytes,
          checksum: input.checksum,
        },
        because: `${wanted.store} has no copy; it comes from ${folderOf(input)}`,
      };

/** Where a file comes from, without its name, so that files alike are told together. */
function folderOf({ sourceStore, sourcePath }: InputRow): string {
  const folder = (sourcePath ?? '').split('/').slice(0, -1).join('/');
  return folder === '' ? `${sourceStore}` : `${sourceStore}:${folder}`;
}

/**
 * In order: what failed, what moves already, what the spec no longer wants, what stops the
 * dataset or the mover, what nobody knows, what others must do, the transfer.
 */
export const TRANSFER_RULES: readonly Rule<TransferView>[] = [
  itFailed,
  itIsOnItsWay,
  inputIsRetired,
  runIsNotWanted,
  datasetIsStopped,
  moverTakesNothing,
  storeIsSilent,
  moverIsNotInThisVersion,
  nobodyDelivers,
  bringIt,
];
