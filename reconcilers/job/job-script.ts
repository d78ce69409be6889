import type { JobCounter } from '../../specs/types.ts';
import type { OutputKind, SubmissionPlan } from './job-plan.ts';
import { sharedCommand } from './job-table.ts';
import { TABLE } from './launch.ts';
import { outputVariable, withVariables } from './placeholders.ts';
import { shFill, shQuote } from './sh-quote.ts';
import { BASICS } from './tools/basics.ts';
import { COUNTING } from './tools/counting.ts';
import { ONE_INPUT } from './tools/one-input.ts';
import { REPORT } from './tools/report.ts';

/**
 * The script of a submission: POSIX sh that needs nothing on a worker node but the
 * site's own clients. It is run with a job's index, reads the job's lines in the
 * table beside it, and leaves a `JobReport` whatever goes wrong.
 *
 * It exits 0 when all went well with every input, else with the first exit code
 * of a command that failed, else with 3. A TERM ends it without a report.
 *
 * What it and the command print goes into the job's log as it is printed, both
 * streams in their order. Lines that the command writes to `$RERECO_EVENTS` add up.
 * Checksums of outputs are null: POSIX has no adler32, the store computes it.
 *
 * @param plan  no text in it may hold a NUL
 */
export function jobScript(plan: SubmissionPlan): string {
  return [
    heading(plan),
    ...[BASICS, ONE_INPUT, COUNTING, REPORT],
    '# --- what is done to each input --------------------------------------------------\n',
    shFunction('fetch_input', plan.fetch),
    ...plan.outputs.map(({ deliver }, n) => shFunction(`deliver_${n + 1}`, deliver)),
    commandFunction(plan),
    inputFunction(plan),
    MAIN.replace('lines=', () => `lines=${linesOf(plan)}`),
  ].join('\n');
}

function heading(plan: SubmissionPlan): string {
  const exports = Object.entries(plan.environment).map(([name, value]) => `export ${name}=${shQuote(value)}`);
  return [
    '#!/bin/sh',
    `# The jobs of submission ${oneLine(plan.submission)}, of dataset ${oneLine(plan.dataset)} (request ${plan.requestId}): job.sh INDEX`,
    '# Written by ReReco. For each input of the job, a line in the table beside this file: copy it',
    '# here, check its size, run the command, count events, copy the outputs into the store. The',
    '# report at the end says how it went.',
    '',
    shFunction('environment', exports.join('\n') || ':'),
    'environment',
    `locale_known=\${LC_ALL+yes} locale=\${LC_ALL-}`,
    'export LC_ALL=C',
    '',
    `submission=${shQuote(plan.submission)} folder=${shQuote(plan.folder)}`,
    `index=\${1:-$RERECO_INDEX}`,
    `table=$folder/${TABLE} log=$folder/job-$index.out report=$folder/report-$index.json`,
    'part=$report.part.$$',
    `job=\${TMPDIR:-/tmp}/rereco.$submission.$index.$$`,
    `shared_command=${shQuote(withVariables(sharedCommand(plan), plan.outputs))}`,
    '',
  ].join('\n');
}

const MAIN = `# --- the job -------------------------------------------------------------------

exec >>"$log" 2>&1
lines=
[ -n "$lines" ] || { echo "rereco: there is no job $index in $table" >&2; exit 3; }
case $lines in *"$nl"?*) several=yes ;; esac
box=$job/1
room "$job" "$box" "$box/in" "$box/run" || { echo "rereco: the folder $job cannot be made" >&2; exit 3; }
trap stop TERM
begin_report || exit 3
while [ -n "$lines" ]; do
  line=\${lines%%"$nl"*}
  lines=\${lines#"$line"}
  lines=\${lines#"$nl"}
  eval "input $line"
  finish
done
end_report || { echo "rereco: no report at $report" >&2; exit 3; }
rm -rf "$job"
[ "$failures" -eq 0 ] && exit 0
[ "$first_code" -ne 0 ] && exit "$first_code"
exit 3
`;

/** Where a submission has one job the whole table is its lines, and no process is needed to find them. */
function linesOf({ jobs }: SubmissionPlan): string {
  if (jobs.length > 1) return '$(sed -n "s/^$index //p" "$table")';
  return `''
while IFS='' read -r line; do lines=$lines\${line#"$index "}$nl; done <"$table"`;
}

