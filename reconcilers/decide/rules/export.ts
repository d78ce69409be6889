/**
 * Export: outputs are copied to another store, proved there, and deleted here
 * where the spec asks; then their dataset's files are `copied`.
 *
 *   promoted, located ──output.copied──► copied ──output.deleted──► deleted
 *   done ──outputs.copied──► copied                          (all of the dataset at once)
 *   copied ──outputs.missing──► done                         (a far copy is lost)
 */

import type { ExportSpec } from '../../../specs/types.ts';
import type { PassContext } from '../../model/context.ts';
import { agreeing, counted } from '../../model/counted.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import { type PageScope, scopeOf } from '../../model/scope.ts';
import type { Decision } from '../../model/steps.ts';
import { type Stop, stop } from '../../model/stops.ts';
import type { World } from '../../model/world.ts';
import type { Draft } from '../change/draft.ts';
import { draftedBy, type PhaseRules } from '../change/phase-rules.ts';
import { findArrival, sourcesInDoubt } from '../facts/export-arrival.ts';
import { exportedPlace, lookAtExported, statsForExported } from '../facts/export-look.ts';
import { askArrivals, askTransfers, moveSeen } from '../facts/moves.ts';
import { findReleased, statsForRelease } from '../facts/release.ts';
import { scrubFindings, scrubOf, scrubStats } from '../facts/scrub.ts';
import { datasetStop } from '../stops/dataset-stop.ts';
import { gateStop } from '../stops/gates.ts';
import { exported, openInputs, outputsUnderWay } from '../wanted/goals.ts';
import { companionPath, wantedFarPath } from '../wanted/wanted.ts';
import { decideDelete } from './export-delete.ts';
import { setAside } from './process-steps.ts';
import { decideReleases, releaseScopes } from './release.ts';

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

  find: draftedBy('export', (context, page, seen, draft) => {
    const work = liveWork(page);
    const inputs = new Set(page.inputs.map((input) => input.id));
    for (const { id } of page.outputs) {
      const output = draft.output(id);
      const live = work.get(id);
      if (!inputs.has(output.inputId)) continue;
      if (live) findArrival(context, output, live, seen, draft);
      else lookAtExported(context, draft.input(output.inputId), output, seen, draft);
    }
    draft.add(scrubFindings(context, page, exportedPlace(context, page), seen));
    if (page.outputs.length > 0) return;
    copiedInputs(context, page, draft);
    draft.add(findReleased(context, page, seen));
  }),

  decide(context, page, seen, standing) {
    if (page.outputs.length === 0) return decideReleases(context, page, seen);
    const work = liveWork(page);
    const inputs = new Map(page.inputs.map((input) => [input.id, input]));
    return page.outputs.flatMap((asRead) => {
      const output = standing.output(asRead.id);
      const input = inputs.get(output.inputId);
      if (input === undefined || output.state === 'deleted') return [];
      if (output.state === 'lost') {
        // Whose place is emptied is told by the input's name.
        return setAside(asRead, input, seen, standing).map((decision) => ({
          name: input.name,
          rule: 'putLostAside',
          decision,
        }));
      }
      const waiting = output.class !== null && (output.retryAtMs === null || output.retryAtMs > standing.now);
      if (waiting) return [];
      const decision = decideOutput(context, input, output, work.get(output.id), seen);
      return decision ? [{ name: output.name, rule: 'decideOutput', decision }] : [];
    });
  },
};

/** Exported outputs whose bytes are due to be read again. */
function scrubScope(context: PassContext, keys: readonly string[]): readonly PageScope[] {
  const scrub = scrubOf(context);
  if (scrub === null) return [];
  return [scopeOf('export', context, { subject: 'outputs', states: ['copied', 'deleted'], keys, scrub })];
}

/** Every file of the dataset is done and every output at its goal, with nothing wrong with it. */
function everythingIsThere(context: PassContext): boolean {
  const { totals } = context;
  return openInputs(totals) === 0 && outputsUnderWay(context) === 0 && totals.outputsStopped === 0;
}

