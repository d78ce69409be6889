/**
 * Transfer: from wanted to here, unchecked.
 *
 *   pending ──copy.present──► transferred        (somebody delivered it, or our mover did)
 *   pending ──transfer.failed──► error
 *
 * The attempt stays live until the copy is verified: its bytes lie under its
 * name until then.
 */

import type { PassContext } from '../../model/context.ts';
import { counted } from '../../model/counted.ts';
import type { InputFinding } from '../../model/findings.ts';
import { type LiveWork, liveWork } from '../../model/live-work.ts';
import type { InputRow } from '../../model/rows.ts';
import { scopeOf } from '../../model/scope.ts';
import type { Decision } from '../../model/steps.ts';
import { stop } from '../../model/stops.ts';
import { look, type World } from '../../model/world.ts';
import type { Draft } from '../change/draft.ts';
import { draftedBy, type PhaseRules } from '../change/phase-rules.ts';
import { askArrivals, askTransfers, followMove, moveSeen } from '../facts/moves.ts';
import { retryDue } from '../facts/retry-due.ts';
import { unwantedRun } from '../members/named-members.ts';
import { datasetStop } from '../stops/dataset-stop.ts';
import { gateStop } from '../stops/gates.ts';
import { wantedCopy } from '../wanted/wanted.ts';

export const transferRules: PhaseRules = {
  phase: 'transfer',
  countsFiles: true,

  scopes: (context) => [
    scopeOf('transfer', context, {
      subject: 'inputs',
      states: context.resync ? ['pending'] : [],
      errorPhases: ['transfer'],
      some: { state: 'pending', atMost: context.dataset.loaded.spec.limits.transfers, waiting: 0 },
    }),
  ],

  rounds: (context, page) => [
    () => ({
      ...askTransfers(page.submissions),
      stats: page.inputs.map((input) => {
        const { store, path } = wantedCopy(context, input);
        return { store, path, depth: 'size' };
      }),
    }),
    (seen) => ({ stats: askArrivals(liveWork(page).values(), seen, 'size') }),
  ],

  find: draftedBy('transfer', (context, page, seen, draft) => {
    draft.add(retryDue(page, context.now, ['transfer']));
    const work = liveWork(page);
    for (const { id } of page.inputs) {
      const input = draft.input(id);
      if (input.state !== 'pending') continue;
      const live = work.get(id);
      const finding = live ? brought(context, input, live, seen, draft) : delivered(context, input, seen);
      if (finding) draft.find(id, finding);
    }
  }),

  decide(context, page, seen, standing) {
    const work = liveWork(page);
    return page.inputs.flatMap(({ id, name }) => {
      const input = standing.input(id);
      if (input.state !== 'pending') return [];
      return [{ name, rule: 'decideFile', decision: decideFile(context, input, work.get(id), seen) }];
    });
  },
};

/** A file nobody is bringing right now: is it there already, or can it never be? */
function delivered(context: PassContext, input: InputRow, seen: World): InputFinding | undefined {
  const wanted = wantedCopy(context, input);
  const copy = look(seen.stats.get(wanted.store), wanted.path, input.actedMs);
  if (copy.is === 'present') {
    return {
      fact: { type: 'copy.present' },
      because: `${wanted.store}:${wanted.path} is there (${counted(copy.value.sizeBytes, 'byte')})`,
      patch: { copyPath: wanted.path },
    };
  }
  if (copy.is === 'unknown' || !wanted.inPlace) return undefined;
  const reason = `the file has vanished from ${wanted.store}:${wanted.path}; put it back, then resubmit it`;
  return { fact: { type: 'transfer.failed' }, because: reason, failure: { class: 'data', reason } };
}

/** A file that an attempt of ours is bringing. */
function brought(
  context: PassContext,
  input: InputRow,
  work: LiveWork,
  seen: World,
  draft: Draft,
): InputFinding | undefined {
  const followed = followMove(context, work, input.actedMs, seen, draft);
  const end = { phase: 'transfer', revision: work.attempt.revision } as const;
  switch (followed.is) {
    case 'under way':
      return undefined;
    case 'never begun':
      return { fact: null, because: 'never begun', end: { ...end, how: followed.end } };
    case 'failed':
      return {
        fact: { type: 'transfer.failed' },
        because: followed.failure.reason,
        failure: followed.failure,
        end: { ...end, how: followed.end },
      };
    case 'arrived':
      return {
        fact: { type: 'copy.present' },
        because: `attempt ${work.attempt.number} arrived (${counted(followed.copy.sizeBytes, 'byte')})`,
        patch: { copyPath: work.attempt.path },
      };
  }
}

/** Where a file comes from, without its name, so that files alike are told together. */
function folderOf({ sourceStore, sourcePath }: InputRow): string {
  const folder = (sourcePath ?? '').split('/').slice(0, -1).join('/');
  return folder === '' ? `${sourceStore}` : `${sourceStore}:${folder}`;
}

function decideFile(
  context: PassContext,
  input: InputRow,
  work: LiveWork | undefined,
  seen: World,
): Decision {
  if (work) {
    const move = moveSeen(work, seen, input.actedMs);
    const how = move.is === 'present' ? move.value.state : move.is === 'unknown' ? move.why : 'not found yet';
    return {
      do: 'wait',
      stop: stop('transfer.underWay', `attempt ${work.attempt.number} (${work.submission.name}): ${how}`),
    };
  }
  if (input.retiredMs !== null)
    return { do: 'wait', stop: stop('retired', 'retired: the input no longer names this file') };
  const unwanted = unwantedRun(context.dataset, input);
  if (unwanted) return { do: 'wait', stop: stop('run.unknown', unwanted) };
  const stopped = datasetStop(context) ?? gateStop(context, 'transfer');
  if (stopped) return { do: 'wait', stop: stopped };

  const wanted = wantedCopy(context, input);
  const copy = look(seen.stats.get(wanted.store), wanted.path, input.actedMs);
  if (copy.is === 'unknown')
    return { do: 'wait', stop: stop('system.silent', `${wanted.store} has not answered: ${copy.why}`) };
  if (wanted.delivery === null) {
    return {
      do: 'wait',
      stop: stop('delivery.awaited', `waiting for somebody to deliver it to ${wanted.store}:${wanted.path}`),
    };
  }
  return {
    do: 'transfer',
    endpoint: wanted.delivery.endpoint,
    move: {
      fileId: input.id,
      name: input.name,
      from: wanted.delivery.from,
      sizeBytes: input.sizeBytes,
      checksum: input.checksum,
    },
    because: `${wanted.store} has no copy; it comes from ${folderOf(input)}`,
  };
}
