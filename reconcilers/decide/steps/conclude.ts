/** What follows from how a step went. */

import type { ErrorClass } from '../../../machines/model.ts';
import { NOT_RELEASED } from '../../../machines/problems.ts';
import type { PassContext } from '../../model/context.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { Step, StepKind } from '../../model/steps.ts';
import type { DriverErrorCode } from '../../ports/errors.ts';
import type { Outcome } from '../../ports/seen.ts';
import type { Draft } from '../draft/draft.ts';
import { finish } from '../facts/process-judge.ts';
import { passed } from '../facts/verify-check.ts';
import type { Failure } from '../judge/failures.ts';
import { afterNo } from '../stops/gates.ts';
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

/** Put into the writing what is now known because a step was taken. @param work the page's live attempts by file */
export function conclude(
  context: PassContext,
  work: ReadonlyMap<number, LiveWork>,
  { step, outcome }: { readonly step: Step; readonly outcome: StepOutcome },
  draft: Draft,
): void {
  const conclusion = CONCLUSIONS[step.kind] as Conclusion<StepKind>;
  conclusion({ context, work, step, outcome, draft });
}

interface Case<K extends StepKind> {
  readonly context: PassContext;
  readonly work: ReadonlyMap<number, LiveWork>;
  readonly step: Step<K>;
  readonly outcome: StepOutcome;
  readonly draft: Draft;
}

type Conclusion<K extends StepKind> = (taken: Case<K>) => void;

const CONCLUSIONS: { readonly [K in StepKind]: Conclusion<K> } = {
  transfer: (taken) =>
    concludeSubmission(
      taken,
      taken.step.moves.map((move) => move.fileId),
      '',
    ),
  copy: (taken) => {
    for (const { fileId } of taken.step.moves) {
      concludeSubmission(taken, [fileId], taken.draft.output(fileId).revision);
    }
  },
  submit: (taken) => {
    const { context, step, outcome, draft } = taken;
    const files = step.jobs.flat().map((input) => input.id);
    concludeSubmission(taken, files, context.dataset.loaded.revision);
    if (!outcome.ok) return;
    for (const id of files) {
      draft.find(id, {
        fact: { type: 'job.accepted' },
        because: `${context.traits.batch.driver} took it as ${outcome.systemId}`,
      });
    }
  },
  promote: (taken) => PROMOTED[taken.step.of](taken),
  quarantine: ({ step, outcome, draft }) => {
    if (outcome.ok && step.fileId !== null) draft.touch(step.fileId, { copyPath: null, actedMs: draft.now });
  },
  cancel: () => {},
  declare: ({ step, outcome, draft }) =>
    concludeOutput(step.fileId, outcome, { type: 'output.declared' }, 'the catalog took it', draft),
  locate: ({ step, outcome, draft }) =>
    concludeOutput(step.fileId, outcome, { type: 'output.located' }, `at ${step.location}`, draft),
  delete: ({ step, outcome, draft }) =>
    concludeOutput(step.fileId, outcome, { type: 'output.deleted' }, step.because, draft),
  release: ({ step, outcome, draft }) => {
    if (outcome.ok) draft.touch(step.fileId, { copyPath: null, actedMs: draft.now });
    const problem = outcome.ok ? null : { class: CLASS_OF_CODE[outcome.code], message: outcome.message };
    draft.problem(NOT_RELEASED, step.fileId, problem);
  },
  archive: ({ context, step, outcome, draft }) => {
    if (!outcome.ok || outcome.stored === undefined) return;
    const { entries, ...stored } = outcome.stored;
    draft.archive({
      id: step.number ?? 0,
      store: step.store,
      path: archivePath(context, step),
      submissions: step.submissions.map(({ id }) => id),
      stored: {
        ...stored,
        entries: new Map(step.submissions.map(({ id, name }) => [id, entries.get(name) ?? []])),
      },
    });
  },
};

