/**
 * Process: a job reads the file and writes new ones, which are checked.
 *
 *   verified ──job.accepted──► running ──job.succeeded──► done
 *                                 └──job.failed, job.lost──► error
 *   done, copied ──output.absent, output.corrupt──► error ;  ──processing.outdated──► verified
 */
import type { PassContext } from '../../model/context.ts';
import type { OutputRow } from '../../model/rows.ts';
import { type PageScope, scopeOf } from '../../model/scope.ts';
import { standingOf } from '../change/change-of.ts';
import { optionsOf, type PhaseRules } from '../change/phase-rules.ts';
import { processFacts } from '../facts/process.ts';
import { KEPT_HERE } from '../facts/process-done.ts';
import { firstLook, resultStats, secondLook } from '../facts/process-look.ts';
import { processViews } from '../facts/process-view.ts';
import { retryDue } from '../facts/retry-due.ts';
import { scrubFindings, scrubOf, scrubStats } from '../facts/scrub.ts';
import { blamedSince, withBlame } from '../facts/suspects.ts';
import { mayTryAgain } from '../stops/gates.ts';
import { PROCESS_RULES } from './process-rules.ts';
import { decidedBy } from './rule.ts';

export const processRules: PhaseRules = {
  phase: 'process',
  countsFiles: true,

  scopes: (context) => {
    const { spec, revision } = context.dataset.loaded;
    const atMost = spec.limits.jobs * spec.job.filesPerJob;
    const waiting = context.resync ? Number.MAX_SAFE_INTEGER : atMost;
    return [
      scopeOf('process', context, {
        subject: 'inputs',
        states: context.resync ? ['running', 'done', 'copied'] : ['running'],
        errorPhases: ['process'],
        outdated: spec.onChange === 'reprocess' ? revision : null,
        withOutputs: true,
        some: { state: 'verified', atMost, waiting },
      }),
      ...scrubScope(context),
    ];
  },

  rounds: (context, page) => [
    () => firstLook(context, page),
    (seen) => secondLook(page, seen),
    (seen) => ({
      stats: [...resultStats(context, page, seen), ...scrubStats(context, page, finalPlace, seen)],
    }),
  ],

  /** Files whose next try is due are looked at as they then stand; those that need none are stopped. */
  find(context, page, seen) {
    const blamed = blamedSince(context, page);
    const isBlamed = new Set(blamed.map(({ id }) => id));
    const may = mayTryAgain(context);
    const again = retryDue(page, context.now, ['process'], (row) => !isBlamed.has(row.id) && may(row));
    const standing = standingOf(page, [...blamed, ...again], optionsOf(context, 'process'));
    const found = withBlame(context, processFacts(processViews(context, page, seen, standing)));
    return [...blamed, ...again, ...found, ...scrubFindings(context, page, finalPlace, seen)];
  },

  decide: (context, page, seen, standing) =>
    processViews(context, page, seen, standing).flatMap((view) =>
      decidedBy(PROCESS_RULES, view, view.input.name),
    ),
};

/** Files of which outputs that are kept here only are due to be read again. */
function scrubScope(context: PassContext): readonly PageScope[] {
  const scrub = scrubOf(context);
  if (scrub === null) return [];
  return [scopeOf('process', context, { subject: 'inputs', states: KEPT_HERE, withOutputs: true, scrub })];
}

const finalPlace = ({ store, path }: OutputRow) => ({ store, path });
