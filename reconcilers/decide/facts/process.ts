/** What has happened to the files of a page in processing. */
import type { FileState } from '../../../machines/model.ts';
import type { Finding } from '../../model/findings.ts';
import { copyBroken, copyGone, copyReleased } from './process-copy.ts';
import { outputsLost, processingOutdated } from './process-done.ts';
import { jobEnds } from './process-end.ts';
import { type FileFacts, factsOfJob } from './process-follow.ts';
import { isFollowed, type ProcessView } from './process-view.ts';

type Fact = (view: ProcessView) => readonly Finding[];

const NONE: readonly Fact[] = [];
const DONE: readonly Fact[] = [processingOutdated, outputsLost];

/** What may have happened to a file without a live attempt: the first fact that finds anything is all. */
const FACTS: Readonly<Record<FileState, readonly Fact[]>> = {
  pending: NONE,
  transferred: NONE,
  verified: [copyReleased, copyGone, copyBroken],
  running: NONE,
  error: NONE,
  done: DONE,
  copied: DONE,
};

/** What has happened to files and their jobs; each job is ended once, after all its files. */
export function processFacts(views: readonly ProcessView[]): readonly Finding[] {
  const files = views.map(factsOf);
  return [...files.flatMap(({ findings }) => findings), ...jobEnds(files.flatMap(({ end }) => end ?? []))];
}

/** What has happened to one file. */
function factsOf(view: ProcessView): FileFacts {
  if (isFollowed(view)) return factsOfJob(view);
  for (const fact of FACTS[view.input.state]) {
    const findings = fact(view);
    if (findings.length > 0) return { findings };
  }
  return { findings: [] };
}
