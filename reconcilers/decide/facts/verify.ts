/** What the checks of a copy have come to. */
import type { PassContext } from '../../model/context.ts';
import { type Finding, type InputFinding, onInput, patchInput } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow, Page } from '../../model/rows.ts';
import type { Observed, World } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';
import { standingOf } from '../change/change-of.ts';
import { optionsOf } from '../change/phase-rules.ts';
import { provingChecksum } from '../wanted/checksums.ts';
import { type WantedCopy, wantedCopy } from '../wanted/wanted.ts';
import { retryDue } from './retry-due.ts';
import {
  brokenCopy,
  checksumProblem,
  copySeen,
  countEvents,
  type Expected,
  expected,
  failedCheck,
  passed,
  sizeProblem,
} from './verify-check.ts';

/** Everything that facts and rules may know of a copy that is to be checked. */
export interface VerifyView {
  readonly context: PassContext;
  readonly input: InputRow;
  readonly wanted: WantedCopy;
  /** The transfer that brought it, which ends with the check. */
  readonly live: LiveWork | undefined;
  /** The copy where it lies now. */
  readonly copy: Observed<StoredFile>;
  readonly seen: World;
}

/** Gather what is known of a copy. */
export function verifyView(
  context: PassContext,
  input: InputRow,
  live: LiveWork | undefined,
  seen: World,
): VerifyView {
  return {
    context,
    input,
    wanted: wantedCopy(context, input),
    live,
    copy: copySeen(context, input, seen),
    seen,
  };
}

/** What has happened to the copies of a page; those whose next try is due are looked at as they then stand. */
export function findChecks(context: PassContext, page: Page, seen: World): readonly Finding[] {
  const due = retryDue(page, context.now, ['verify']);
  const standing = standingOf(page, due, optionsOf(context, 'verify'));
  const work = liveWork(page);
  const found = page.inputs.flatMap(({ id }) =>
    checkFacts(verifyView(context, standing.input(id), work.get(id), seen)),
  );
  return [...due, ...found];
}

/** What has happened to one copy: nothing is known while an answer is missing. */
function checkFacts(view: VerifyView): readonly Finding[] {
  const { input, copy } = view;
  if (copy.is === 'unknown') return [];
  if (input.state === 'verified') return concluded(view, stillGood(view));
  if (input.state !== 'transferred') return [];
  return copy.is === 'absent' ? concluded(view, gone(input)) : arrived(view, copy.value);
}

/** Every check of a copy that has arrived, and what it taught about the file. */
function arrived(view: VerifyView, copy: StoredFile): readonly Finding[] {
  const { context, input, wanted, seen } = view;
  const asKnown = expected(context, input, seen);
  if (maybeStillWritten(context, asKnown)) return [];
  const problem = sizeProblem(copy, asKnown) ?? checksumProblem(copy, asKnown);
  if (problem) return concluded(view, failedCheck(context, input, problem));
  const eventCount = countEvents(context, input, asKnown, seen);
  if (eventCount === 'waiting') return [];

  const seenChecksum =
    asKnown.checksum === null ? (copy.checksum ?? asKnown.seenChecksum) : asKnown.seenChecksum;
  const known = { sizeBytes: asKnown.sizeBytes, eventCount, checksum: asKnown.checksum, seenChecksum };
  const learnt = learntOf(input, known);
  const hasItsName = input.copyPath === wanted.path;
  if (needsBytes(asKnown, copy) || !hasItsName) return learnt;
  return [...learnt, ...concluded(view, passed({ ...input, ...known }))];
}

/** What is known of a file now and was not on record. */
function learntOf(input: InputRow, known: Expected): readonly Finding[] {
  const isSame =
    known.sizeBytes === input.sizeBytes &&
    known.eventCount === input.eventCount &&
    known.checksum === input.checksum &&
    known.seenChecksum === input.seenChecksum;
  return isSame ? [] : [{ on: 'details', fileId: input.id, ...known }, patchInput(input.id, known)];
}

/** A verified copy that is looked at again: undefined while it is as it was. */
function stillGood({ context, input, copy }: VerifyView): InputFinding | undefined {
  return copy.is === 'present' ? brokenCopy(context, input, copy.value) : gone(input);
}

function gone(input: InputRow): InputFinding {
  return {
    fact: { type: 'copy.absent' },
    because: `the copy is no longer at ${input.copyPath}`,
    patch: { copyPath: null },
  };
}

/** The live transfer ends with the check of what it brought. */
function concluded({ input, live }: VerifyView, finding: InputFinding | undefined): readonly Finding[] {
  if (finding === undefined) return [];
  if (live === undefined) return [onInput(input.id, finding)];
  const { fact, failure, because } = finding;
  const how =
    fact?.type === 'check.passed'
      ? ({ state: 'accepted' } as const)
      : ({ state: 'failed', class: failure?.class ?? 'transient', reason: because } as const);
  const end = { phase: 'transfer', revision: live.attempt.revision, how } as const;
  return [onInput(input.id, { ...finding, end })];
}

/** Whether a copy may still be written: the size of a listed file is known once it has stopped changing. */
export function maybeStillWritten(
  { dataset }: PassContext,
  { sizeBytes }: Pick<Expected, 'sizeBytes'>,
): boolean {
  return sizeBytes === null && dataset.loaded.spec.input.source.kind === 'files';
}

/** Whether a checksum is known and the copy's own was not read yet. */
export function needsBytes(wanted: Pick<Expected, 'checksum' | 'seenChecksum'>, copy: StoredFile): boolean {
  return provingChecksum(wanted) !== null && copy.checksum === undefined;
}
