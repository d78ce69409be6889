/** From decisions about single files to the steps of a page: what can go together goes together. */
import type { PassContext } from '../../model/context.ts';
import { groupBy } from '../../model/group-by.ts';
import {
  type Decided,
  type Decision,
  type PlannedMove,
  type Step,
  totalBytes,
  type Wait,
} from '../../model/steps.ts';
import { nodesToAvoid } from '../judge/suspects.ts';
import type { SpaceLine } from '../stops/space.ts';

export interface Plan {
  readonly steps: readonly Step[];
  readonly waits: readonly Wait[];
  /** Stores that the phase brings bytes to; empty where nobody asked. */
  readonly space: readonly SpaceLine[];
}

/** The steps of a page, in the order they are to be taken, and who waits for what. */
export function plan(context: PassContext, decided: readonly Decided[], space: readonly SpaceLine[]): Plan {
  return {
    steps: [
      ...decided.flatMap(({ decision }) => (decision.do === 'step' ? [decision.step] : [])),
      ...moves(context, decided, 'transfer'),
      ...moves(context, decided, 'copy'),
      ...submissions(context, decided),
    ],
    waits: decided.flatMap(({ name, rule, decision }) =>
      decision.do === 'wait' ? [{ kind: 'wait', name, rule, stop: decision.stop } as const] : [],
    ),
    space,
  };
}

function moves(context: PassContext, decided: readonly Decided[], kind: 'transfer' | 'copy'): Step[] {
  const wanted = decided.flatMap(({ decision }) => (decision.do === kind ? [decision] : []));
  const byEndpoint = groupBy(wanted, ({ endpoint }) => endpoint);
  return [...byEndpoint].flatMap(([endpoint, its]) => {
    const size = context.traits.movers.get(endpoint)?.filesPerSubmission ?? 1;
    return chunks(its, size).map((part): Step => {
      const files: readonly PlannedMove[] = part.map((one) => one.move);
      return {
        kind,
        phase: kind === 'transfer' ? 'transfer' : 'export',
        names: files.map((file) => file.name),
        because: part[0]?.because ?? '',
        bytes: totalBytes(files),
        endpoint,
        moves: files,
        number: null,
      };
    });
  });
}

/** Files whose jobs are to avoid other nodes are in submissions of their own. */
function submissions(context: PassContext, decided: readonly Decided[]): Step[] {
  const { job } = context.dataset.loaded.spec;
  const { jobsPerSubmission, nodes } = context.traits.batch;
  const wanted = decided.flatMap(({ decision }) => (decision.do === 'submit' ? [decision] : []));
  const avoiding = groupBy(wanted, ({ input }) => nodesToAvoid(input, nodes).toSorted().join(' '));
  return [...avoiding.values()].flatMap((alike) => {
    const [first] = alike;
    const avoid = first === undefined ? [] : nodesToAvoid(first.input, nodes);
    return chunks(chunks(alike, job.filesPerJob), jobsPerSubmission).map((part) => submission(part, avoid));
  });
}

type Submit = Extract<Decision, { do: 'submit' }>;

function submission(jobs: readonly (readonly Submit[])[], avoid: readonly string[]): Step {
  const inputs = jobs.flat().map((one) => one.input);
  const elsewhere = avoid.length === 0 ? '' : `, not on ${avoid.join(', ')}`;
  return {
    kind: 'submit',
    phase: 'process',
    names: inputs.map((input) => input.name),
    because: `${jobs[0]?.[0]?.because ?? ''}${elsewhere}`,
    bytes: totalBytes(inputs),
    jobs: jobs.map((one) => one.map(({ input }) => input)),
    avoid,
    number: null,
  };
}

/** Steps that create something get the number in its name, in order. */
export function numbered(steps: readonly Step[], first: number): readonly Step[] {
  let next = first;
  return steps.map((step) => (needsNumber(step) ? { ...step, number: next++ } : step));
}

/** What was begun before has its number. */
function needsNumber(step: Step): boolean {
  return 'number' in step && step.number === null;
}

/** How many numbers a plan needs. */
export function numbersNeeded(steps: readonly Step[]): number {
  return steps.filter(needsNumber).length;
}

/** Rows in groups of at most `size`, in order. */
export function chunks<T>(rows: readonly T[], size: number): T[][] {
  const count = Math.ceil(rows.length / size);
  return Array.from({ length: count }, (_, index) => rows.slice(index * size, (index + 1) * size));
}
