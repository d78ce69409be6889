/** Taking the steps of a page. Nothing is decided here: each kind has one way of being carried out. */

import type { StepOutcome } from '../decide/steps/conclude.ts';
import { nameOf } from '../decide/steps/intents.ts';
import type { PassContext } from '../model/context.ts';
import { attemptPath, MARKER_PATH, quarantinePath } from '../model/names.ts';
import { STEP_KINDS, type Step, type StepKind } from '../model/steps.ts';
import { DriverError } from '../ports/errors.ts';
import type { SitePorts } from '../ports/ports.ts';
import { archiveLogs } from './archive-logs.ts';
import { writeCompanion } from './companion.ts';
import { found } from './observe.ts';
import { submitJobs } from './submit-jobs.ts';

export interface Taken {
  readonly step: Step;
  readonly outcome: StepOutcome;
}

export interface Applying {
  readonly ports: SitePorts;
  readonly context: PassContext;
  readonly signal: AbortSignal;
  /** Called before each step; throws when the pass may no longer act. */
  readonly mayGoOn: () => Promise<void>;
}

/**
 * Take steps, kind by kind.
 *
 * A step that fails is an outcome, not an exception; the next one is taken all
 * the same. Throws when the lease is lost or the signal aborted: the steps left
 * are then not taken, and their intents are found by the next pass.
 */
export async function apply(steps: readonly Step[], applying: Applying): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  const closed = new Map<string, StepOutcome>();
  for (const kind of STEP_KINDS) {
    const execute = EXECUTORS[kind] as Executor<StepKind>;
    for (const step of steps.filter((one) => one.kind === kind)) {
      applying.signal.throwIfAborted();
      await applying.mayGoOn();
      const door = doorOf(step);
      const outcome = closed.get(door) ?? (await outcomeOf(() => execute(step, applying), applying.signal));
      if (door !== '' && isClosed(outcome)) closed.set(door, outcome);
      taken.push({ step, outcome });
    }
  }
  return taken;
}

/** Where a step asks for new work to be taken; empty for every other step. */
function doorOf(step: Step): string {
  switch (step.kind) {
    case 'transfer':
    case 'copy':
      return `${step.kind} ${step.endpoint}`;
    case 'submit':
      return 'submit';
    default:
      return '';
  }
}

/** Full, or closed to us: every other order would be answered so. What is wrong with one order is its own. */
function isClosed(outcome: StepOutcome): boolean {
  return !outcome.ok && (outcome.code === 'refused' || outcome.code === 'forbidden');
}

type Executor<K extends StepKind> = (step: Step<K>, applying: Applying) => Promise<Partial<StepOutcome>>;

async function outcomeOf(
  act: () => Promise<Partial<StepOutcome>>,
  signal: AbortSignal,
): Promise<StepOutcome> {
  try {
    const result = await act();
    return result.ok === false ? (result as StepOutcome) : { ...result, ok: true };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof DriverError)) throw error;
    return { ok: false, code: error.code, message: error.message };
  }
}

/** How each kind of step is carried out. The type demands one entry per kind. */
const EXECUTORS: { readonly [K in StepKind]: Executor<K> } = {
  transfer: move,
  copy: move,
  submit: submitJobs,

  async promote({ store, from, to, expected, companion }, { ports, signal }) {
    const place = found(ports.stores, store, 'store');
    if (companion) await writeCompanion(place, companion, signal);
    if (from !== to) await place.promote(from, to, expected, signal);
    return {};
  },

  async quarantine({ store, path, number }, { ports, signal }) {
    await found(ports.stores, store, 'store').promote(path, quarantinePath(path, number ?? 0), null, signal);
    return {};
  },

  async cancel({ submission }, { ports, signal }) {
    await ports.batch.cancel([submission], signal);
    return {};
  },

  async declare({ declaration }, { ports, signal }) {
    return (await ports.catalog.declare([declaration], signal)).get(declaration.name) ?? unanswered();
  },

  async locate({ names, location }, { ports, signal }) {
    const name = names[0] ?? '';
    return (await ports.catalog.addLocations([{ name, location }], signal)).get(name) ?? unanswered();
  },

  delete: remove,
  release: remove,

  archive: archiveLogs,
};

async function remove(
  { store, path, expected }: Step<'delete' | 'release'>,
  { ports, signal }: Applying,
): Promise<Partial<StepOutcome>> {
  await found(ports.stores, store, 'store').remove(path, expected, signal);
  return {};
}

function unanswered(): StepOutcome {
  return { ok: false, code: 'unavailable', message: 'the catalog’s answer does not name this file' };
}

async function move(
  step: Step<'transfer' | 'copy'>,
  { ports, context, signal }: Applying,
): Promise<Partial<StepOutcome>> {
  const name = nameOf(context, step);
  await ports.spool.write(name, [], signal);
  const systemId = await found(ports.movers, step.endpoint, 'mover').submit(
    {
      name,
      mark: MARKER_PATH,
      files: step.moves.map(({ from, name: file, sizeBytes, checksum }, index) => ({
        index,
        from,
        to: attemptPath(name, file),
        sizeBytes,
        checksum,
        log: `${ports.spool.folder(name)}/job-${index}.out`,
      })),
    },
    signal,
  );
  return { systemId };
}