/** Pages of outputs name their inputs, too; these are not what they are about. */
function replicaStats(context: PassContext, page: Page) {
  return page.outputs.length > 0 ? [] : statsForRelease(context, page);
}

function copiedInputs(context: PassContext, page: Page, draft: Draft): void {
  if (exported(context).length === 0 || !everythingIsThere(context)) return;
  for (const { id } of page.inputs) {
    draft.find(id, {
      fact: { type: 'outputs.copied' },
      because: 'every file of the dataset is done and every exported output is at the far end',
    });
  }
}

function decideOutput(
  context: PassContext,
  input: InputRow,
  output: OutputRow,
  live: LiveWork | undefined,
  seen: World,
): Decision | undefined {
  const wanted = exported(context).find((one) => one.key === output.key);
  const farPath = wantedFarPath(context, output);
  if (wanted?.export == null || farPath === undefined) return undefined;
  if (live) {
    return output.farPath === null
      ? {
          do: 'wait',
          stop: stop(
            'transfer.underWay',
            `attempt ${live.attempt.number} (${live.submission.name}): ${howItIs(live, seen)}`,
          ),
        }
      : promoteFar(wanted.export, output, live, farPath);
  }
  const stopped = datasetStop(context);
  if (stopped) return { do: 'wait', stop: stopped };
  if (output.state === 'copied') {
    return wanted.export.thenDelete ? decideDelete(context, input, output, seen) : undefined;
  }
  if (wanted.declare !== 'never' && output.state === 'promoted') {
    return { do: 'wait', stop: stop('declaration.first', 'it is declared and located first') };
  }
  const early = notYet(context, wanted.export, input);
  if (early) return { do: 'wait', stop: early };

  const gate = gateStop(context, 'export');
  if (gate) return { do: 'wait', stop: gate };
  const endpoint = `${output.store}>${wanted.export.to}`;
  if (!context.traits.movers.has(endpoint)) {
    return {
      do: 'wait',
      stop: stop('mover.missing', `the site has no mover from ${output.store} to ${wanted.export.to}`),
    };
  }
  const { id, name, path, sizeBytes, checksum } = output;
  return {
    do: 'copy',
    endpoint,
    move: { fileId: id, name, from: path, sizeBytes, checksum },
    because: `export to ${wanted.export.to} (when: ${wanted.export.when})`,
  };
}

function howItIs(live: LiveWork, seen: World): string {
  const move = moveSeen(live, seen, 0);
  if (move.is === 'present') return move.value.state;
  return move.is === 'unknown' ? move.why : 'not found yet';
}

/** Which part of `export.when` is not fulfilled yet. */
function notYet({ totals }: PassContext, { when }: ExportSpec, input: InputRow): Stop | undefined {
  if (input.state !== 'done' && input.state !== 'copied')
    return stop('file.notDone', `${input.name} is not done yet`);
  if (when === 'runDone' && totals.openRuns.has(input.run))
    return stop('run.notDone', `run ${input.run} is not done yet (when: runDone)`);
  if (when !== 'datasetDone' || openInputs(totals) === 0) return undefined;
  const open = openInputs(totals);
  return stop(
    'dataset.notDone',
    `${counted(open, 'file')} of the dataset ${agreeing(open, 'is', 'are')} not done yet (when: datasetDone)`,
  );
}

function promoteFar(wanted: ExportSpec, output: OutputRow, live: LiveWork, to: string): Decision {
  const checksum = output.checksum === null ? {} : { checksum: output.checksum };
  const beside = companionPath(wanted, to);
  const companion = beside ? { path: beside, text: `${JSON.stringify(output.metadata, null, 2)}\n` } : null;
  return {
    do: 'step',
    step: {
      kind: 'promote',
      phase: 'export',
      names: [output.name],
      because: 'the far copy was read back and agrees',
      bytes: output.sizeBytes,
      of: 'far copy',
      fileId: output.id,
      outputKey: output.key,
      store: wanted.to,
      from: live.attempt.path ?? '',
      to,
      expected: { sizeBytes: output.sizeBytes, ...checksum },
      companion,
    },
  };
}
