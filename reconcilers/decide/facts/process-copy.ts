/** What has become of the raw copy of a file that waits for a job: none is submitted on one that is gone or broken. */
import { type Finding, onInput } from '../../model/findings.ts';
import type { ProcessView } from './process-view.ts';
import { brokenCopy } from './verify-check.ts';

/** A file that is to be processed once more has no copy: it was released when the file was done. */
export function copyReleased({ input }: ProcessView): readonly Finding[] {
  if (input.copyPath !== null) return [];
  return [onInput(input.id, { fact: { type: 'copy.absent' }, because: 'its raw copy was released' })];
}

/** The store no longer has the copy. */
export function copyGone({ input, copy }: ProcessView): readonly Finding[] {
  if (copy.is !== 'absent') return [];
  const because = `the copy is no longer at ${input.copyPath}`;
  return [onInput(input.id, { fact: { type: 'copy.absent' }, because, patch: { copyPath: null } })];
}

/** The copy is not the one that was verified. */
export function copyBroken({ context, input, copy }: ProcessView): readonly Finding[] {
  const finding = copy.is === 'present' ? brokenCopy(context, input, copy.value) : undefined;
  return finding === undefined ? [] : [onInput(input.id, finding)];
}
