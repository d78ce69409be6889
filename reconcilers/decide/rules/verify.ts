import { liveWork } from '../../model/live-work.ts';
import type { InputRow } from '../../model/rows.ts';
import { READING_PAGE_SIZE, scopeOf } from '../../model/scope.ts';
import type { Decided } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { PhaseRules } from '../change/phase-rules.ts';
import { findChecks, maybeStillWritten, needsBytes, type VerifyView, verifyView } from '../facts/verify.ts';
import { putAside } from '../facts/verify-check.ts';
import { firstLook, secondLook } from '../facts/verify-look.ts';
import { provingChecksum } from '../wanted/checksums.ts';
import { itFailed } from './input-rules.ts';
import { firstAnswer, type Rule, wait } from './rule.ts';

export const verifyRules: PhaseRules = {
  phase: 'verify',
  countsFiles: false,

  scopes: (context) => [
    scopeOf('verify', context, {
      subject: 'inputs',
      states: ['transferred'],
      errorPhases: ['verify'],
      attemptsOf: 'transfer',
      pageSize: READING_PAGE_SIZE,
    }),
    ...(context.resync
      ? [scopeOf('verify', context, { subject: 'inputs', states: ['verified'], attemptsOf: 'transfer' })]
      : []),
  ],

  rounds: (context, page) => [() => firstLook(context, page), (seen) => secondLook(context, page, seen)],

  find: findChecks,

  decide(context, page, seen, standing) {
    const work = liveWork(page);
    return page.inputs.flatMap((asRead): readonly Decided[] => {
      const input = standing.input(asRead.id);
      if (input.state !== 'transferred' && input.phase !== 'verify') return [];
      const view = { ...verifyView(context, input, work.get(input.id), seen), asRead };
      const answer = firstAnswer(VERIFY_RULES, view);
      return answer === undefined ? [] : [{ name: input.name, ...answer }];
    });
  },
};

/** What the rules know besides: the file before this pass found anything out. */
interface Checked extends VerifyView {
  readonly asRead: InputRow;
}

/** A copy that this very pass has found bad is put aside before anything else. */
const putBadCopyAside: Rule<Checked> = ({ context, asRead, input, seen }) =>
  putAside(context, 'verify', asRead, input, seen);

const storeIsSilent: Rule<Checked> = ({ wanted, copy }) =>
  copy.is === 'present'
    ? undefined
    : wait(
        stop(
          'system.silent',
          `${wanted.store} has not answered: ${copy.is === 'unknown' ? copy.why : 'it is gone'}`,
        ),
      );

/** It may be the only copy there is, and nobody has brought it: it is not renamed. */
const sourceHasMoved: Rule<Checked> = ({ input, wanted }) =>
  wanted.inPlace && input.copyPath !== wanted.path
    ? wait(stop('source.moved', `it lies at ${input.copyPath}, and is said to lie at ${wanted.path}`))
    : undefined;

const itMayStillBeWritten: Rule<Checked> = ({ context, input }) =>
  maybeStillWritten(context, input)
    ? wait(
        stop(
          'arrival.settling',
          'its size is not known yet: it may still be written (input.settleFor)',
          input.sinceMs,
        ),
      )
    : undefined;

const bytesAreUnread: Rule<Checked> = ({ input, copy }) =>
  copy.is === 'present' && needsBytes(input, copy.value)
    ? wait(stop('bytes.unread', 'its bytes have not been read yet', input.sinceMs))
    : undefined;

const eventsAreUnknown: Rule<Checked> = ({ context, input }) => {
  const { eventCount, eventCountMissing } = context.dataset.loaded.spec.input;
  if (input.eventCount !== null || eventCountMissing !== 'hold') return undefined;
  const who = eventCount.by === 'catalog' ? 'the catalog does not know' : 'counting has not given';
  return wait(
    stop('events.unknown', `${who} its event count (input.eventCountMissing: hold)`, input.sinceMs),
  );
};

const nameItFinally: Rule<Checked> = ({ input, wanted, copy }) => {
  if (copy.is !== 'present' || input.copyPath === null) return undefined;
  const { sizeBytes } = copy.value;
  const checksum = provingChecksum(input);
  return {
    do: 'step',
    step: {
      kind: 'promote',
      phase: 'verify',
      names: [input.name],
      because: 'the arrival has the catalog’s size and checksum',
      bytes: sizeBytes,
      of: 'raw copy',
      fileId: input.id,
      outputKey: null,
      store: wanted.store,
      from: input.copyPath,
      to: wanted.path,
      expected: checksum === null ? { sizeBytes } : { sizeBytes, checksum },
      companion: null,
    },
  };
};

/** In order: what is bad, what failed before, what nobody knows yet, the final name. */
export const VERIFY_RULES: readonly Rule<Checked>[] = [
  putBadCopyAside,
  itFailed,
  storeIsSilent,
  sourceHasMoved,
  itMayStillBeWritten,
  bytesAreUnread,
  eventsAreUnknown,
  nameItFinally,
];
