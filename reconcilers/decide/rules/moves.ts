/** Following files that a mover brings, whichever way they go. */
import type { ErrorClass, Millis } from '../../../machines/model.ts';
import type { MoveSeen } from '../../ports/mover.ts';
import type { StoredFile } from '../../ports/store.ts';
import type { PassContext } from '../context.ts';
import type { Draft } from '../draft.ts';
import type { Failure } from '../failures.ts';
import type { AttemptEnd } from '../rows.ts';
import { look, type Observed, type Questions, type World } from '../seen.ts';
import { intentIsDead, isLost, type LiveWork, noteAbsence, noteSeen } from './phase-rules.ts';

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
  const transfer = look(seen.transfers.get(submission?.endpoint ?? ''), submission?.name ?? '', actedMs);
  if (transfer.is !== 'present') return transfer;
  const file = transfer.value.files.get(attempt.jobIndex ?? 0);
  return file ? { is: 'present', value: file } : { is: 'unknown', why: 'the answer does not name this file' };
}

/** Ask about the transfers of a page. */
export function askTransfers(submissions: Iterable<LiveWork['submission']>): Questions {
  const asked = [...submissions].flatMap((row) =>
    row?.endpoint == null ? [] : [{ endpoint: row.endpoint, name: row.name }],
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
function targetOf({ submission }: LiveWork): string {
  return submission?.endpoint?.split('>')[1] ?? '';
}

/** Say what has become of a live attempt to move a file, moving its job along. */
export function followMove(
  context: PassContext,
  work: LiveWork,
  actedMs: Millis,
  seen: World,
  draft: Draft,
): Followed {
  const { attempt, submission } = work;
  const traits = context.traits.movers.get(submission?.endpoint ?? '');
  if (submission === undefined || traits === undefined) {
    return { is: 'under way', how: `the site has no mover ${submission?.endpoint} any more` };
  }
  const transfer = look(seen.transfers.get(submission.endpoint ?? ''), submission.name, actedMs);
  if (transfer.is === 'unknown') return { is: 'under way', how: transfer.why };
  if (transfer.is === 'absent' && submission.state === 'intended') {
    const dead = intentIsDead(submission, traits, context.now);
    const reason = 'the transfer was never begun';
    return dead
      ? { is: 'never begun', end: { state: 'lost', class: 'transient', reason } }
      : { is: 'under way', how: 'not found yet' };
  }
  const job = draft.job(submission.id, attempt.jobIndex ?? 0);
  if (transfer.is === 'absent') {
    if (!isLost(submission, traits, context.now)) {
      noteAbsence(draft, submission, context.now);
      return { is: 'under way', how: 'the mover does not know it at the moment' };
    }
    const reason = `the mover no longer knows ${submission.name}`;
    if (job) draft.findJob(job, { type: 'job.vanished' }, reason, {});
    return failed('lost', 'site', reason);
  }

  noteSeen(draft, submission.id, transfer.value.systemId, context.now);
  const file = transfer.value.files.get(attempt.jobIndex ?? 0);
  if (file === undefined) return { is: 'under way', how: 'the answer does not name this file' };
  if (file.state === 'failed') {
    if (job) draft.findJob(job, { type: 'job.failed' }, file.reason, {});
    return failed('failed', CLASS_OF_CAUSE[file.cause], `transfer failed: ${file.reason}`);
  }
  if (file.state !== 'moved') {
    if (job && file.state === 'running') {
      draft.findJob(job, { type: 'job.started' }, 'the copy has begun', {});
    }
    return { is: 'under way', how: file.state };
  }

  const store = targetOf(work);
  const copy = look(seen.stats.get(store), attempt.path ?? '', actedMs);
  if (copy.is === 'unknown') return { is: 'under way', how: `${store} has not answered: ${copy.why}` };
  if (copy.is === 'absent') {
    const reason = `the mover says the copy is complete, but ${store} does not have it`;
    if (job) draft.findJob(job, { type: 'job.failed' }, reason, {});
    return failed('failed', 'transient', reason);
  }
  if (job) draft.findJob(job, { type: 'job.succeeded' }, 'the copy is complete', {});
  return { is: 'arrived', copy: copy.value };
}

function failed(state: 'failed' | 'lost', cls: ErrorClass, reason: string): Followed {
  return { is: 'failed', failure: { class: cls, reason }, end: { state, class: cls, reason } };
}
