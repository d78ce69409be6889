/** What follows from how a step went. */

import type { ErrorClass, FileId } from '../../../machines/model.ts';
import { NOT_RELEASED } from '../../../machines/problems.ts';
import type { PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import { type Finding, onInput, onOutput, onProblem, patchInput } from '../../model/findings.ts';
import { groupBy } from '../../model/group-by.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { OutputRow, Page } from '../../model/rows.ts';
import { STEP_KINDS, type Step, type StepKind } from '../../model/steps.ts';
import type { DriverErrorCode } from '../../ports/errors.ts';
import type { Outcome } from '../../ports/seen.ts';
import { changeOf, type Standing } from '../change/change-of.ts';
import { optionsOf } from '../change/phase-rules.ts';
import { finished } from '../facts/process-judge.ts';
import { passed } from '../facts/verify-check.ts';
import { afterNo } from '../stops/gates.ts';
import { catalogGate, takesNoEntry } from './catalog-gate.ts';
import { archivePath } from './intents.ts';

/** How a step went; some steps have more to say. */
export type StepOutcome = Outcome & {
  /** transfer, copy, submit: the system's own id. */
  readonly systemId?: string;
  /** archive: what was stored. */
  readonly stored?: {
    readonly sizeBytes: number;
    readonly checksum: string | null;
    readonly entries: ReadonlyMap<string, readonly string[]>;
  };
};

type Failed = Extract<Outcome, { readonly ok: false }>;

/** A step that was taken, and how it went. */
export interface TakenStep<K extends StepKind = StepKind> {
  readonly step: Step<K>;
  readonly outcome: StepOutcome;
}

/** What is now known because steps of a page were taken. @param page  its rows as they are now */
export function conclude(context: PassContext, page: Page, taken: readonly TakenStep[]): readonly Finding[] {
  const { standing } = changeOf(page, [], optionsOf(context, 'process'));
  const outputs = groupBy(page.outputs, (row) => row.inputId);
  const about = { context, standing, outputs, work: liveWork(page) };
  const entries = taken.filter(({ step }) => step.kind === 'declare' || step.kind === 'locate');
  return [
    ...STEP_KINDS.flatMap((kind) => {
      const its = taken.filter(({ step }) => step.kind === kind);
      const conclusion = CONCLUSIONS[kind] as Conclusion<StepKind>;
      return its.length === 0 ? [] : conclusion(about, its);
    }),
    ...catalogGate(
      context,
      entries.map(({ outcome }) => outcome),
    ),
  ];
}

interface About {
  readonly context: PassContext;
  readonly standing: Standing;
  /** The page's outputs by input. */
  readonly outputs: ReadonlyMap<FileId, readonly OutputRow[]>;
  /** The page's live attempts by file. */
  readonly work: ReadonlyMap<number, LiveWork>;
}

type Conclusion<K extends StepKind> = (about: About, taken: readonly TakenStep<K>[]) => readonly Finding[];

/** A conclusion about each step by itself. */
function each<K extends StepKind>(
  one: (about: About, step: Step<K>, outcome: StepOutcome) => readonly Finding[],
): Conclusion<K> {
  return (about, taken) => taken.flatMap(({ step, outcome }) => one(about, step, outcome));
}

const CONCLUSIONS: { readonly [K in StepKind]: Conclusion<K> } = {
  transfer: each((about, step, outcome) =>
    concludeSubmission(
      about,
      step,
      outcome,
      step.moves.map(({ fileId }) => ({ fileId, revision: '' })),
    ),
  ),
  copy: each((about, step, outcome) =>
    concludeSubmission(
      about,
      step,
      outcome,
      step.moves.map(({ fileId }) => ({ fileId, revision: about.standing.output(fileId).revision })),
    ),
  ),
  submit: each((about, step, outcome) => {
    const { dataset, traits } = about.context;
    const files = step.jobs.flat().map(({ id: fileId }) => ({ fileId, revision: dataset.loaded.revision }));
    const found = concludeSubmission(about, step, outcome, files);
    if (!outcome.ok) return found;
    const because = `${traits.batch.driver} took it as ${outcome.systemId}`;
    return [
      ...found,
      ...files.map(({ fileId }) => onInput(fileId, { fact: { type: 'job.accepted' }, because })),
    ];
  }),
  promote: concludePromotions,
  quarantine: each(({ context }, { fileId }, outcome) =>
    outcome.ok && fileId !== null ? [patchInput(fileId, { copyPath: null, actedMs: context.now })] : [],
  ),
  cancel: () => [],
  declare: each(({ context }, step, outcome) =>
    concludeEntry(context, step.fileId, outcome, { type: 'output.declared' }, 'the catalog took it'),
  ),
  locate: each(({ context }, step, outcome) =>
    concludeEntry(context, step.fileId, outcome, { type: 'output.located' }, `at ${step.location}`),
  ),
  delete: each(({ context }, step, outcome) =>
    concludeOutput(context, step.fileId, outcome, { type: 'output.deleted' }, step.because),
  ),
  release: each(({ context }, { fileId }, outcome) =>
    outcome.ok
      ? [patchInput(fileId, { copyPath: null, actedMs: context.now }), onProblem(NOT_RELEASED, fileId, null)]
      : [onProblem(NOT_RELEASED, fileId, { class: CLASS_OF_CODE[outcome.code], message: outcome.message })],
  ),
  archive: each(({ context }, step, outcome) => {
    if (!outcome.ok || outcome.stored === undefined) return [];
    const { entries, ...stored } = outcome.stored;
    const named = step.submissions.map(({ id, name }) => [id, entries.get(name) ?? []] as const);
    const archive = {
      id: step.number ?? 0,
      store: step.store,
      path: archivePath(context, step),
      submissions: step.submissions.map(({ id }) => id),
      stored: { ...stored, entries: new Map(named) },
    };
    return [{ on: 'archive', ...archive }];
  }),
};

/** A call that was answered no has created nothing: the attempt is over and burns no retry where the system was full. */
function concludeSubmission(
  { context, standing }: About,
  { number, phase }: Step<'transfer' | 'copy' | 'submit'>,
  outcome: StepOutcome,
  files: readonly { readonly fileId: FileId; readonly revision: string }[],
): readonly Finding[] {
  const { now, totals, dataset } = context;
  const id = number ?? 0;
  if (outcome.ok) {
    const open = { on: 'gate', phase, gate: null } as const;
    if (standing.submission(id).state !== 'intended') return [open];
    const patch = { state: 'accepted', systemId: outcome.systemId ?? null, acceptedMs: now } as const;
    return [{ on: 'submission', id, patch }, open];
  }
  // No clear answer: it may exist. The next pass looks for it by its name.
  if (outcome.code === 'unavailable' || outcome.code === 'conflict') return [];

  const refused = outcome.code === 'refused';
  const reason = `${refused ? 'refused' : 'not accepted'}: ${outcome.message}`;
  const end = { state: 'refused', class: refused ? 'outage' : 'unknown', reason } as const;
  const kind = refused ? 'refused' : 'rejected';
  const said = { kind, message: reason, generation: dataset.generation } as const;
  return [
    ...files.map(({ fileId, revision }) => ({ on: 'attemptEnd', fileId, revision, phase, end }) as const),
    { on: 'gate', phase, gate: afterNo(totals.gates[phase], said, now) },
  ];
}

function concludePromotions(about: About, taken: readonly TakenStep<'promote'>[]): readonly Finding[] {
  return [
    ...taken.flatMap(({ step, outcome }) => PROMOTED[step.of](about, step, outcome)),
    ...finishedInputs(about, taken),
  ];
}

type Promotion = (about: About, step: Step<'promote'>, outcome: StepOutcome) => readonly Finding[];

const PROMOTED: Readonly<Record<Step<'promote'>['of'], Promotion>> = {
  'raw copy': ({ context, standing, work }, step, outcome) => {
    if (!outcome.ok) return [rawNotPromoted(context, step, outcome)];
    const finding = passed(standing.input(step.fileId));
    const live = work.get(step.fileId);
    const end = live && {
      end: { phase: 'transfer', revision: live.attempt.revision, how: { state: 'accepted' } } as const,
    };
    const patch = { ...finding.patch, copyPath: step.to, actedMs: context.now };
    return [onInput(step.fileId, { ...finding, patch, ...end })];
  },

  output: ({ context, outputs, work }, step, outcome) => {
    const output = (outputs.get(step.fileId) ?? []).find(
      ({ state, key }) => state === 'accepted' && key === step.outputKey,
    );
    if (!work.has(step.fileId) || output === undefined) return [];
    if (!outcome.ok) {
      const failure = notPromoted(step, outcome);
      return [onOutput(output.id, { fact: null, because: failure.reason, failure })];
    }
    const fact = { type: 'output.promoted' } as const;
    const because = `at ${step.store}:${step.to}`;
    return [onOutput(output.id, { fact, because, patch: { actedMs: context.now } })];
  },

  'far copy': ({ context, work }, step, outcome) => {
    if (!outcome.ok) return [failedOutput(step.fileId, outcome)];
    const patch = { farPath: step.to, farStore: step.store, actedMs: context.now };
    const end = work.has(step.fileId) && { end: { phase: 'export', how: { state: 'accepted' } } as const };
    const because = `at ${step.store}:${step.to}, read back`;
    return [onOutput(step.fileId, { fact: { type: 'output.copied' }, because, patch, ...end })];
  },
};

/** The inputs all of whose outputs have their final names now. */
function finishedInputs(
  { context, outputs, work }: About,
  taken: readonly TakenStep<'promote'>[],
): readonly Finding[] {
  const done = new Map<FileId, Set<string>>();
  for (const { step, outcome } of taken) {
    if (step.of !== 'output' || !outcome.ok || step.outputKey === null) continue;
    done.set(step.fileId, (done.get(step.fileId) ?? new Set()).add(step.outputKey));
  }
  return [...done].flatMap(([id, keys]): readonly Finding[] => {
    const live = work.get(id);
    const open = (outputs.get(id) ?? []).filter((row) => row.state === 'accepted' && !keys.has(row.key));
    if (live === undefined || open.length > 0) return [];
    return [onInput(id, finished(live)), patchInput(id, { actedMs: context.now })];
  });
}

/**
 * Why a file did not get its final name. What lies there is never overwritten: it is tried
 * again after longer and longer waits, and then a person must put it away.
 */
function notPromoted(step: Step<'promote'>, outcome: Failed): Failure {
  if (outcome.code !== 'conflict') {
    return { class: CLASS_OF_CODE[outcome.code], reason: outcome.message };
  }
  const reason = `${step.store}:${step.to} is taken: ${outcome.message}; put away what lies there, then \`rereco clean\``;
  return { class: 'unknown', reason };
}

/** The arrival is left under its attempt's name: the copy is good, only its place is not free. */
function rawNotPromoted({ now }: PassContext, step: Step<'promote'>, outcome: Failed): Finding {
  const failure = notPromoted(step, outcome);
  return onInput(step.fileId, {
    fact: { type: 'check.failed', fault: 'catalog' },
    because: failure.reason,
    failure,
    patch: { actedMs: now },
  });
}

/** An entry that was not taken since none is: its output is where it was, and nothing is held against it. */
function concludeEntry(...[context, id, outcome, fact, because]: Parameters<typeof concludeOutput>) {
  if (!outcome.ok && takesNoEntry(outcome)) return [];
  return concludeOutput(context, id, outcome, fact, because);
}

function concludeOutput(
  { now }: PassContext,
  id: FileId,
  outcome: StepOutcome,
  fact: { readonly type: 'output.declared' | 'output.located' | 'output.deleted' },
  because: string,
): readonly Finding[] {
  return [outcome.ok ? onOutput(id, { fact, because, patch: { actedMs: now } }) : failedOutput(id, outcome)];
}

const CLASS_OF_CODE: Readonly<Record<DriverErrorCode, ErrorClass>> = {
  unavailable: 'outage',
  forbidden: 'outage',
  rejected: 'data',
  refused: 'outage',
  conflict: 'data',
  absent: 'data',
};

function failedOutput(id: FileId, outcome: Failed): Finding {
  const failure: Failure = { class: CLASS_OF_CODE[outcome.code], reason: outcome.message };
  return onOutput(id, { fact: null, because: outcome.message, failure });
}
