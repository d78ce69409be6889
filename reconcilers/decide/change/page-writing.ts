/** The rows of a page as they were read and as findings have changed them since. */
import { advancer } from '../../../machines/advance.ts';
import type { Millis, Phase } from '../../../machines/model.ts';
import type { Change } from '../../model/change.ts';
import type { Finding, FindingSubject } from '../../model/findings.ts';
import type { JobRow, Page, Transition } from '../../model/rows.ts';
import type { Gate } from '../../model/totals.ts';
import { gateProblem } from '../stops/gates.ts';
import { changing, isSame } from './changing.ts';
import { type ChangeOptions, inputAfter, jobAfter, outputAfter } from './rows-after.ts';

/** A list that findings add to as they are. */
type Added = 'details' | 'newSubmissions' | 'newAttempts' | 'attemptNotes' | 'attemptEnds' | 'newOutputs';

type Lists = {
  [K in Added | 'transitions' | 'problems' | 'archives' | 'scrubs' | 'claims']: Change[K][number][];
};

/** The writing of one page in the making; it touches nothing outside itself. */
export type PageWriting = ReturnType<typeof pageWriting>;

/** Begin with the rows as they were read. Rows not on the page cannot be changed. */
export function pageWriting(page: Page, options: ChangeOptions) {
  const known = new Map(page.jobs.map((job) => [jobKey(job), job]));
  const lists: Lists = {
    details: [],
    newSubmissions: [],
    newAttempts: [],
    attemptNotes: [],
    attemptEnds: [],
    newOutputs: [],
    transitions: [],
    problems: [],
    archives: [],
    scrubs: [],
    claims: [],
  };
  return {
    options,
    advance: advancer(),
    inputs: changing(page.inputs),
    outputs: changing(page.outputs),
    submissions: changing(page.submissions),
    knownJobs: known,
    jobs: new Map<string, JobRow>(),
    gates: new Map<Phase, Gate | null>(),
    lists,
  };
}

/** The key of a job among those of a page. */
export function jobKey(job: { readonly submissionId: number; readonly index: number }): string {
  return `${job.submissionId}:${job.index}`;
}

/** Take one finding in. */
export function take(writing: PageWriting, finding: Finding): void {
  const apply = TAKEN[finding.on] as (into: PageWriting, what: Finding) => void;
  apply(writing, finding);
}

/** Note of every input and output that has changed when it was acted on. */
export function stamp({ inputs, outputs }: PageWriting, actedMs: Millis): void {
  for (const { after } of inputs.pairs()) inputs.set(after.id, { ...after, actedMs });
  for (const { after } of outputs.pairs()) outputs.set(after.id, { ...after, actedMs });
}

/** What each kind of finding changes. The type demands one entry per kind. */
const TAKEN: { readonly [S in FindingSubject]: (into: PageWriting, finding: Finding<S>) => void } = {
  input: ({ inputs, options, advance, lists }, finding) => {
    const { row, transition } = inputAfter(inputs.get(finding.id), finding, options, advance);
    inputs.set(finding.id, row);
    note(lists, transition);
    if (finding.end === undefined) return;
    const { revision, phase, how } = finding.end;
    lists.attemptEnds.push({ fileId: finding.id, revision, phase, end: how });
  },
  output: ({ outputs, options, lists }, finding) => {
    const before = outputs.get(finding.id);
    const { row, transition } = outputAfter(before, finding, options);
    outputs.set(finding.id, row);
    note(lists, transition);
    if (finding.end === undefined) return;
    const { phase, how } = finding.end;
    lists.attemptEnds.push({ fileId: finding.id, revision: before.revision, phase, end: how });
  },
  job: (writing, finding) => {
    const before = writing.jobs.get(jobKey(finding.job)) ?? finding.job;
    const { row, transition } = jobAfter(before, finding, writing.options);
    setJob(writing, row);
    note(writing.lists, transition);
  },
  submission: ({ submissions }, { id, patch }) => submissions.set(id, { ...submissions.get(id), ...patch }),
  newSubmission: ({ submissions, jobs, lists }, { row, jobs: newJobs, attempts }) => {
    lists.newSubmissions.push(row);
    submissions.add(row);
    for (const job of newJobs) jobs.set(jobKey(job), job);
    lists.newAttempts.push(...attempts);
  },
  attemptNote: ({ lists }, { on: _, ...note }) => lists.attemptNotes.push(note),
  attemptEnd: ({ lists }, { on: _, ...end }) => lists.attemptEnds.push(end),
  acceptance: ({ lists }, { output }) => lists.newOutputs.push(output),
  signature: ({ inputs, outputs, lists }, { id, fact, because }) => {
    const { state, attempt } = inputs.has(id) ? inputs.get(id) : outputs.get(id);
    note(lists, {
      subject: { kind: 'file', id },
      from: state,
      to: state,
      phase: null,
      fact,
      because,
      attempt,
    });
  },
  details: ({ lists }, { on: _, ...details }) => lists.details.push(details),
  problem: ({ lists }, { on: _, ...problem }) => lists.problems.push(problem),
  gate: ({ gates }, { phase, gate }) => {
    // Of several answers the most telling one stays: it is full; it takes orders; it takes none like these.
    const known = gates.get(phase);
    if (known?.kind === 'refused' || (known === null && gate?.kind !== 'refused')) return;
    gates.set(phase, gate);
  },
  archive: ({ lists }, { on: _, ...archive }) => lists.archives.push(archive),
  scrub: ({ lists }, { on: _, ...scrub }) => lists.scrubs.push(scrub),
  claim: ({ lists }, { on: _, ...claim }) => lists.claims.push(claim),
};

function note(lists: Lists, transition: Transition | null): void {
  if (transition !== null) lists.transitions.push(transition);
}

/** A job that is as it was read is not written: most jobs run on from pass to pass. */
function setJob({ knownJobs, jobs }: PageWriting, job: JobRow): void {
  const known = knownJobs.get(jobKey(job));
  if (known && isSame(known, job)) jobs.delete(jobKey(job));
  else jobs.set(jobKey(job), job);
}

/** What is to be written. */
export function changeIn({ inputs, outputs, submissions, jobs, gates, lists }: PageWriting): Change {
  const changed = [...gates].map(([phase, gate]) => ({ phase, gate }));
  return {
    ...lists,
    inputs: inputs.pairs(),
    outputs: outputs.pairs(),
    submissions: submissions.pairs(),
    jobs: [...jobs.values()],
    gates: changed,
    // What a system said of new work is told as a problem, too.
    problems: [...lists.problems, ...changed.map(gateProblem)],
  };
}

/** The page with its rows as they are now. */
export function pageAfter(page: Page, { inputs, outputs, submissions, jobs, knownJobs }: PageWriting): Page {
  return {
    ...page,
    inputs: page.inputs.map(({ id }) => inputs.get(id)),
    outputs: page.outputs.map(({ id }) => outputs.get(id)),
    submissions: submissions.all(),
    jobs: [...new Map([...knownJobs, ...jobs]).values()],
  };
}
