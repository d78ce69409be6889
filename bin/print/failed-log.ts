/** The end of a log, as people read it below what failed. */
import type { FailedLog } from '../failed-logs.ts';
import { safeText } from './shown.ts';
import { terminalWidth } from './table.ts';
import { cut } from './width.ts';

/** `logLines` gives the last lines of a log as they were printed, and the command that shows the rest. */
export function logLines({ lines, command }: FailedLog, indent: string): readonly string[] {
  if (lines.length === 0) return [`${indent}its log: ${command}`];
  return [
    `${indent}its log ends (all of it: ${command}):`,
    ...lines.map((line) => fitting(`${indent}  | ${safeText(line)}`)),
  ];
}

/** Lines of a program are not wrapped: on a terminal their ends are left out. */
function fitting(line: string): string {
  return process.stdout.isTTY ? cut(line, terminalWidth()) : line;
}
