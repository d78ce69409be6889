import { relative } from 'node:path';
import type { SpecProblem } from './types.ts';

/** The user's mistakes in specs, all of them; the message is one line a problem. */
export class SpecError extends Error {
  readonly problems: readonly SpecProblem[];

  constructor(problems: readonly SpecProblem[]) {
    super(problems.map((problem) => formatProblem(problem)).join('\n'));
    this.name = 'SpecError';
    this.problems = problems;
  }
}

/**
 * One problem as one line, `file:line:col path: sentence`.
 *
 * @param cwd  when given, files below it are named relative to it
 */
export function formatProblem(problem: SpecProblem, cwd?: string): string {
  const near = cwd === undefined ? problem.file : relative(cwd, problem.file);
  const file = near === '' || near.startsWith('..') ? problem.file : near;
  const field = problem.path === '' ? '' : ` ${problem.path}`;
  return `${file}:${problem.line}:${problem.column}${field}: ${problem.sentence}`;
}

/** The order in which problems are shown: by file, then from top to bottom. */
export function byPlace(a: SpecProblem, b: SpecProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
