/**
 * What the catalog said of entries as a whole. What is wrong with one entry is that output's own
 * failure; that the catalog takes none is the gate of the phase, and no output has failed by it.
 */

import type { FileId } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import type { Finding } from '../../model/findings.ts';
import { CATALOG } from '../../model/holds.ts';
import type { TakenStep } from '../../model/steps.ts';
import type { Gate } from '../../model/totals.ts';
import type { DriverErrorCode } from '../../ports/errors.ts';
import type { Outcome } from '../../ports/seen.ts';
import { afterNo } from '../stops/gates.ts';
import { concludeOutput, type Failed } from './failed-step.ts';
import { countsFiles, type KindOf, noBytes, none, nothing, unjoined } from './kind.ts';

/** What each code means where a catalog gives it; null: something is wrong with the entry. */
const OF_ALL_ENTRIES: Readonly<
  Record<DriverErrorCode, { readonly kind: Gate['kind']; readonly said: string } | null>
> = {
  unavailable: { kind: 'refused', said: 'the catalog has not answered' },
  refused: { kind: 'refused', said: 'the catalog is full' },
  forbidden: { kind: 'rejected', said: 'the catalog takes nothing from us' },
  rejected: null,
  conflict: null,
  absent: null,
};

/** Whether the catalog takes no entry at all, whatever it is asked to take. */
function takesNoEntry({ code }: Failed): boolean {
  return OF_ALL_ENTRIES[code] !== null;
}

/**
 * The gate of `publish` after declarations and locations: closed by the first answer that is of
 * all entries, open where every answer is of its own entry.
 */
function catalogGate(
  { dataset, totals, now }: Pick<PassContext, 'dataset' | 'totals' | 'now'>,
  outcomes: readonly Outcome[],
): readonly Finding<'gate'>[] {
  const before = totals.gates.publish;
  for (const outcome of outcomes) {
    const no = outcome.ok ? null : OF_ALL_ENTRIES[outcome.code];
    if (outcome.ok || no === null) continue;
    const said = {
      kind: no.kind,
      message: `${no.said}: ${outcome.message}`,
      generation: dataset.generation,
    };
    return [{ on: 'gate', phase: 'publish', gate: afterNo(before, said, now) }];
  }
  return before === undefined || outcomes.length === 0 ? [] : [{ on: 'gate', phase: 'publish', gate: null }];
}

type Entry = TakenStep<'declare' | 'locate'>;

/** The name under which a catalog that takes no entry is not asked for the others of a page. */
export const THE_CATALOG = 'the catalog';

/**
 * What entries come to: each its fact or its failure, and the gate. An entry that was not taken
 * since none is leaves its output where it was, and nothing is held against it.
 *
 * @param becauseOf  what is said of an entry that was taken
 */
export function concludeEntries<K extends 'declare' | 'locate'>(
  fact: Parameters<typeof concludeOutput>[3],
  becauseOf: (step: TakenStep<K>['step']) => string,
): KindOf<K>['conclude'] {
  return (taken, { context, taken: all }) => [
    ...taken.flatMap(({ step, outcome }: TakenStep<K>) =>
      !outcome.ok && takesNoEntry(outcome)
        ? []
        : concludeOutput(context, step.fileId, outcome, fact, becauseOf(step)),
    ),
    ...catalogGate(
      context,
      all.filter(isEntry).map(({ outcome }) => outcome),
    ),
  ];
}

function isEntry(taken: TakenStep): taken is Entry {
  return taken.step.kind === 'declare' || taken.step.kind === 'locate';
}

/** What every kind of step says that makes an entry of an output, or adds to it. */
export const ofEntries = {
  budget: null,
  about: ({ fileId }: { readonly fileId: FileId }) => fileId,
  systems: () => [CATALOG],
  uses: noBytes,
  makes: none,
  empties: nothing,
  ...unjoined,
  // An output is named by its own row already.
  intent: none,
  writesTo: none,
  refusedWith: () => THE_CATALOG,
  counts: countsFiles,
  noun: 'file',
} as const;
