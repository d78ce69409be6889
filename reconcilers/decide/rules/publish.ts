/**
 * Publish: outputs are declared in the catalog, then located, one by one.
 *
 *   promoted ──output.declared──► declared ──output.located──► located
 */

import type { OutputSpec } from '../../../specs/types.ts';
import type { PassContext } from '../../model/context.ts';
import type { OutputRow, Page } from '../../model/rows.ts';
import { scopeOf } from '../../model/scope.ts';
import type { Decision } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import { look, type Observed, type World } from '../../model/world.ts';
import type { CatalogFile, Declaration } from '../../ports/catalog.ts';
import type { Standing } from '../change/change-of.ts';
import { optionsOf, type PhaseRules } from '../change/phase-rules.ts';
import { entryFindings, locationOf } from '../facts/publish-look.ts';
import { gateStop } from '../stops/gates.ts';
import { isAtGoal } from '../wanted/goals.ts';
import { datasetIsStopped } from './dataset-is-stopped.ts';
import {
  failedForGood,
  fileIsNotDone,
  type OutputView,
  retryIsNotDue,
  untilDatasetIsDone,
} from './output-rules.ts';
import { type AnsweringRules, answerOf, wait } from './rule.ts';

export const publishRules: PhaseRules = {
  phase: 'publish',
  countsFiles: true,

  scopes: (context) => {
    const outputs = { subject: 'outputs', errorPhases: ['publish'] } as const;
    const keys = declared(context).map((output) => output.key);
    const begun = begunBefore(context).map((output) => output.key);
    return [
      ...(keys.length > 0
        ? [scopeOf('publish', context, { ...outputs, states: ['promoted', 'declared'], keys })]
        : []),
      ...(begun.length > 0
        ? [scopeOf('publish', context, { ...outputs, states: ['declared'], keys: begun })]
        : []),
    ];
  },

  rounds: (_context, page) => [() => ({ described: page.outputs.map((output) => output.name) })],

  find(context, page, seen) {
    const options = optionsOf(context, 'publish');
    return page.outputs.flatMap((output) =>
      entryFindings({ output, entry: look(seen.described, output.name, output.actedMs) }, options),
    );
  },

  decide: (context, page, seen, standing) =>
    publishViews(context, page, seen, standing).map((view) => ({
      name: view.output.name,
      ...answerOf(PUBLISH_RULES, view),
    })),
};

/** An output that is not located yet, as its spec wants it to be. */
export interface PublishView extends OutputView {
  readonly wanted: OutputSpec;
  /** What the catalog answered about its name. */
  readonly entry: Observed<CatalogFile>;
}

/**
 * What is next for an output that is not located yet. In order: what a person must end, what stops
 * the dataset, what the catalog says of all entries, what is to be done before it, its own next
 * try; then the step, by where the output stands.
 */
export const PUBLISH_RULES: AnsweringRules<PublishView> = [
  failedForGood,
  datasetIsStopped,
  catalogTakesNothing,
  catalogIsSilent,
  fileIsNotDone,
  datasetIsNotDone,
  retryIsNotDue,
  declareIt,
  locateIt,
];

/** The outputs that the spec wants declared. */
function declared({ dataset }: Pick<PassContext, 'dataset'>): readonly OutputSpec[] {
  return dataset.loaded.spec.outputs.filter((output) => output.declare !== 'never');
}

/**
 * The outputs that the spec does not want declared any more, some of which are, and cannot be sent
 * on before they are located: that is gone on with.
 */
function begunBefore(context: Pick<PassContext, 'dataset' | 'totals'>): readonly OutputSpec[] {
  const { dataset, totals } = context;
  return dataset.loaded.spec.outputs.filter(({ key, declare }) => {
    const some = totals.outputs[key]?.declared;
    return declare === 'never' && some !== undefined && some > 0 && !isAtGoal(context, key, 'declared');
  });
}

/** The outputs of a page that have something left to do here; those that are located have not. */
function publishViews(
  context: PassContext,
  page: Page,
  seen: World,
  standing: Standing,
): readonly PublishView[] {
  const keys = new Map(context.dataset.loaded.spec.outputs.map((wanted) => [wanted.key, wanted]));
  return page.outputs.flatMap(({ id }): readonly PublishView[] => {
    const output = standing.output(id);
    const wanted = keys.get(output.key);
    if (wanted === undefined || !isOpen(context, wanted, output)) return [];
    const entry = look(seen.described, output.name, output.actedMs);
    return [{ context, wanted, input: standing.input(output.inputId), output, entry }];
  });
}

function isOpen(context: PassContext, { declare, key }: OutputSpec, { state }: OutputRow): boolean {
  if (declare !== 'never') return state === 'promoted' || state === 'declared';
  return state === 'declared' && !isAtGoal(context, key, state);
}

function catalogTakesNothing({ context }: PublishView): Decision | undefined {
  return wait(gateStop(context, 'publish'));
}

/** Nothing is declared before it is known that it is not there. */
function catalogIsSilent({ entry }: PublishView): Decision | undefined {
  if (entry.is !== 'unknown') return undefined;
  return wait(stop('system.silent', `the catalog has not answered: ${entry.why}`));
}

function datasetIsNotDone(view: PublishView): Decision | undefined {
  return view.wanted.declare === 'datasetDone' ? untilDatasetIsDone(view, 'declare: datasetDone') : undefined;
}

function declareIt(view: PublishView): Decision | undefined {
  if (view.output.state !== 'promoted') return undefined;
  const declaration = declarationOf(view);
  return {
    do: 'step',
    step: { kind: 'declare', ...aboutOf(view), because: 'it has its final name', declaration },
  };
}

function locateIt(view: PublishView): Decision {
  const { name } = view.output;
  const location = locationOf(view.output);
  return {
    do: 'step',
    step: { kind: 'locate', ...aboutOf(view), because: 'it is declared', name, location },
  };
}

function aboutOf({ output: { id, name, sizeBytes } }: PublishView) {
  return { phase: 'publish', names: [name], bytes: sizeBytes, fileId: id } as const;
}

function declarationOf({ context, input, output }: PublishView): Declaration {
  return {
    name: output.name,
    sizeBytes: output.sizeBytes,
    eventCount: output.eventCount,
    checksums: output.checksum === null ? [] : [output.checksum],
    dataTier: output.dataTier,
    run: output.run,
    parents: [input.name],
    application: context.dataset.loaded.spec.job.application,
    metadata: output.metadata,
  };
}