/** A call that was answered no has created nothing: the attempt is over and burns no retry where the system was full. */
function concludeSubmission(
  { context, step, outcome, draft }: Case<'transfer' | 'copy' | 'submit'>,
  files: readonly number[],
  revision: string,
): void {
  const id = step.number ?? 0;
  if (outcome.ok) {
    if (draft.submission(id).state === 'intended') {
      const systemId = outcome.systemId ?? null;
      draft.touchSubmission(id, { state: 'accepted', systemId, acceptedMs: draft.now });
    }
    draft.gate(step.phase, null);
    return;
  }
  // No clear answer: it may exist. The next pass looks for it by its name.
  if (outcome.code === 'unavailable' || outcome.code === 'conflict') return;

  const refused = outcome.code === 'refused';
  const reason = `${refused ? 'refused' : 'not accepted'}: ${outcome.message}`;
  for (const fileId of files) {
    draft.endAttempt(fileId, revision, step.phase, {
      state: 'refused',
      class: refused ? 'outage' : 'unknown',
      reason,
    });
  }
  const said = {
    kind: refused ? 'refused' : 'rejected',
    message: reason,
    generation: context.dataset.generation,
  } as const;
  draft.gate(step.phase, afterNo(context.totals.gates[step.phase], said, draft.now));
}

const PROMOTED: Readonly<Record<Step<'promote'>['of'], Conclusion<'promote'>>> = {
  'raw copy': ({ work, step, outcome, draft }) => {
    if (!outcome.ok) return rawNotPromoted(step, outcome, draft);
    const finding = passed(draft.input(step.fileId));
    const live = work.get(step.fileId);
    draft.find(step.fileId, {
      ...finding,
      patch: { ...finding.patch, copyPath: step.to, actedMs: draft.now },
      ...(live && {
        end: { phase: 'transfer', revision: live.attempt.revision, how: { state: 'accepted' } },
      }),
    });
  },

  output: ({ work, step, outcome, draft }) => {
    const live = work.get(step.fileId);
    const output = draft.outputOf(step.fileId, step.outputKey ?? '');
    if (live === undefined || output === undefined) return;
    if (!outcome.ok) {
      const failure = notPromoted(step, outcome);
      draft.findOutput(output.id, { fact: null, because: failure.reason, failure });
      return;
    }
    draft.findOutput(output.id, {
      fact: { type: 'output.promoted' },
      because: `at ${step.store}:${step.to}`,
      patch: { actedMs: draft.now },
    });
    if (!draft.hasUnpromoted(step.fileId)) finishInput(draft, step.fileId, live);
  },

  'far copy': ({ work, step, outcome, draft }) => {
    if (!outcome.ok) return failOutput(step.fileId, outcome, draft);
    draft.findOutput(step.fileId, {
      fact: { type: 'output.copied' },
      because: `at ${step.store}:${step.to}, read back`,
      patch: { farPath: step.to, farStore: step.store, actedMs: draft.now },
      ...(work.has(step.fileId) && { end: { phase: 'export', how: { state: 'accepted' } } }),
    });
  },
};

function finishInput(draft: Draft, id: number, work: LiveWork): void {
  finish(draft, draft.input(id), work);
  draft.touch(id, { actedMs: draft.now });
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
function rawNotPromoted(step: Step<'promote'>, outcome: Failed, draft: Draft): void {
  const failure = notPromoted(step, outcome);
  draft.find(step.fileId, {
    fact: { type: 'check.failed', fault: 'catalog' },
    because: failure.reason,
    failure,
    patch: { actedMs: draft.now },
  });
}

function concludeOutput(
  id: number,
  outcome: StepOutcome,
  fact: { readonly type: 'output.declared' | 'output.located' | 'output.deleted' },
  because: string,
  draft: Draft,
): void {
  if (!outcome.ok) {
    failOutput(id, outcome, draft);
    return;
  }
  draft.findOutput(id, { fact, because, patch: { actedMs: draft.now } });
}

const CLASS_OF_CODE: Readonly<Record<DriverErrorCode, ErrorClass>> = {
  unavailable: 'outage',
  forbidden: 'outage',
  rejected: 'data',
  refused: 'outage',
  conflict: 'data',
  absent: 'data',
};

function failOutput(id: number, outcome: Failed, draft: Draft): void {
  const failure: Failure = { class: CLASS_OF_CODE[outcome.code], reason: outcome.message };
  draft.findOutput(id, { fact: null, because: outcome.message, failure });
}
