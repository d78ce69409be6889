/**
 * Export: outputs are copied to another store, proved there, and deleted here
 * where the spec asks; then their dataset's files are `copied`.
 *
 *   promoted, located ──output.copied──► copied ──output.deleted──► deleted
 *   done ──outputs.copied──► copied                          (all of the dataset at once)
 *   copied ──outputs.missing──► done                         (a far copy is lost)
 */

import type { OutputState } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import { type Finding, onInput } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { Page } from '../../model/rows.ts';
import { type PageScope, scopeOf } from '../../model/scope.ts';
import type { Decided } from '../../model/steps.ts';
import type { World } from '../../model/world.ts';
import { type Standing, standingOf } from '../change/change-of.ts';
import { optionsOf, type PhaseRules } from '../change/phase-rules.ts';
import { arrivalFindings, sourcesInDoubt } from '../facts/export-arrival.ts';
import { exportedPlace, lookAtExported, lookViewOf, statsForExported } from '../facts/export-look.ts';
import { askArrivals, askTransfers, followMove } from '../facts/moves.ts';
import { parentsOf } from '../facts/parents.ts';
import { findReleased, statsForRelease } from '../facts/release.ts';
import { scrubFindings, scrubOf, scrubStats } from '../facts/scrub.ts';
import { exported } from '../wanted/goals.ts';
import { wantedFarPath } from '../wanted/wanted.ts';
import { everythingIsThere } from './done.ts';
import { decideDeletion } from './export-delete.ts';
import { decideOnTheWay, type ExportView, SENDING_RULES } from './export-send.ts';
import { failedForGood, retryIsNotDue } from './output-rules.ts';
import { lostOutputAside } from './process-steps.ts';
import { decideReleases, releaseScopes } from './release.ts';
import { answerOf, firstAnswer } from './rule.ts';

export const exportRules: PhaseRules = {
  phase: 'export',
  countsFiles: true,

  scopes: (context) => {
    const keys = exported(context).map((output) => output.key);
    const releases = releaseScopes(context);
    if (keys.length === 0) return releases;
    const outputs = scopeOf('export', context, {
      subject: 'outputs',
      states: ['promoted', 'located', 'copied', ...(context.resync ? (['deleted'] as const) : [])],
      errorPhases: ['export'],
      stopped: context.resync,
      keys,
    });
    const done = scopeOf('export', context, { subject: 'inputs', states: ['done'] });
    const scrubbed = scrubScope(context, keys);
    return [outputs, ...(everythingIsThere(context) ? [done] : []), ...releases, ...scrubbed];
  },

  rounds: (context, page) => [
    () => ({
      ...askTransfers(page.submissions),
      stats: [...statsForExported(context, page), ...replicaStats(context, page)],
    }),
    (seen) => ({ stats: askArrivals(liveWork(page).values(), seen, 'checksum') }),
    (seen) => ({
      stats: [
        ...sourcesInDoubt(page, seen),
        ...scrubStats(context, page, exportedPlace(context, page), seen),
      ],
    }),
  ],

  find(context, page, seen) {
    const moved = arrivals(context, page, seen);
    return [
      ...moved,
      ...looks(context, page, seen, moved),
      ...scrubFindings(context, page, exportedPlace(context, page), seen),
      ...(page.outputs.length > 0 ? [] : copiedInputs(context, page)),
      ...(page.outputs.length > 0 ? [] : findReleased(context, page, seen)),
    ];
  },

  decide(context, page, seen, standing) {
    if (page.outputs.length === 0) return decideReleases(context, page, seen);
    return [
      ...lostPutAside(page, seen, standing),
      ...exportViews(context, page, seen, standing).flatMap((view): readonly Decided[] => {
        const answer = NEXT[view.output.state](view);
        return answer === undefined ? [] : [{ name: view.output.name, ...answer }];
      }),
    ];
  },
};

/** Exported outputs whose bytes are due to be read again. */
function scrubScope(context: PassContext, keys: readonly string[]): readonly PageScope[] {
  const scrub = scrubOf(context);
  if (scrub === null) return [];
  return [scopeOf('export', context, { subject: 'outputs', states: ['copied', 'deleted'], keys, scrub })];
}

