/** Bringing the datasets on record in line with the specs that were read. */

import type { LoadedDataset, LoadedSpecs, SpecOrigin, SpecProblem } from '../../specs/types.ts';
import {
  disjointRefusal,
  inputDiffers,
  isSameSpec,
  movedTo,
  onlyRunsDiffer,
  refusalOf,
  releasedRefusal,
} from '../decide/specs/refusal.ts';
import { type Orphan, renamedFrom, renameRefusal, unaskedFor } from '../decide/specs/unasked.ts';
import type { Member, Records } from '../model/records.ts';
import type { DatasetRow } from '../model/rows.ts';
import { DriverError } from '../ports/errors.ts';

/** A spec that was not taken; the generation before it stays in force. */
export interface Refused {
  readonly dataset: string;
  readonly file: string;
  readonly line: number;
  /** Begins with the field. */
  readonly sentence: string;
}

/** A generation that is in force from now on. */
export interface NewGeneration {
  /** The dataset under the generation before it; null: it is new. */
  readonly before: DatasetRow | null;
  readonly after: DatasetRow;
}

/** What became of the specs. */
export interface Applied {
  readonly generations: readonly NewGeneration[];
  /** The datasets to work on, in name order: those of the specs, and others that must go on. */
  readonly names: readonly string[];
  readonly refused: readonly Refused[];
  /** Problems of specs that only what is on record brings to light. */
  readonly problems: readonly SpecProblem[];
  /** Datasets that no spec asks for since now. */
  readonly orphans: readonly Orphan[];
}

/** `Applying` is what specs are applied with. */
export interface Applying {
  readonly records: Records;
  /** Whether a spec's file lies, or would lie, in one of the places that were read. */
  readonly isCovered: (origin: SpecOrigin) => boolean;
  /** The files a spec names, asked for now. */
  readonly ask: (dataset: DatasetRow) => AsyncIterable<readonly Member[]>;
  /** Run what concerns one dataset; an error of the outside is a problem of that one, and stops no other. */
  readonly guarded: <T>(about: string, act: () => Promise<T>) => Promise<T | Error>;
}

/**
 * Record what is new in the specs, and which datasets no spec asks for any more.
 *
 * A dataset is orphaned only when its file was among the places that were read
 * and neither it nor a broken file could still hold it. A spec that is refused,
 * or of which the outside cannot say whether it is, leaves the last one in force.
 */
export async function applySpecs(specs: LoadedSpecs, applying: Applying): Promise<Applied> {
  const { records, guarded } = applying;
  const known = await records.datasets();
  const now = await records.now();
  const names: string[] = [];
  const refused: Refused[] = [];
  const generations: NewGeneration[] = [];
  /** On record, asked for by no spec, and worked on all the same. */
  const kept = new Set<string>();
  for (const loaded of specs.datasets) {
    const { name } = loaded.spec;
    const before = known.find((row) => row.name === name);
    const old = await renamed(loaded, specs, known, records);
    if (old !== undefined) kept.add(old.name);
    const result = old
      ? renameRefusal(loaded, old)
      : await guarded(name, () => applyOne(loaded, before, known, applying, now));
    if (before !== undefined || result === undefined || isRow(result)) names.push(name);
    if (isRow(result)) generations.push({ before: before ?? null, after: result });
    if (typeof result !== 'string') continue;
    const { file, line } = loaded.origin;
    refused.push({ dataset: old?.name ?? name, file, line, sentence: result });
  }
  const { problems, ...unasked } = unaskedFor(specs, known, applying.isCovered);
  const orphans = unasked.orphans.filter(({ row }) => !kept.has(row.name));
  for (const { row } of orphans) {
    if (row.orphanedMs === null) await records.orphan(row, true, now);
    if (await isInMotion(row, records)) kept.add(row.name);
  }
  for (const row of unasked.kept) kept.add(row.name);
  return {
    names: [...new Set([...names, ...kept])].sort(),
    refused,
    generations,
    problems,
    orphans: orphans.filter(({ row }) => row.orphanedMs === null),
  };
}

const isRow = (result: DatasetRow | string | Error | undefined): result is DatasetRow =>
  result !== undefined && typeof result !== 'string' && !(result instanceof Error);

/** The dataset that a new one would do again; one without files has done nothing yet. */
async function renamed(
  loaded: LoadedDataset,
  specs: LoadedSpecs,
  known: readonly DatasetRow[],
  records: Records,
): Promise<DatasetRow | undefined> {
  const old = renamedFrom(loaded, specs, known);
  return old !== undefined && (await filesOf(old, records)) > 0 ? old : undefined;
}

async function filesOf(dataset: DatasetRow, records: Records): Promise<number> {
  const { inputs } = await records.totals(dataset);
  return Object.values(inputs).reduce((sum, count) => sum + count, 0);
}

/** @returns why the spec was not taken, or the dataset under its new generation; undefined where it already is in force */
async function applyOne(
  loaded: LoadedDataset,
  before: DatasetRow | undefined,
  known: readonly DatasetRow[],
  { records, ask }: Applying,
  now: number,
): Promise<string | DatasetRow | undefined> {
  const gone = before && releasedRefusal(before);
  if (gone !== undefined) return gone;
  if (before === undefined || !isSameSpec(before, loaded)) {
    const others = known.filter((row) => row !== before);
    const refusal =
      refusalOf(loaded, before, others) ?? (before && (await otherFiles(before, loaded, records, ask)));
    if (refusal !== undefined) {
      if (before) await records.tell(before, REFUSED, { class: 'software', message: refusal }, now);
      return refusal;
    }
    const after = await records.apply(loaded, now);
    if (before) await records.tell(before, REFUSED, null, now);
    return after;
  }
  const moved = movedTo(before, loaded);
  if (moved !== undefined) await records.noteOrigin(before, moved);
  if (before.orphanedMs !== null) await records.orphan(before, false, now);
  await records.tell(before, REFUSED, null, now);
  return undefined;
}

const REFUSED = 'spec refused';

/** The refusal of an input none of whose files the dataset has; asked only where the input is another. */
async function otherFiles(
  before: DatasetRow,
  loaded: LoadedDataset,
  records: Records,
  ask: Applying['ask'],
): Promise<string | undefined> {
  if (!inputDiffers(loaded, before)) return undefined;
  const files = await filesOf(before, records);
  if (files === 0) return undefined;
  try {
    const shares = await sharesFiles(before, loaded, records, ask);
    // An empty answer is no set of other files; it holds the dataset when its members are asked for.
    return shares === false ? disjointRefusal(files) : undefined;
  } catch (error) {
    if (error instanceof DriverError && onlyRunsDiffer(loaded, before)) return undefined;
    throw error;
  }
}

/** Whether an input names a file that the dataset has; undefined where it names none at all. */
async function sharesFiles(
  before: DatasetRow,
  loaded: LoadedDataset,
  records: Records,
  ask: Applying['ask'],
): Promise<boolean | undefined> {
  let answered = 0;
  for await (const members of ask({ ...before, loaded })) {
    answered += members.length;
    const names = members.map((member) => member.name);
    if ((await records.knownAmong(before, names)).size > 0) return true;
  }
  return answered === 0 ? undefined : false;
}

/** What runs is followed to its end: nobody else would see that its place in the queue is free. */
async function isInMotion(dataset: DatasetRow, records: Records): Promise<boolean> {
  const { liveJobs, liveTransfers } = await records.totals(dataset);
  return liveJobs + liveTransfers > 0;
}
