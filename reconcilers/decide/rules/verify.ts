/**
 * Verify: the bytes are what the catalog says, and their events are known.
 *
 *   transferred ──check.passed──► verified      (an arrival gets its final name first)
 *   transferred, verified ──check.failed──► error ;  ──copy.absent──► pending
 */

import type { PassContext } from '../../model/context.ts';
import type { InputFinding } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import { READING_PAGE_SIZE, scopeOf } from '../../model/scope.ts';
import type { Decided, Decision } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import type { World } from '../../model/world.ts';
import type { StatDepth, StoredFile } from '../../ports/store.ts';
import type { Draft } from '../change/draft.ts';
import { draftedBy, type PhaseRules } from '../change/phase-rules.ts';
import { retryDue } from '../facts/retry-due.ts';
import {
  brokenCopy,
  checksumProblem,
  copySeen,
  countEvents,
  type Expected,
  expected,
  failedCheck,
  knownToCatalog,
  passed,
  putAside,
  sizeProblem,
} from '../facts/verify-check.ts';
import { depthFor, provingChecksum } from '../wanted/checksums.ts';
import { wantedCopy } from '../wanted/wanted.ts';

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

  rounds: (context, page) => [
    () => ({
      stats: copies(context, page).map((place) => ({ ...place, depth: 'size' as const })),
      described: knownToCatalog(context)
        ? page.inputs.filter((input) => input.state !== 'verified').map((input) => input.name)
        : [],
    }),
    (seen) => secondLook(context, page, seen),
  ],

  find: draftedBy('verify', (context, page, seen, draft) => {
    draft.add(retryDue(page, context.now, ['verify']));
    const work = liveWork(page);
    for (const { id } of page.inputs) {
      const input = draft.input(id);
      const finding =
        input.state === 'transferred'
          ? checkArrived(context, input, seen, draft)
          : input.state === 'verified'
            ? checkStill(context, input, seen)
            : undefined;
      if (finding) concludeTransfer(work.get(id), draft, input, finding);
    }
  }),

  decide(context, page, seen, standing) {
    return page.inputs.flatMap((asRead): Decided[] => {
      const input = standing.input(asRead.id);
      if (input.state === 'error') {
        const quarantine = putAside(context, 'verify', asRead, input, seen);
        return quarantine ? [{ name: input.name, rule: 'decideArrived', decision: quarantine }] : [];
      }
      if (input.state !== 'transferred') return [];
      return [{ name: input.name, rule: 'decideArrived', decision: decideArrived(context, input, seen) }];
    });
  },
};

function copies(context: PassContext, page: Page) {
  return page.inputs.flatMap((input) =>
    input.copyPath === null ? [] : [{ store: wantedCopy(context, input).store, path: input.copyPath }],
  );
}

/**
 * Asked of a copy of which no checksum is known, so that later damage is seen: every
 * worker node can compute it, whatever the size.
 */
const OWN_SUM: StatDepth = 'checksum:md5';

/**
 * Bytes are read only where the sizes agree, and only when there is something to compare
 * or count. Who counts reads every byte anyway: summing them costs no second read of a
 * disk, and elsewhere nobody would thank for a recall from tape.
 */
function secondLook(context: PassContext, page: Page, seen: World) {
  const { store, eventCount } = context.dataset.loaded.spec.input;
  const readsBytes = eventCount.by === 'pattern' || eventCount.by === 'command';
  const sound = page.inputs
    .map((input) => ({ input, wanted: expected(context, input, seen) }))
    .filter(({ input, wanted }) => {
      const copy = copySeen(context, input, seen);
      return (
        input.state === 'transferred' && copy.is === 'present' && copy.value.sizeBytes === wanted.sizeBytes
      );
    });
  const place = ({ input }: { readonly input: InputRow }) => ({ store, path: input.copyPath ?? '' });
  return {
    stats: sound.flatMap((file) => {
      const known = provingChecksum(file.wanted);
      if (known === null && !readsBytes) return [];
      return [{ ...place(file), depth: known === null ? OWN_SUM : depthFor(known) }];
    }),
    counts:
      eventCount.by === 'catalog' ? [] : sound.filter(({ wanted }) => wanted.eventCount === null).map(place),
  };
}