/** Pages of outputs name their inputs, too; these are not what they are about. */
function replicaStats(context: PassContext, page: Page) {
  return page.outputs.length > 0 ? [] : statsForRelease(context, page);
}

/** What has become of the attempts that send outputs. */
function arrivals(context: PassContext, page: Page, seen: World): readonly Finding[] {
  const work = liveWork(page);
  const parentOf = parentsOf(page);
  const moves = page.outputs.flatMap((output) => {
    const live = work.get(output.id);
    if (live === undefined) return [];
    const move = followMove(context, live, output.actedMs, seen);
    return [{ ...move, context, input: parentOf(output), output, live, seen }];
  });
  return [...moves.flatMap(({ findings }) => findings), ...arrivalFindings(moves)];
}

/** What both places of the other outputs say. @param moved  their inputs are looked at as these findings leave them */
function looks(context: PassContext, page: Page, seen: World, moved: readonly Finding[]): readonly Finding[] {
  const work = liveWork(page);
  const standing = standingOf(page, moved, optionsOf(context, 'export'));
  return page.outputs.flatMap((output) => {
    if (work.has(output.id)) return [];
    const view = lookViewOf(context, standing.input(output.inputId), output, seen);
    return view === undefined ? [] : lookAtExported(view);
  });
}

function copiedInputs(context: PassContext, page: Page): readonly Finding[] {
  if (exported(context).length === 0 || !everythingIsThere(context)) return [];
  const because = 'every file of the dataset is done and every exported output is at the far end';
  return page.inputs.map(({ id }) => onInput(id, { fact: { type: 'outputs.copied' }, because }));
}

/** What lies under the final name of an output that is lost now; whose place that is, its input's name says. */
function lostPutAside(page: Page, seen: World, standing: Standing): readonly Decided[] {
  return page.outputs.flatMap((asRead) => {
    if (standing.output(asRead.id).state !== 'lost') return [];
    const input = standing.input(asRead.inputId);
    return lostOutputAside(asRead, input, seen).map((decision) => ({
      name: input.name,
      rule: 'lostPutAside',
      decision,
    }));
  });
}

/** An output of a page with what is known of it. */
interface PageView extends ExportView {
  readonly live: LiveWork | undefined;
  readonly seen: World;
}

function exportViews(context: PassContext, page: Page, seen: World, standing: Standing): readonly PageView[] {
  const work = liveWork(page);
  const keys = new Map(exported(context).map((wanted) => [wanted.key, wanted]));
  return page.outputs.flatMap(({ id }): readonly PageView[] => {
    const output = standing.output(id);
    const spec = keys.get(output.key);
    const farPath = wantedFarPath(context, output);
    if (spec?.export == null || farPath === undefined) return [];
    const input = standing.input(output.inputId);
    const { declare, export: wanted } = spec;
    return [{ context, declare, wanted, farPath, input, output, live: work.get(id), seen }];
  });
}

type Next = (view: PageView) => Omit<Decided, 'name'> | undefined;

/** Which rules say what is next for an output, by where it stands; none where it is at its end, or not here yet. */
const NEXT: Readonly<Record<OutputState, Next>> = {
  accepted: () => undefined,
  promoted: decideSending,
  declared: decideSending,
  located: decideSending,
  copied: decideCopied,
  deleted: decideAtGoal,
  lost: () => undefined,
};

/** What is said of an output that is where it is to end: there is nothing to do, but it may have trouble there. */
const AT_GOAL_RULES = [failedForGood, retryIsNotDue] as const;

function decideAtGoal(view: PageView) {
  return firstAnswer(AT_GOAL_RULES, view);
}

function decideSending(view: PageView) {
  return view.live === undefined ? answerOf(SENDING_RULES, view) : decideOnTheWay(view, view.live, view.seen);
}

function decideCopied(view: PageView) {
  if (view.live !== undefined) return decideOnTheWay(view, view.live, view.seen);
  return view.wanted.thenDelete ? decideDeletion(view, view.seen) : decideAtGoal(view);
}
