/** Following files that a mover brings, whichever way they go. */

import type { ErrorClass, Millis } from '../../../machines/model.ts';
import type { DriverTraits, PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { AttemptEnd } from '../../model/rows.ts';
import { look, type Observed, type Questions, type World } from '../../model/world.ts';
import type { MoveSeen } from '../../ports/mover.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { Draft } from '../change/draft.ts';
import {
  intentIsDead,
  isLost,
  lookInside,
  noteAbsence,
  noteAnswer,
  notePresence,
  noteSilence,
  noteSubmission,
} from './answers.ts';

/** What has become of one file of a transfer. */
export type Followed =
  | { readonly is: 'under way'; readonly how: string }
  /** The intent was never carried out: the attempt is over, the file is where it was. */
  | { readonly is: 'never begun'; readonly end: AttemptEnd }
  | { readonly is: 'failed'; readonly failure: Failure; readonly end: AttemptEnd }
  /** The mover says so, and so does the store it was brought to. */
  | { readonly is: 'arrived'; readonly copy: StoredFile };

/** What each cause of a failed move means for trying again. */
const CLASS_OF_CAUSE: Readonly<Record<Extract<MoveSeen, { state: 'failed' }>['cause'], ErrorClass>> = {
  absent: 'data',
  away: 'outage',
  corrupt: 'transient',
  forbidden: 'unknown',
  space: 'outage',
  interrupted: 'transient',
  other: 'unknown',
};

/** The transfer's file within the answer about its submission. */
export function moveSeen(
  { attempt, submission }: LiveWork,
  seen: World,
  actedMs: Millis,
): Observed<MoveSeen> {
  return lookInside(seen.transfers.get(submission.endpoint ?? ''), submission.name, actedMs, (transfer) =>
    transfer.files.get(attempt.jobIndex),
  );
}

/** Ask about the transfers of a page. */
export function askTransfers(submissions: Iterable<LiveWork['submission']>): Questions {
  const asked = [...submissions].flatMap((row) =>
    row.endpoint === null ? [] : [{ endpoint: row.endpoint, name: row.name }],
  );
  return { transfers: asked };
}

/** Ask the target store for the arrivals of moves that are said to be complete. */
export function askArrivals(
  works: Iterable<LiveWork>,
  seen: World,
  depth: 'size' | 'checksum',
): NonNullable<Questions['stats']> {
  return [...works].flatMap((work) => {
    const move = moveSeen(work, seen, 0);
    const path = work.attempt.path;
    if (path === null || move.is !== 'present' || move.value.state !== 'moved') return [];
    return [{ store: targetOf(work), path, depth }];
  });
}

/** The store an endpoint `from>to` leads to. */
export function targetOf({ submission }: LiveWork): string {
  return submission.endpoint?.split('>')[1] ?? '';
}

/** Say what has become of a live attempt to move a file, moving its job along. */
export function followMove(
  context: PassContext,
  work: LiveWork,
  actedMs: Millis,
  seen: World,
  draft: Draft,
): Followed {
  const { submission } = work;
  const traits = context.traits.movers.get(submission.endpoint ?? '');
  if (traits === undefined) {
    return silent(context, work, `the site has no mover ${submission.endpoint} any more`, draft);
  }
  const transfer = look(seen.transfers.get(submission.endpoint ?? ''), submission.name, actedMs);
  if (transfer.is === 'present') draft.add(noteSubmission(work, transfer.value.systemId, context.now));
  const file = moveSeen(work, seen, actedMs);
  if (file.is === 'unknown') return silent(context, work, file.why, draft);
  draft.add(noteAnswer(work));
  if (file.is === 'absent') return absent(context, work, transfer.is, traits, draft);
  draft.add(notePresence(work));
  return followFile(work, file.value, actedMs, seen, draft);
}

function silent(context: PassContext, work: LiveWork, why: string, draft: Draft): Followed {
  draft.add(noteSilence(context, work, why));
  return { is: 'under way', how: why };
}

/** The mover says that there is no such transfer, or no such file in it. */
function absent(
  context: PassContext,
  work: LiveWork,
  transfer: Observed<unknown>['is'],
  traits: DriverTraits,
  draft: Draft,
): Followed {
  const { submission, job } = work;
  if (submission.state === 'intended' && transfer === 'absent') {
    const dead = intentIsDead(submission, traits, context.now);
    const reason = 'the transfer was never begun';
    return dead
      ? { is: 'never begun', end: { state: 'lost', class: 'transient', reason } }
      : { is: 'under way', how: 'not found yet' };
  }
  if (!isLost(work, traits, context.now)) {
    draft.add(noteAbsence(work, context.now));
    return { is: 'under way', how: 'the mover does not know it at the moment' };
  }
  const reason = `the mover no longer knows ${transfer === 'absent' ? submission.name : work.jobName}`;
  draft.findJob(job, { type: 'job.vanished' }, reason, {});
  return failed('lost', 'site', reason);
}

function followFile(work: LiveWork, file: MoveSeen, actedMs: Millis, seen: World, draft: Draft): Followed {
  const { job, attempt } = work;
  if (file.state === 'failed') {
    draft.findJob(job, { type: 'job.failed' }, file.reason, {});
    return failed('failed', CLASS_OF_CAUSE[file.cause], `transfer failed: ${file.reason}`);
  }
  if (file.state !== 'moved') {
    if (file.state === 'running') {
      draft.findJob(job, { type: 'job.started' }, 'the copy has begun', {});
    }
    return { is: 'under way', how: file.state };
  }
  return arrival(work, look(seen.stats.get(targetOf(work)), attempt.path ?? '', actedMs), draft);
}

/** The mover says that the copy is complete: so must the store it was brought to. */
function arrival(work: LiveWork, copy: Observed<StoredFile>, draft: Draft): Followed {
  const { job } = work;
  const store = targetOf(work);
  if (copy.is === 'unknown') return { is: 'under way', how: `${store} has not answered: ${copy.why}` };
  if (copy.is === 'absent') {
    const reason = `the mover says the copy is complete, but ${store} does not have it`;
    draft.findJob(job, { type: 'job.failed' }, reason, {});
    return failed('failed', 'transient', reason);
  }
  draft.findJob(job, { type: 'job.succeeded' }, 'the copy is complete', {});
  return { is: 'arrived', copy: copy.value };
}

function failed(state: 'failed' | 'lost', cls: ErrorClass, reason: string): Followed {
  return { is: 'failed', failure: { class: cls, reason }, end: { state, class: cls, reason } };
}
