/** What stands in the end of a job's log: whose lines they are, and which one tells why it failed. */
import { posixPattern } from '../../../specs/posix-pattern.ts';

/** What the job script itself prints begins with this. */
const OURS = 'rereco: ';

/** A line of the job script, in a job of several inputs: what follows is about this one. */
const ABOUT = 'rereco: input ';

/**
 * The lines of a job's log that are about one of its inputs, ours among them.
 *
 * Where the job has one input, those are all. Where it has several, but the log's end
 * begins after the line that names this one, they are none.
 */
export function linesAbout(logTail: string, input: string): readonly string[] {
  const lines = logTail.split('\n');
  if (!lines.some((line) => line.startsWith(ABOUT))) return lines;
  const about = `${ABOUT}${input}`;
  let ours = false;
  return lines.filter((line) => {
    if (line.startsWith(ABOUT)) ours = line === about;
    return ours;
  });
}

/**
 * The line of a log that tells why a job failed: the first that a failure rule matches,
 * else the last that has a word in it and is not ours.
 *
 * @param pattern  of the rule that matched; null: none did by the log
 */
export function tellingLine(lines: readonly string[], pattern: string | null): string | undefined {
  const rule = pattern === null ? undefined : posixPattern(pattern);
  const matched = rule?.ok ? lines.find((line) => rule.match(line) !== undefined) : undefined;
  const line = matched ?? lines.findLast((one) => /[\p{L}\p{N}]/u.test(one) && !one.startsWith(OURS));
  return line === undefined ? undefined : shortened(printable(line).trim());
}

/** What a shell says of a command that a signal has ended: dash and busybox, and bash with the place. */
const SHELL_WORDS =
  /^(?:\S+: line \d+: +\d+ )?(?:Segmentation fault|Killed|Aborted|Bus error|Floating point exception|Illegal instruction|Terminated|Hangup|Quit|Trace\/breakpoint trap|Bad system call|CPU time limit exceeded|File size limit exceeded)\b/;

/** The lines without those by which a shell tells that a command was ended by a signal. */
export function withoutShellWords(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !SHELL_WORDS.test(line));
}

/** The last lines of a log as people are shown them, without what is ours and what is empty. */
export function lastLines(lines: readonly string[], most: number): readonly string[] {
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith(OURS))
    .slice(-most)
    .map((line) => shortened(printable(line).trimEnd()));
}

/** A terminal's orders, such as colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ORDERS = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** A line without what a terminal would obey; of what was written over it, the last. */
function printable(line: string): string {
  const last = line.replace(ORDERS, '').replace(/\r+$/, '').split('\r').at(-1) ?? '';
  return last.replace(/\t/g, '  ').replace(/\p{C}/gu, '�').replace(JOB_FOLDER, '');
}

/** The folder that a job works in, which is long, and gone: what lies in it is named from there. */
const JOB_FOLDER = /[^\s'"`<>()=]*\/rereco\.[\w.-]+\.\d+\.\d+\/\d+\//g;

const MOST_CHARACTERS = 300;

function shortened(line: string): string {
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS - 1)}…`;
}
