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
  return oneLine(`${file}:${problem.line}:${problem.column}${field}: ${problem.sentence}`);
}

/** A spec's own texts stand in it: they break no line and send a terminal no orders. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The order in which problems are shown: by file, then from top to bottom. */
export function byPlace(a: SpecProblem, b: SpecProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
