/**
 * What people have suspended: a phase of a dataset, a system or a node of a site. It gets no
 * new work; what is in motion is followed to its end.
 *
 * Which systems a step uses is read from the step itself, so that a new kind of step needs
 * no line here.
 */
import type { HoldScope, Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import { BATCH, CATALOG, type Hold, resumeCommand } from '../../model/holds.ts';
import type { DatasetRow } from '../../model/rows.ts';
import type { Decided, Decision, Step, StepKind } from '../../model/steps.ts';
import { kindOf, STOP_TIERS, type Stop, stop } from '../../model/stops.ts';

type Standing = Pick<PassContext, 'dataset'>;

/** A hold by a person, in a clause: what, by whom, why, and how it ends. */
export function suspendedText(hold: Hold): string {
  const what = WHAT[hold.scope](hold);
  return `${what}suspended by ${hold.by}: ${hold.reason}; \`${resumeCommand(hold)}\` ends it`;
}

const WHAT: Readonly<Record<HoldScope, (hold: Hold) => string>> = {
  dataset: () => '',
  phase: ({ name }) => `${name} is `,
  system: ({ name, of }) => `${name} of ${of} is `,
  node: ({ name, of }) => `node ${name} of ${of} is `,
};

/** Steps that conclude what is in motion: no suspension keeps them. */
const CONCLUDING: ReadonlySet<StepKind> = new Set(['promote', 'quarantine', 'cancel']);

/** Turn new work of what is suspended into waits; a wait that a person's word comes before says that instead. */
export function withinSuspensions(
  context: Pick<PassContext, 'dataset' | 'traits'>,
  phase: Phase,
  decided: readonly Decided[],
): readonly Decided[] {
  const suspended = suspensions(context.dataset);
  if (suspended.length === 0) return decided;
  return decided.map((one): Decided => {
    const systems = systemsUsed(context, phase, one.decision);
    if (systems === null) return one;
    const why = suspensionOf(context, phase, systems);
    if (why === undefined) return one;
    return { ...one, rule: 'withinSuspensions', decision: { do: 'wait', stop: why } };
  });
}

function suspensions({ holds }: DatasetRow): readonly Hold[] {
  return holds.filter(({ code }) => code === 'suspended.byPerson');
}

/** The suspension that stops new work of a phase that uses these systems; undefined: none does. */
export function suspensionOf(
  { dataset, traits }: Pick<PassContext, 'dataset' | 'traits'>,
  phase: Phase,
  systems: readonly string[],
): Stop | undefined {
  const { nodes } = traits.batch;
  const bites: Readonly<Record<HoldScope, (hold: Hold) => boolean>> = {
    // The check of what has arrived ends a transfer that is in motion.
    dataset: () => phase !== 'verify',
    phase: ({ name }) => name === phase,
    system: ({ name }) => systems.includes(name),
    // Where there are several, new jobs are kept off the one.
    node: ({ name }) => systems.includes(BATCH) && nodes.are === 'one' && nodes.name === name,
  };
  const hold = suspensions(dataset).find((one) => bites[one.scope](one));
  return hold && stop('suspended.byPerson', suspendedText(hold), hold.sinceMs);
}

/** Suspensions that may keep files of a phase: of the phase itself, and of systems that any of its steps would use. */
export function suspendedIn({ dataset }: Standing, phase: Phase): readonly Hold[] {
  const { input, outputs } = dataset.loaded.spec;
  const isFor = (system: string) => {
    if (phase === 'transfer') return system.endsWith(`>${input.store}`);
    return (
      phase === 'export' &&
      outputs.some(({ store, export: to }) => to && ofEndpoint(`${store}>${to.to}`).includes(system))
    );
  };
  const systems = systemsOf({ dataset }, phase);
  return suspensions(dataset).filter(({ scope, name }) =>
    scope === 'phase' ? name === phase : scope === 'system' && (systems.includes(name) || isFor(name)),
  );
}

/** Whether nothing is asked for a phase: checking is all that `verify` does, and a file that it may not check is left alone. */
export function isLeftAlone(context: Pick<PassContext, 'dataset' | 'traits'>, phase: Phase): boolean {
  return phase === 'verify' && suspensionOf(context, phase, systemsOf(context, phase)) !== undefined;
}

/** The nodes that new jobs are kept off, where the batch system can do that. */
export function avoidedNodes({
  dataset,
  traits,
}: Pick<PassContext, 'dataset' | 'traits'>): readonly string[] {
  const { nodes } = traits.batch;
  if (nodes.are === 'one' || !nodes.avoidable) return [];
  return suspensions(dataset).flatMap(({ scope, name }) => (scope === 'node' ? [name] : []));
}

/** The systems that a decision would use; null: it concludes what is in motion, or waits for more than a person. */
function systemsUsed(standing: Standing, phase: Phase, decision: Decision): readonly string[] | null {
  switch (decision.do) {
    case 'transfer':
    case 'copy':
      return ofEndpoint(decision.endpoint);
    case 'submit':
      return systemsOf(standing, 'process');
    case 'step':
      return ofStep(decision.step);
    case 'wait':
      return comesAfterPerson(decision.stop) ? systemsOf(standing, phase) : null;
  }
}

function comesAfterPerson(waits: Stop): boolean {
  const { tier } = kindOf(waits);
  return tier !== 'inProgress' && STOP_TIERS.indexOf(tier) > STOP_TIERS.indexOf('person');
}

function ofStep(step: Step): readonly string[] | null {
  // What arrives is given its name by the check, which is what a suspended phase is to leave.
  if (CONCLUDING.has(step.kind) && step.phase !== 'verify') return null;
  return [
    ...('endpoint' in step ? ofEndpoint(step.endpoint) : []),
    ...('store' in step ? [step.store] : []),
    ...('proof' in step ? [step.proof.store] : []),
    ...(step.phase === 'publish' ? [CATALOG] : []),
  ];
}

const ofEndpoint = (endpoint: string) => [endpoint, ...endpoint.split('>')];

/** The systems without which a phase of a dataset begins nothing. */
export function systemsOf({ dataset }: Standing, phase: Phase): readonly string[] {
  const { input, outputs, archive } = dataset.loaded.spec;
  const of: Readonly<Record<Phase, () => readonly string[]>> = {
    transfer: () => [input.store],
    verify: () => [input.store],
    process: () => [BATCH, input.store, ...outputs.map(({ store }) => store)],
    publish: () => [CATALOG],
    export: () => [],
    archive: () => (archive === null ? [] : [archive.store]),
  };
  return of[phase]();
}