/** The command is a file of its own: a quote that is missing in it must not break this script. */
function commandFunction({ outputs }: SubmissionPlan): string {
  return shFunction(
    'command_itself',
    [
      `printf '%s\\n' "$command" >"$box/command.sh" || exit 126`,
      'export RERECO_INPUT="$in" RERECO_EVENTS="$box/events"',
      ...outputs.map(({ key }, n) => `export ${outputVariable(key)}="$run/$name_${n + 1}"`),
      'cd "$run" || exit 126',
      // Last, for a name there may be one of this script's own variables.
      'set -- "$box/command.sh"',
      'own_locale',
      'environment',
      'exec sh "$1"',
    ].join('\n'),
  );
}

function inputFunction({ eventsRead, outputs }: SubmissionPlan): string {
  const byLog = [eventsRead, ...outputs.map((output) => output.eventsWritten)].some(({ by }) => by === 'log');
  const ends = outputs.map((_, n) => n + 1);
  const lines = [
    'name=$1 size=$2 checksum=$3 place=$4 command=$5',
    'shift 5',
    ...ends.flatMap((n) => [`name_${n}=$1 metadata_${n}=$2 place_${n}=$3`, 'shift 3']),
    'begin || { failed stageIn "no folder in $job"; return; }',
    'attend fetch_input "$in" "$box/fetched" "$place" "$size" "$checksum" || { not_fetched "$?"; return; }',
    'has_arrived || return',
    ...(byLog ? ['mark_log'] : []),
    'run_command || return',
    ...ends.map(
      (n) => `[ -f "$run/$name_${n}" ] || { failed output "the command left no output $name_${n}"; return; }`,
    ),
    'read_events || return',
    ...countRead(eventsRead),
    ...outputs.flatMap((output, m) => countWritten(output, m + 1)),
    ...outputs.flatMap(({ key }, m) => delivery(key, m + 1)),
  ];
  return [
    '# input NAME SIZE CHECKSUM PLACE COMMAND, and for each output NAME METADATA-NAME PLACE',
    shFunction('input', lines.join('\n')),
  ].join('\n');
}

function delivery(key: string, n: number): string[] {
  const file = `"$run/$name_${n}"`;
  return [
    `attend deliver_${n} ${file} "$place_${n}" || { failed stageOut "the output $name_${n} could not be delivered (exit code $?)"; return; }`,
    `left ${shQuote(JSON.stringify(key))} "$name_${n}" "$written_${n}" "$metadata_${n}"`,
  ];
}

function countRead(how: JobCounter): string[] {
  const message = `the events read could not be counted (${described(how, 'read')})`;
  return [
    `${counting(how, 'read', '"$in"')} || { failed count ${shQuote(message)}; return; }`,
    'events_read=$counted',
  ];
}

function countWritten(output: OutputKind, n: number): string[] {
  const how = output.eventsWritten;
  const words = `written ${output.key}`;
  const count = counting(how, words, `"$run/$name_${n}"`);
  // A policy may not ask for this number, and then nobody need report it.
  const otherwise =
    how.by === 'report'
      ? 'counted=null'
      : `{ failed count "the events written to $name_${n} could not be counted "${shQuote(`(${described(how, words)})`)}; return; }`;
  return [`${count} || ${otherwise}`, `written_${n}=$counted`];
}

/** The words that put a number into `$counted`, or fail. */
function counting(how: JobCounter, words: string, file: string): string {
  switch (how.by) {
    case 'report':
      return `count_report ${shQuote(words)}`;
    case 'file':
      return `count_file ${shQuote(how.file)}`;
    case 'log':
      return `count_log ${shQuote(matchesAlone(how.log))}`;
    case 'pattern':
      return `count_pattern ${shQuote(how.pattern)} ${file}`;
    case 'command':
      return `count_command ${shQuote(shFill(how.command, new Map([['file', 'file']])))} ${file}`;
  }
}

function described(how: JobCounter, words: string): string {
  switch (how.by) {
    case 'report':
      return `no line "${words} N" in RERECO_EVENTS`;
    case 'file':
      return `no number in the file ${how.file}`;
    case 'log':
      return `no number in the log for ${how.log}`;
    case 'pattern':
      return `pattern ${how.pattern}`;
    case 'command':
      return `command ${how.command}`;
  }
}

/**
 * A sed command that prints the first group of the last match of each line.
 *
 * Matches are set between newlines first: a `.*` before the pattern would take
 * the first digits of a number with it.
 */
function matchesAlone(pattern: string): string {
  const free = [...'/|,#@!%~;:='].find((sign) => !pattern.includes(sign));
  const sign = free ?? '/';
  const safe = free ? pattern : pattern.replaceAll('/', '\\/');
  return `s${sign}${safe}${sign}\\\n\\1\\\n${sign}g\ns/.*\\n([0-9]+)\\n.*/\\1/p`;
}

function shFunction(name: string, body: string): string {
  return `${name}() {\n${body}\n}\n`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
