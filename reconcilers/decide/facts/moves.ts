/** Following files that a mover brings, whichever way they go. */

import { type ErrorClass, endpointOf, type Millis } from '../../../machines/model.ts';
import type { DriverTraits, PassContext } from '../../model/context.ts';
import type { Failure } from '../../model/failure.ts';
import { type Finding, onJob } from '../../model/findings.ts';
import { InternalError } from '../../model/internal-error.ts';
import type { LiveWork } from '../../model/live-work.ts';
import type { AttemptEnd } from '../../model/rows.ts';
import { look, type Observed, type Questions, type World } from '../../model/world.ts';
import type { MoveSeen } from '../../ports/mover.ts';
import type { StoredFile } from '../../ports/store.ts';
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

/** The endpoint of a submission that moves files. @throws InternalError when it moves none */
function wayOf({ name, endpoint }: LiveWork['submission']): string {
  if (endpoint === null) throw new InternalError(`${name} moves files and has no endpoint`);
  return endpoint;
}

/** The transfer's file within the answer about its submission. */
export function moveSeen(
  { attempt, submission }: LiveWork,
  seen: World,
  actedMs: Millis,
): Observed<MoveSeen> {
  return lookInside(seen.transfers.get(wayOf(submission)), submission.name, actedMs, (transfer) =>
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

/** The store that a transfer brings files to. */
export function targetOf({ submission }: LiveWork): string {
  return endpointOf(wayOf(submission)).to;
}

/** What has become of a file of a transfer, and what that says of its job and its submission. */
export interface Move {
  readonly followed: Followed;
  readonly findings: readonly Finding[];
}

/** Say what has become of a live attempt to move a file. @param actedMs  when the last step on the file was taken */
export function followMove(context: PassContext, work: LiveWork, actedMs: Millis, seen: World): Move {
  const { submission } = work;
  const way = wayOf(submission);
  const traits = context.traits.movers.get(way);
  if (traits === undefined) {
    return silent(context, work, `the site has no mover ${way} any more`);
  }
  const transfer = look(seen.transfers.get(way), submission.name, actedMs);
  const begun = transfer.is === 'present' ? noteSubmission(work, transfer.value.systemId, context.now) : [];
  const file = moveSeen(work, seen, actedMs);
  const { followed, findings } =
    file.is === 'unknown'
      ? silent(context, work, file.why)
      : answered(context, { work, traits, transfer: transfer.is, file, actedMs, seen });
  return { followed, findings: [...begun, ...findings] };
}

function silent(context: PassContext, work: LiveWork, why: string): Move {
  return { followed: { is: 'under way', how: why }, findings: noteSilence(context, work, why) };
}

/** A file of a transfer about which its mover has said something clear. */
interface Answered {
  readonly work: LiveWork;
  readonly traits: DriverTraits;
  /** What was said of the whole transfer. */
  readonly transfer: Observed<unknown>['is'];
  readonly file: Exclude<Observed<MoveSeen>, { readonly is: 'unknown' }>;
  readonly actedMs: Millis;
  readonly seen: World;
}

function answered({ now }: PassContext, about: Answered): Move {
  const { work, file, actedMs, seen } = about;
  const { followed, findings } =
    file.is === 'absent' ? absent(now, about) : followFile(work, file.value, actedMs, seen);
  const present = file.is === 'present' ? notePresence(work) : [];
  return { followed, findings: [...noteAnswer(work), ...present, ...findings] };
}

/** The mover says that there is no such transfer, or no such file in it. */
function absent(now: Millis, { work, traits, transfer }: Answered): Move {
  const { submission, job } = work;
  if (submission.state === 'intended' && transfer === 'absent') return neverBegun(now, work, traits);
  if (!isLost(work, traits, now)) {
    const how = 'the mover does not know it at the moment';
    return { followed: { is: 'under way', how }, findings: noteAbsence(work, now) };
  }
  const reason = `the mover no longer knows ${transfer === 'absent' ? submission.name : work.jobName}`;
  return {
    followed: failed('lost', 'site', reason),
    findings: [onJob(job, { type: 'job.vanished' }, reason)],
  };
}

function neverBegun(now: Millis, { submission }: LiveWork, traits: DriverTraits): Move {
  if (!intentIsDead(submission, traits, now)) return underWay('not found yet');
  const end = { state: 'lost', class: 'transient', reason: 'the transfer was never begun' } as const;
  return { followed: { is: 'never begun', end }, findings: [] };
}

function underWay(how: string): Move {
  return { followed: { is: 'under way', how }, findings: [] };
}

function followFile(work: LiveWork, file: MoveSeen, actedMs: Millis, seen: World): Move {
  const { job, attempt } = work;
  if (file.state === 'failed') {
    return {
      followed: failed('failed', CLASS_OF_CAUSE[file.cause], `transfer failed: ${file.reason}`),
      findings: [onJob(job, { type: 'job.failed' }, file.reason)],
    };
  }
  if (file.state === 'moved') {
    return arrival(work, look(seen.stats.get(targetOf(work)), attempt.path ?? '', actedMs));
  }
  const started = file.state === 'running' ? [onJob(job, { type: 'job.started' }, 'the copy has begun')] : [];
  return { followed: { is: 'under way', how: file.state }, findings: started };
}

/** The mover says that the copy is complete: so must the store it was brought to. */
function arrival(work: LiveWork, copy: Observed<StoredFile>): Move {
  const { job } = work;
  const store = targetOf(work);
  if (copy.is === 'unknown') return underWay(`${store} has not answered: ${copy.why}`);
  if (copy.is === 'absent') {
    const reason = `the mover says the copy is complete, but ${store} does not have it`;
    return {
      followed: failed('failed', 'transient', reason),
      findings: [onJob(job, { type: 'job.failed' }, reason)],
    };
  }
  return {
    followed: { is: 'arrived', copy: copy.value },
    findings: [onJob(job, { type: 'job.succeeded' }, 'the copy is complete')],
  };
}

function failed(
  state: 'failed' | 'lost',
  cls: ErrorClass,
  reason: string,
): Extract<Followed, { readonly is: 'failed' }> {
  return { is: 'failed', failure: { class: cls, reason }, end: { state, class: cls, reason } };
}
