import type { PlannedInput, SubmissionPlan } from './job-plan.ts';
import { withVariables } from './placeholders.ts';
import { shQuote } from './sh-quote.ts';

/**
 * The table of a submission's jobs: a line for each input, with the index of its job first.
 *
 * A line is words of POSIX sh, on one line whatever is in them: a newline is `"$nl"`. They are
 * name, size, checksum, place, command, and for each output name, metadata file and place.
 * What is not known is empty, and so is a command that all inputs share.
 */
export function jobTable({ jobs, outputs }: Pick<SubmissionPlan, 'jobs' | 'outputs'>): string {
  const shared = sharedCommand({ jobs });
  const command = (input: PlannedInput) =>
    input.command === shared ? '' : withVariables(input.command, outputs);
  return jobs
    .flatMap(({ index, inputs }) => inputs.map((input) => line(index, input, command(input))))
    .map((words) => `${words}\n`)
    .join('');
}

/** The command of every input, where it is the same for all; else empty. */
export function sharedCommand({ jobs }: Pick<SubmissionPlan, 'jobs'>): string {
  const [first, ...others] = new Set(jobs.flatMap(({ inputs }) => inputs.map(({ command }) => command)));
  return others.length === 0 ? (first ?? '') : '';
}

function line(index: number, input: PlannedInput, command: string): string {
  const words = [
    input.name,
    input.sizeBytes === null ? '' : `${input.sizeBytes}`,
    input.checksum ?? '',
    input.place,
    command,
    ...input.outputs.flatMap(({ name, metadata, place }) => [name, metadata ?? '', place]),
  ];
  return [index, ...words.map(word)].join(' ');
}

function word(text: string): string {
  return text.split('\n').map(shQuote).join('"$nl"');
}
