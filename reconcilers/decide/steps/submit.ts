/** `submit` gives a batch system one submission of jobs, each with its inputs. */

import { chunks } from '../../model/chunks.ts';
import { onInput, patchInput } from '../../model/findings.ts';
import { groupBy } from '../../model/group-by.ts';
import type { InputRow } from '../../model/rows.ts';
import { type Numbered, type Part, type PlannedFile, type Step, totalBytes } from '../../model/steps.ts';
import type { Nodes } from '../../ports/batch-system.ts';
import { nodesToAvoid } from '../judge/suspects.ts';
import { outputBytes, SPOOL } from '../stops/space.ts';
import { systemsOf } from '../stops/suspensions.ts';
import { placesOfJob } from '../wanted/wanted-places.ts';
import { countsFiles, each, type KindOf, nothing } from './kind.ts';
import { type Accepted, concludeSubmission, newJob, newSubmission } from './submissions.ts';

declare module '../../model/steps.ts' {
  interface StepArgs {
    readonly submit: Numbered & {
      readonly jobs: readonly (readonly PlannedFile[])[];
      /** Nodes on which none of the jobs is to run. */
      readonly avoid: readonly string[];
    };
  }
  interface PartArgs {
    readonly submit: { readonly input: InputRow };
  }
  interface StepResults {
    readonly submit: Accepted;
  }
}

export const submit: KindOf<'submit'> = {
  budget: 'jobs',
  about: ({ input }) => input.id,

  systems: (_, campaign) => systemsOf(campaign, 'process'),
  // The spool needs room, not so many bytes.
  uses({ input }, context, bytes) {
    const stores = new Set(context.dataset.loaded.spec.outputs.map((output) => output.store));
    const size = input.sizeBytes ?? 0;
    return new Map([
      [SPOOL, 0],
      ...[...stores].map((store) => [store, outputBytes(context, bytes, store, size)] as const),
    ]);
  },

  makes: ({ input }, campaign) => placesOfJob(campaign, input),
  empties: nothing,

  // Files whose jobs are to avoid other nodes are in submissions of their own.
  join(parts, { dataset, traits }) {
    const { filesPerJob } = dataset.loaded.spec.job;
    const { jobsPerSubmission, nodes } = traits.batch;
    const alike = groupBy(parts, ({ input }) => nodesKey(input, nodes));
    return [...alike.values()].flatMap((some) => {
      const avoid = some.slice(0, 1).flatMap(({ input }) => nodesToAvoid(input, nodes));
      const submissions = chunks(chunks(some, filesPerJob), jobsPerSubmission);
      return submissions.flatMap((jobs) => submission(jobs, avoid));
    });
  },

  parts: ({ jobs, because }, standing) =>
    jobs.flat().map(({ id }) => ({ do: 'submit', input: standing.input(id), because })),
  writesTo: (_, { outputs }) => outputs.map((output) => output.store),
  refusedWith: () => 'the batch system',

  intent(step, context, standing) {
    const { spec, revision } = context.dataset.loaded;
    const { driver } = context.traits.batch;
    const row = newSubmission(context, step, { driver, endpoint: null });
    const jobs = step.jobs.map((_, index) => newJob(row.id, index, spec.job.type, context.now));
    const attempts = step.jobs.flatMap((inputs, jobIndex) =>
      inputs.map(({ id }) => ({
        fileId: id,
        phase: step.phase,
        number: standing.input(id).attempt + 1,
        revision,
        submissionId: row.id,
        jobIndex,
        path: null,
      })),
    );
    return [
      { on: 'newSubmission', row, jobs, attempts },
      ...attempts.map(({ fileId, number }) => patchInput(fileId, { attempt: number, actedMs: context.now })),
    ];
  },

  conclude: each(({ step, outcome }, about) => {
    const { dataset, traits } = about.context;
    const files = step.jobs.flat().map(({ id: fileId }) => ({ fileId, revision: dataset.loaded.revision }));
    const found = concludeSubmission(about, step, outcome, files);
    if (!outcome.ok) return found;
    const because = `${traits.batch.driver} took it as ${outcome.systemId}`;
    const accepted = { fact: { type: 'job.accepted' }, because } as const;
    return [...found, ...files.map(({ fileId }) => onInput(fileId, accepted))];
  }),

  counts: (step) => ({ ...countsFiles(step), jobs: step.jobs.length }),
  noun: 'file',
};

/** `nodesKey` is the same for inputs whose jobs are kept off the same nodes: only those share a submission. */
export function nodesKey(input: InputRow, nodes: Nodes): string {
  return nodesToAvoid(input, nodes).toSorted().join(' ');
}

type Job = readonly Part<'submit'>[];

function submission(jobs: readonly Job[], avoid: readonly string[]): readonly Step<'submit'>[] {
  const [first] = jobs.flat();
  if (first === undefined) return [];
  const inputs = jobs.map((job) => job.map(({ input }) => planned(input)));
  const elsewhere = avoid.length === 0 ? '' : `, not on ${avoid.join(', ')}`;
  return [
    {
      kind: 'submit',
      phase: 'process',
      names: inputs.flat().map(({ name }) => name),
      because: `${first.because}${elsewhere}`,
      bytes: totalBytes(inputs.flat()),
      jobs: inputs,
      avoid,
      number: null,
    },
  ];
}

/** What a step says of an input; the row has the rest. */
const planned = ({ id, name, sizeBytes, attempt }: PlannedFile): PlannedFile => ({
  id,
  name,
  sizeBytes,
  attempt,
});