/** Every check of a copy that has arrived; undefined while an answer is missing. */
function checkArrived(
  context: PassContext,
  input: InputRow,
  seen: World,
  draft: Draft,
): InputFinding | undefined {
  const copy = copySeen(context, input, seen);
  if (copy.is === 'unknown') return undefined;
  if (copy.is === 'absent') return gone(input);

  const wanted = expected(context, input, seen);
  if (maybeStillWritten(context, wanted)) return undefined;
  const problem = sizeProblem(copy.value, wanted) ?? checksumProblem(copy.value, wanted);
  if (problem) return failedCheck(context, input, problem);
  const events = countEvents(context, input, wanted, seen);
  if (events === 'waiting') return undefined;

  const { sizeBytes, checksum } = wanted;
  const seenChecksum = checksum === null ? (copy.value.checksum ?? wanted.seenChecksum) : wanted.seenChecksum;
  const facts = { sizeBytes, eventCount: events, checksum, seenChecksum };
  if (
    sizeBytes !== input.sizeBytes ||
    events !== input.eventCount ||
    checksum !== input.checksum ||
    seenChecksum !== input.seenChecksum
  ) {
    draft.noteDetails({ fileId: input.id, ...facts });
    draft.touch(input.id, facts);
  }
  if (needsBytes(wanted, copy.value)) return undefined;
  if (input.copyPath !== wantedCopy(context, input).path) return undefined;
  return passed({ ...input, ...facts });
}

/** The size of a listed file is known once it has stopped changing. */
function maybeStillWritten({ dataset }: PassContext, { sizeBytes }: Pick<Expected, 'sizeBytes'>): boolean {
  return sizeBytes === null && dataset.loaded.spec.input.source.kind === 'files';
}

/** A checksum is known but the copy's own was not read yet. */
function needsBytes(wanted: Expected, copy: StoredFile): boolean {
  return provingChecksum(wanted) !== null && copy.checksum === undefined;
}

function gone(input: InputRow): InputFinding {
  return {
    fact: { type: 'copy.absent' },
    because: `the copy is no longer at ${input.copyPath}`,
    patch: { copyPath: null },
  };
}

/** A verified copy that is looked at again. */
function checkStill(context: PassContext, input: InputRow, seen: World): InputFinding | undefined {
  const copy = copySeen(context, input, seen);
  if (copy.is === 'unknown') return undefined;
  return copy.is === 'absent' ? gone(input) : brokenCopy(context, input, copy.value);
}

/** The live transfer ends with the check of what it brought. */
function concludeTransfer(
  work: LiveWork | undefined,
  draft: Draft,
  input: InputRow,
  finding: InputFinding,
): void {
  if (work === undefined) {
    draft.find(input.id, finding);
    return;
  }
  const how =
    finding.fact?.type === 'check.passed'
      ? ({ state: 'accepted' } as const)
      : ({ state: 'failed', class: finding.failure?.class ?? 'transient', reason: finding.because } as const);
  draft.find(input.id, { ...finding, end: { phase: 'transfer', revision: work.attempt.revision, how } });
}

function decideArrived(context: PassContext, input: InputRow, seen: World): Decision {
  const wanted = wantedCopy(context, input);
  const copy = copySeen(context, input, seen);
  if (copy.is !== 'present') {
    const why = copy.is === 'unknown' ? copy.why : 'it is gone';
    return { do: 'wait', stop: stop('system.silent', `${wanted.store} has not answered: ${why}`) };
  }
  if (wanted.inPlace && input.copyPath !== wanted.path) {
    // It may be the only copy there is, and nobody has brought it: it is not renamed.
    return {
      do: 'wait',
      stop: stop('source.moved', `it lies at ${input.copyPath}, and is said to lie at ${wanted.path}`),
    };
  }
  const { spec } = context.dataset.loaded;
  if (maybeStillWritten(context, input)) {
    return {
      do: 'wait',
      stop: stop('arrival.settling', 'its size is not known yet: it may still be written (input.settleFor)'),
    };
  }
  if (needsBytes(input, copy.value))
    return { do: 'wait', stop: stop('bytes.unread', 'its bytes have not been read yet') };
  if (input.eventCount === null && spec.input.eventCountMissing === 'hold') {
    const how =
      spec.input.eventCount.by === 'catalog' ? 'the catalog does not know' : 'counting has not given';
    return {
      do: 'wait',
      stop: stop('events.unknown', `${how} its event count (input.eventCountMissing: hold)`),
    };
  }
  const known = provingChecksum(input);
  return {
    do: 'step',
    step: {
      kind: 'promote',
      phase: 'verify',
      names: [input.name],
      because: 'the arrival has the catalog’s size and checksum',
      bytes: copy.value.sizeBytes,
      of: 'raw copy',
      fileId: input.id,
      outputKey: null,
      store: wanted.store,
      from: input.copyPath ?? '',
      to: wanted.path,
      expected:
        known === null
          ? { sizeBytes: copy.value.sizeBytes }
          : { sizeBytes: copy.value.sizeBytes, checksum: known },
      companion: null,
    },
  };
}
