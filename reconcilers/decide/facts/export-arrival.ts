/** What arrives at the far end: it counts when it is proved there; where it is not, the copy here is looked at too. */

import type { PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { AttemptEnd, OutputRow, Page } from '../../model/rows.ts';
import { look, type Questions, type World } from '../../model/world.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { Draft } from '../change/draft.ts';
import { isBad, proofFor, proofText, prove } from '../judge/proof.ts';
import { NO_FAR_COPY } from './export-look.ts';
import { loseOutput } from './lose-output.ts';
import { followMove, moveSeen, targetOf } from './moves.ts';

/** Move an output by what has become of the attempt that sends it. */
export function findArrival(
  context: PassContext,
  output: OutputRow,
  work: LiveWork,
  seen: World,
  draft: Draft,
): void {
  const { followed, findings } = followMove(context, work, output.actedMs, seen);
  draft.add(findings);
  switch (followed.is) {
    case 'under way':
      return;
    case 'never begun':
      draft.findOutput(output.id, {
        fact: null,
        because: 'never begun',
        end: { phase: 'export', how: followed.end },
      });
      return;
    case 'failed':
      notArrived(output, followed.failure, followed.end, seen, draft);
      return;
    case 'arrived':
      checkArrival(context, output, work, followed.copy, seen, draft);
      return;
  }
}

/** The far end is read back: its own size and checksum, not the mover's word. */
function checkArrival(
  context: PassContext,
  output: OutputRow,
  work: LiveWork,
  copy: StoredFile,
  seen: World,
  draft: Draft,
): void {
  const to = targetOf(work);
  const proof = prove({ is: 'present', value: copy }, output, proofFor(context, to));
  if (proof.is === 'proved') {
    draft.touchOutput(output.id, { farPath: work.attempt.path });
    return;
  }
  const reason = `the far copy ${proofText(proof)}`;
  if (proof.is === 'differs') {
    const end = { state: 'failed', class: 'transient', reason } as const;
    notArrived(output, { class: 'transient', reason }, end, seen, draft);
    return;
  }
  const because = `${reason}; say \`deleteProof: size\` of store ${to} if its size is proof enough, then \`rereco clean ${output.name}\``;
  draft.findOutput(output.id, { fact: null, because, failure: { class: 'data', reason: because } });
}

/** Where the copy here is what was wrong, sending it again would bring no better one. */
function notArrived(output: OutputRow, failure: Failure, end: AttemptEnd, seen: World, draft: Draft): void {
  const here = prove(look(seen.stats.get(output.store), output.path, output.actedMs), output, 'checksum');
  if (isBad(here)) {
    const type = here.is === 'gone' ? 'output.absent' : 'output.corrupt';
    const reason = `output ${output.store}:${output.path} ${proofText(here)}`;
    loseOutput(output, { fact: { type }, reason }, end, draft);
    return;
  }
  draft.findOutput(output.id, {
    fact: null,
    because: failure.reason,
    failure,
    patch: NO_FAR_COPY,
    end: { phase: 'export', how: end },
  });
}

/** The questions about the copies here of outputs that did not arrive as they should. */
export function sourcesInDoubt(page: Page, seen: World): NonNullable<Questions['stats']> {
  const outputs = new Map(page.outputs.map((output) => [output.id, output]));
  return [...liveWork(page).values()].flatMap((work) => {
    const output = outputs.get(work.attempt.fileId);
    const move = moveSeen(work, seen, 0);
    if (output === undefined || move.is !== 'present') return [];
    const { store, path } = output;
    const question = [{ store, path, depth: 'checksum' as const }];
    if (move.value.state === 'failed') {
      return move.value.cause === 'corrupt' || move.value.cause === 'absent' ? question : [];
    }
    const to = targetOf(work);
    const far = prove(look(seen.stats.get(to), work.attempt.path ?? '', 0), output, 'size');
    return far.is === 'differs' ? question : [];
  });
}
