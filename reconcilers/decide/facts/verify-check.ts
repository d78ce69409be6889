/** What a raw copy is held against: the catalog's size, checksum and event count. */

import type { PassContext } from '../../model/context.ts';
import { counted } from '../../model/counted.ts';
import type { Failure } from '../../model/failure.ts';
import type { InputFinding } from '../../model/findings.ts';
import type { InputRow } from '../../model/rows.ts';
import type { Decision } from '../../model/steps.ts';
import { look, type Observed, type World } from '../../model/world.ts';
import type { CatalogFile } from '../../ports/catalog.ts';
import type { StoredFile } from '../../ports/store.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import { bestChecksum, contradict, provingChecksum } from '../wanted/checksums.ts';
import { wantedCopy } from '../wanted/wanted.ts';

/** Only a definition or query is asked for anew; a manifest or a folder was read when the members were. */
export function knownToCatalog({ dataset }: PassContext): boolean {
  const { kind } = dataset.loaded.spec.input.source;
  return kind === 'definition' || kind === 'query';
}

/** The copy as its store was seen to have it. */
export function copySeen(context: PassContext, input: InputRow, seen: World): Observed<StoredFile> {
  if (input.copyPath === null) return { is: 'absent' };
  return look(seen.stats.get(wantedCopy(context, input).store), input.copyPath, input.actedMs);
}

/** What a copy is to be; null: nobody knows. */
export interface Expected {
  readonly sizeBytes: number | null;
  readonly eventCount: number | null;
  readonly checksum: string | null;
  /** What the copy had when it was verified before, where the catalog knows none. */
  readonly seenChecksum: string | null;
}

/** What the catalog says now where it was asked, else what it said when the member was recorded. */
export function expected(context: PassContext, input: InputRow, seen: World): Expected {
  const entry: Observed<CatalogFile> = knownToCatalog(context)
    ? look(seen.described, input.name, 0)
    : { is: 'absent' };
  if (entry.is !== 'present') return input;
  const { sizeBytes, eventCount, checksums } = entry.value;
  return {
    sizeBytes: sizeBytes ?? input.sizeBytes,
    eventCount: eventCount ?? input.eventCount,
    checksum: bestChecksum(checksums) ?? input.checksum,
    seenChecksum: input.seenChecksum,
  };
}

/** The finding that a copy under its final name is what it should be. */
export function passed(input: InputRow): InputFinding {
  const known = provingChecksum(input);
  const checksum = known === null ? '' : `, ${known}`;
  return {
    fact: { type: 'check.passed' },
    because: `${sizeText(input)}${checksum}, ${eventsText(input)}`,
    patch: NO_TROUBLE,
  };
}

function sizeText({ sizeBytes }: InputRow): string {
  return sizeBytes === null ? 'unknown size' : counted(sizeBytes, 'byte');
}

function eventsText({ eventCount }: InputRow): string {
  return eventCount === null ? 'uncounted events' : counted(eventCount, 'event');
}

interface CheckProblem extends Failure {
  readonly fault: 'copy' | 'catalog';
}

/** What is wrong with a copy’s size; an empty file never passes. */
export function sizeProblem(copy: StoredFile, { sizeBytes }: Expected): CheckProblem | undefined {
  if (sizeBytes === null) {
    return { fault: 'catalog', class: 'data', reason: 'the catalog does not know its size' };
  }
  if (sizeBytes === 0) {
    return { fault: 'catalog', class: 'data', reason: 'the catalog says it is empty: 0 bytes' };
  }
  if (copy.sizeBytes === sizeBytes) return undefined;
  const reason = `the copy has ${counted(copy.sizeBytes, 'byte')}, the catalog says ${sizeBytes}`;
  return { fault: 'copy', class: 'transient', reason };
}

/** What is wrong with a copy’s checksum, where both sides know one. */
export function checksumProblem(copy: StoredFile, wanted: Expected): CheckProblem | undefined {
  const known = provingChecksum(wanted);
  if (!contradict(copy.checksum, known)) return undefined;
  const reason =
    wanted.checksum === null
      ? `the copy has ${copy.checksum}, and had ${known} when it was verified; if it is right as it is, clean it`
      : `the copy has ${copy.checksum}, the catalog says ${known}`;
  return { fault: 'copy', class: 'transient', reason };
}

/** The events of a copy: known, counted, or deliberately left to the job. */
export function countEvents(
  context: PassContext,
  input: InputRow,
  wanted: Expected,
  seen: World,
): number | null | 'waiting' {
  if (wanted.eventCount !== null) return wanted.eventCount;
  const { eventCount, eventCountMissing, store } = context.dataset.loaded.spec.input;
  if (eventCount.by === 'catalog') return eventCountMissing === 'count' ? null : 'waiting';
  const counted = look(seen.counts.get(store), input.copyPath ?? '', input.actedMs);
  return counted.is === 'present' ? counted.value : 'waiting';
}

/** Where the only copy is the source itself, nothing can bring a better one: a person must look. */
export function failedCheck(context: PassContext, input: InputRow, problem: CheckProblem): InputFinding {
  const { inPlace, delivery } = wantedCopy(context, input);
  const hopeless = problem.fault === 'copy' && (inPlace || delivery === null);
  const failure = { class: hopeless ? 'data' : problem.class, reason: problem.reason } as const;
  return {
    fact: { type: 'check.failed', fault: problem.fault },
    because: problem.reason,
    failure,
  };
}

/** The finding that a copy no longer has its size, or its checksum where that was read; undefined when it has. */
export function brokenCopy(
  context: PassContext,
  input: InputRow,
  copy: StoredFile,
): InputFinding | undefined {
  const problem = sizeProblem(copy, input) ?? checksumProblem(copy, input);
  return problem && failedCheck(context, input, problem);
}

/** A copy that has just failed its check is renamed into quarantine, unless it is the source itself. */
export function putAside(
  context: PassContext,
  phase: 'verify' | 'process',
  asRead: InputRow,
  input: InputRow,
  seen: World,
): Decision | undefined {
  if (asRead.state === 'error' || input.state !== 'error') return undefined;
  if (input.fault !== 'copy' || input.copyPath === null) return undefined;
  const wanted = wantedCopy(context, input);
  if (wanted.inPlace || wanted.delivery === null) return undefined;
  const copy = copySeen(context, input, seen);
  return {
    do: 'step',
    step: {
      kind: 'quarantine',
      phase,
      names: [input.name],
      because: input.reason ?? 'the copy failed its check',
      bytes: copy.is === 'present' ? copy.value.sizeBytes : 0,
      store: wanted.store,
      path: input.copyPath,
      fileId: input.id,
      submission: null,
      number: null,
    },
  };
}
