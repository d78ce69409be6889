/** What arrives at the far end: it counts when it is proved there; where it is not, the copy here is looked at too. */

import type { PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import { type Finding, onOutput, patchOutput } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { AttemptEnd, InputRow, OutputRow, Page } from '../../model/rows.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import { isBad, type Proof, proofFor, proofText, prove } from '../judge/proof.ts';
import { NO_FAR_COPY } from './export-look.ts';
import { type LostOutput, loseOutputs, lossBy } from './lose-output.ts';
import { type Followed, moveSeen, targetOf } from './moves.ts';

/** An output with a live attempt to send it, and what has become of that. */
export interface ArrivalView {
  readonly context: PassContext;
  readonly input: InputRow;
  readonly output: OutputRow;
  readonly live: LiveWork;
  readonly followed: Followed;
  readonly seen: World;
}

/** Move outputs by what has become of the attempts that send them. */
export function arrivalFindings(views: readonly ArrivalView[]): readonly Finding[] {
  return [
    ...views.flatMap((view) => (lossOnTheWay(view) === undefined ? BECOME[view.followed.is](view) : [])),
    ...loseOutputs(views.flatMap((view) => lossOnTheWay(view) ?? [])),
  ];
}

/** What each end of the way means, where the copy here is not what was wrong. */
const BECOME: Readonly<Record<Followed['is'], (view: ArrivalView) => readonly Finding[]>> = {
  'under way': () => [],
  'never begun': neverBegun,
  failed: notArrived,
  arrived: (view) => [...farCopyProved(view), ...notArrived(view), ...farCopyUnprovable(view)],
};

function neverBegun({ output, followed }: ArrivalView): readonly Finding[] {
  if (followed.is !== 'never begun') return [];
  const end = { phase: 'export', how: followed.end } as const;
  return [onOutput(output.id, { fact: null, because: 'never begun', end })];
}

/** The far end is read back: its own size and checksum, not the mover's word. */
function farCopyProved(view: ArrivalView): readonly Finding[] {
  const { output, live } = view;
  return proofOfArrival(view)?.is === 'proved'
    ? [patchOutput(output.id, { farPath: live.attempt.path })]
    : [];
}

/** Whether what has arrived is the output cannot be said: its attempt stays until a person says how. */
function farCopyUnprovable(view: ArrivalView): readonly Finding[] {
  const { output, live } = view;
  const proof = proofOfArrival(view);
  if (proof === undefined || proof.is === 'proved' || proof.is === 'differs') return [];
  const because = `the far copy ${proofText(proof)}; say \`deleteProof: size\` of store ${targetOf(live)} if its size is proof enough, then \`rereco clean ${output.name}\``;
  return [onOutput(output.id, { fact: null, because, failure: { class: 'data', reason: because } })];
}

/** What did not arrive as it should is sent again. */
function notArrived(view: ArrivalView): readonly Finding[] {
  const failed = failureOnTheWay(view);
  if (failed === undefined) return [];
  const { failure, end } = failed;
  return [
    onOutput(view.output.id, {
      fact: null,
      because: failure.reason,
      failure,
      patch: NO_FAR_COPY,
      end: { phase: 'export', how: end },
    }),
  ];
}

/** Where the copy here is what was wrong, sending it again would bring no better one. */
function lossOnTheWay(view: ArrivalView): LostOutput | undefined {
  const { output, input, seen } = view;
  const failed = failureOnTheWay(view);
  if (failed === undefined) return undefined;
  const here = prove(look(seen.stats.get(output.store), output.path, output.actedMs), output, 'checksum');
  return isBad(here) ? { output, input, ...lossBy(output, here), end: failed.end } : undefined;
}

interface FailureOnTheWay {
  readonly failure: Failure;
  readonly end: AttemptEnd;
}

/** Why an attempt has failed: the mover says so, or what has arrived is not the output. */
function failureOnTheWay(view: ArrivalView): FailureOnTheWay | undefined {
  if (view.followed.is === 'failed') return view.followed;
  const proof = proofOfArrival(view);
  if (proof?.is !== 'differs') return undefined;
  const failure = { class: 'transient', reason: `the far copy ${proofText(proof)}` } as const;
  return { failure, end: { state: 'failed', ...failure } };
}

/** What proves that the output has arrived; undefined while it has not. */
function proofOfArrival({ context, output, live, followed }: ArrivalView): Proof | undefined {
  if (followed.is !== 'arrived') return undefined;
  return prove({ is: 'present', value: followed.copy }, output, proofFor(context, targetOf(live)));
}

/** The questions about the copies here of outputs that did not arrive as they should. */
export function sourcesInDoubt(page: Page, seen: World): NonNullable<Questions['stats']> {
  const outputs = new Map(page.outputs.map((output) => [output.id, output]));
  return [...liveWork(page).values()].flatMap((work) => {
    const output = outputs.get(work.attempt.fileId);
    if (output === undefined || !isInDoubt(work, output, seen)) return [];
    const { store, path } = output;
    return [{ store, path, depth: 'checksum' as const }];
  });
}

/** Whether the mover blames the copy here, or what it has brought is of another size. */
function isInDoubt(work: LiveWork, output: OutputRow, seen: World): boolean {
  const move = moveSeen(work, seen, 0);
  if (move.is !== 'present') return false;
  if (move.value.state === 'failed') return move.value.cause === 'corrupt' || move.value.cause === 'absent';
  const { path } = work.attempt;
  if (path === null) return false;
  return prove(look(seen.stats.get(targetOf(work)), path, 0), output, 'size').is === 'differs';
}
