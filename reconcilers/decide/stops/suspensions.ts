/**
 * What people have suspended: a phase of a dataset, a system or a node of a site. It gets no
 * new work; what is in motion is followed to its end.
 */
import { type Endpoint, endpointText, type HoldScope, type Phase } from '../../../machines/model.ts';
import type { PassContext } from '../../model/context.ts';
import { BATCH, CATALOG, type Hold, resumeCommand } from '../../model/holds.ts';
import type { DatasetRow } from '../../model/rows.ts';
import { type Stop, stop } from '../../model/stops.ts';
import { SPOOL } from './space.ts';

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

/** The suspensions of a dataset. */
export function suspensions({ holds }: DatasetRow): readonly Hold[] {
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
      outputs.some(({ store, export: to }) => to && systemsOfWay({ from: store, to: to.to }).includes(system))
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

/** What people may suspend of a way between two stores: the mover, and either store. */
export function systemsOfWay(way: Endpoint): readonly string[] {
  return [endpointText(way), way.from, way.to];
}

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

/**
 * The systems without which a phase begins nothing for one file: those it needs for any, the way
 * that the file goes, and all places of the dataset, which must show their markers first.
 */
export function systemsFor(
  context: Standing,
  phase: Phase,
  { sourceStore, outputKey }: { readonly sourceStore: string | null; readonly outputKey: string | null },
): readonly string[] {
  const { input, outputs } = context.dataset.loaded.spec;
  const output = outputs.find(({ key }) => key === outputKey);
  const ways = [
    ...(phase === 'transfer' && sourceStore !== null ? [{ from: sourceStore, to: input.store }] : []),
    ...(phase === 'export' && output?.export ? [{ from: output.store, to: output.export.to }] : []),
  ];
  return [...systemsOf(context, phase), ...ways.flatMap(systemsOfWay), ...markedPlaces(context)];
}

function markedPlaces({ dataset }: Standing): readonly string[] {
  const { input, outputs, archive } = dataset.loaded.spec;
  const ends = outputs.flatMap(({ store, export: to }) => (to === null ? [store] : [store, to.to]));
  return [SPOOL, input.store, ...ends, ...(archive === null ? [] : [archive.store])];
}
