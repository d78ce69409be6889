/** What follows a plan where it goes well: the phases that its files come to next. Pure. */
import type { FileId, Phase } from '../../machines/model.ts';
import type { DatasetSpec } from '../../specs/types.ts';
import type { Transition } from '../model/rows.ts';
import type { Step } from '../model/steps.ts';

/** What is planned in one phase. */
export interface PhasePlan {
  readonly phase: Phase;
  readonly moves: readonly Transition[];
  readonly steps: readonly Step[];
}

/** A phase that files come to after what is planned, if that goes well. */
export interface Following {
  readonly phase: Phase;
  /** Inputs; of publish and export: those whose outputs are meant. */
  readonly files: number;
}

/** The phases in which inputs go on, one after the other. */
const WAY = ['transfer', 'verify', 'process', 'publish', 'export'] as const;

/**
 * What follows: for each later phase of the way the files that earlier phases are planned to
 * work on, without those the phase itself works on already. Files that the plan finds in error
 * go no further, and phases that the spec asks nothing of are left out.
 */
export function followingOf(spec: DatasetSpec, plans: readonly PhasePlan[]): readonly Following[] {
  const onTheWay = new Set<FileId>();
  const following: Following[] = [];
  for (const phase of WAY) {
    const here = filesIn(plans.filter((plan) => plan.phase === phase));
    const next = [...onTheWay].filter((id) => !here.has(id));
    if (next.length > 0 && IS_ASKED[phase](spec)) following.push({ phase, files: next.length });
    // From here on outputs are worked on, whose inputs are on the way already or were before.
    if (phase !== 'publish' && phase !== 'export') for (const id of here) onTheWay.add(id);
  }
  return following;
}

const IS_ASKED: Readonly<Record<(typeof WAY)[number], (spec: DatasetSpec) => boolean>> = {
  transfer: () => true,
  verify: () => true,
  process: () => true,
  publish: ({ outputs }) => outputs.some(({ declare }) => declare !== 'never'),
  export: ({ outputs }) => outputs.some((output) => output.export !== null),
};

function filesIn(plans: readonly PhasePlan[]): ReadonlySet<FileId> {
  const moved = plans
    .flatMap(({ moves }) => moves)
    .flatMap(({ subject, to }) => (subject.kind === 'file' && to !== 'error' ? [subject.id] : []));
  const planned = plans.flatMap(({ steps }) => steps).flatMap(filesOf);
  return new Set([...moved, ...planned]);
}

/** The files a step goes on with; what it puts aside or takes back goes nowhere. */
function filesOf(step: Step): readonly FileId[] {
  if (step.kind === 'quarantine' || step.kind === 'cancel') return [];
  if ('moves' in step) return step.moves.map(({ fileId }) => fileId);
  if ('jobs' in step) return step.jobs.flat().map(({ id }) => id);
  return 'fileId' in step ? [step.fileId] : [];
}
