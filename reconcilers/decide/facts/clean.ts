/** What it means for files that a person cleans them: pure. */
import type { Millis, Phase } from '../../../machines/model.ts';
import { type Finding, onInput, onOutput, patchOutput } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow, OutputRow, Page } from '../../model/rows.ts';
import { NO_TROUBLE } from '../judge/failures.ts';
import { forgetSilence } from './answers.ts';
import { forgetBytes } from './forget-bytes.ts';
import { acceptedOutputs } from './process-view.ts';

/** A person's order to clean. */
export interface CleanOrder {
  readonly phase: Phase;
  /** Who does it, for the history. */
  readonly by: string;
  readonly now: Millis;
}

/** How an attempt ends that a person has cleaned. */
export const CLEANED = { state: 'superseded', reason: 'cleaned by a person' } as const;

/** What cleaning comes to. */
export interface CleanedInputs {
  readonly findings: readonly Finding[];
  /** How many files had anything to clean. */
  readonly files: number;
  /** The names of the submissions whose attempts are ended by it. */
  readonly ended: readonly string[];
}

/** Whether a file has anything to clean in a phase. */
export function isCleanable(input: InputRow, phase: Phase): boolean {
  if (input.state === 'error') return input.phase === phase;
  return phase === 'process' ? input.state === 'running' : false;
}

/**
 * Inputs are back before the phase that failed, with nothing held against them, and their live
 * attempts are over; but where outputs are accepted the attempt has gone well and goes on.
 */
export function cleanedInputs(page: Page, order: CleanOrder): CleanedInputs {
  const work = liveWork(page);
  const cleanable = page.inputs
    .filter((input) => isCleanable(input, order.phase))
    .map((input) => {
      const live = work.get(input.id);
      return { input, live, accepted: live ? acceptedOutputs(page.outputs, live) : [] };
    });
  const naming = cleanable.filter(({ accepted }) => accepted.length > 0);
  const ending = cleanable.filter(({ accepted }) => accepted.length === 0);
  return {
    files: cleanable.length,
    findings: [
      ...naming.flatMap(({ accepted }) => accepted.map((output) => nameAgain(output, order))),
      ...ending.flatMap(({ input, live }) => startedAgain(input, live, order)),
    ],
    ended: [...new Set(ending.flatMap(({ live }) => (live ? [live.submission.name] : [])))],
  };
}

/** An accepted output gets its final name at the next pass: nothing is undone. */
function nameAgain({ id }: OutputRow, { now }: CleanOrder): Finding {
  return patchOutput(id, { ...NO_TROUBLE, phase: null, actedMs: now });
}

function startedAgain(
  input: InputRow,
  live: LiveWork | undefined,
  { phase, by, now }: CleanOrder,
): readonly Finding[] {
  const noCopy = phase === 'process' ? {} : { copyPath: null };
  return [
    ...(live ? forgetSilence(live) : []),
    ...(phase === 'verify' ? forgetBytes(input) : []),
    onInput(input.id, {
      fact: { type: 'operator.cleaned' },
      because: `cleaned by ${by}`,
      patch: { ...NO_TROUBLE, actedMs: now, ...noCopy },
      ...(live && { end: { phase: live.attempt.phase, revision: live.attempt.revision, how: CLEANED } }),
    }),
  ];
}

/** The trouble of outputs is forgotten. @param retracted  names of those whose declaration the catalog took back */
export function cleanedOutputs(
  { outputs }: Page,
  retracted: ReadonlySet<string>,
  { by, now }: CleanOrder,
): readonly Finding[] {
  return outputs.map(({ id, name }) =>
    onOutput(id, {
      fact: retracted.has(name) ? { type: 'output.retracted' } : null,
      because: `cleaned by ${by}`,
      patch: { ...NO_TROUBLE, phase: null, actedMs: now },
    }),
  );
}
