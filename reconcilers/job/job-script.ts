import type { JobCounter } from '../../specs/types.ts';
import type { JobPlan, PlannedInput, PlannedOutput } from './job-plan.ts';
import { JOB_SCRIPT_TOOLS } from './job-script-tools.ts';
import { shFill, shQuote } from './sh-quote.ts';

/**
 * The script of one job: POSIX sh that needs nothing on a worker node but the
 * site's own clients, and leaves a `JobReport` whatever goes wrong.
 *
 * It exits 0 when all went well with every input, else with the first exit code
 * of a command that failed, else with 3. A TERM ends it without a report.
 *
 * Lines that the command writes to `$RERECO_EVENTS` add up. Checksums of outputs
 * are null: POSIX has no adler32, the store computes it.
 *
 * @param plan  no text in it may hold a NUL
 */
export function jobScript(plan: JobPlan): string {
  return [
    heading(plan),
    JOB_SCRIPT_TOOLS,
    ...plan.inputs.map((input, n) => inputFunctions(input, n + 1)),
    main(plan),
  ].join('\n\n');
}

function heading(plan: JobPlan): string {
  const exports = Object.entries(plan.environment).map(([name, value]) => `export ${name}=${shQuote(value)}`);
  return [
    '#!/bin/sh',
    `# Job ${oneLine(plan.submission)}, index ${plan.index}, of dataset ${oneLine(plan.dataset)} (request ${plan.requestId}).`,
    '# Written by ReReco. For each input: copy it here, check its size, run the command,',
    '# count events, copy the outputs into the store. The report at the end says how it went.',
    '',
    shFunction('environment', exports.join('\n') || ':'),
    'environment',
    `locale_known=\${LC_ALL+yes} locale=\${LC_ALL-}`,
    'export LC_ALL=C',
    '',
    `report=${shQuote(plan.reportFile)}`,
    'part=$report.part.$$',
    `job=\${TMPDIR:-/tmp}/rereco.${shQuote(plan.submission)}.${plan.index}.$$`,
    'log=',
    'exec 3>&1',
  ].join('\n');
}

function main(plan: JobPlan): string {
  const head = `"submission":${JSON.stringify(plan.submission)},"index":${plan.index}`;
  return [
    '# --- the job -------------------------------------------------------------------',
    '',
    // Other users of the node are kept out.
    '(umask 077 && mkdir "$job") || { echo "rereco: the folder $job cannot be made" >&2; exit 3; }',
    'trap stop TERM',
    `begin_report ${shQuote(head)} || exit 3`,
    ...plan.inputs.map(({ name }, n) => `${announcing(plan, name)}input_${n + 1}; finish`),
    'printf \'\\n]}\\n\' >>"$part" && mv -f "$part" "$report" || { echo "rereco: no report at $report" >&2; exit 3; }',
    'rm -rf "$job"',
    '[ "$failures" -eq 0 ] && exit 0',
    '[ "$first_code" -ne 0 ] && exit "$first_code"',
    'exit 3',
    '',
  ].join('\n');
}

/** What a job of several inputs prints of one is told from what it prints of the others. */
function announcing({ inputs }: JobPlan, name: string): string {
  return inputs.length > 1 ? `announce ${shQuote(name)}; ` : '';
}

function inputFunctions(input: PlannedInput, n: number): string {
  return [
    `# --- input ${n}: ${oneLine(input.name)} ---`,
    '',
    shFunction(`fetch_${n}`, input.fetch),
    ...input.outputs.map((output, m) => shFunction(`deliver_${n}_${m + 1}`, output.deliver)),
    commandFunction(input, n),
    inputFunction(input, n),
  ].join('\n');
}

/** The command is a file of its own: a quote that is missing in it must not break this script. */
function commandFunction({ command, outputs }: PlannedInput, n: number): string {
  const variables = new Map([['input', 'RERECO_INPUT']]);
  for (const { key } of outputs) variables.set(`output.${key}`, outputVariable(key));
  const text = shFill(command, variables);
  const end = delimiter(text);
  return shFunction(
    `command_${n}`,
    [
      `cat >"$box/command.sh" <<'${end}' || exit 126`,
      text,
      end,
      'export RERECO_INPUT="$in" RERECO_EVENTS="$box/events"',
      ...outputs.map(({ key, name }) => `export ${outputVariable(key)}="$run"/${shQuote(name)}`),
      'cd "$run" || exit 126',
      // Last, for a name there may be one of this script's own variables.
      'set -- "$box/command.sh"',
      'own_locale; environment',
      'exec sh "$1"',
    ].join('\n'),
  );
}

function inputFunction(input: PlannedInput, n: number): string {
  const { name, outputs } = input;
  const lines = [
    `begin ${n} ${shQuote(name)} ${json(name)} || { failed stageIn "no folder in $job"; return; }`,
    `attend fetch_${n} "$in" "$box/fetched" || { not_fetched "$?"; return; }`,
    `has_size ${input.sizeBytes} || return`,
    `was_proved ${json(input.checksum ?? 'unchecked')}`,
    `run_command command_${n} || return`,
    ...outputs.map((output) => `[ -f ${path(output)} ] || { ${missing(output)}; return; }`),
    'read_events || return',
    ...countRead(input.eventsRead),
    ...outputs.flatMap((output, m) => countWritten(output, m + 1)),
    ...outputs.flatMap((output, m) => [
      `attend deliver_${n}_${m + 1} ${path(output)} || { ${undelivered(output)}; return; }`,
      `left ${json(output.key)} ${shQuote(output.name)} ${json(output.name)} "$written_${m + 1}" ${shQuote(output.metadata ?? '')}`,
    ]),
  ];
  return shFunction(`input_${n}`, lines.join('\n'));
}

function countRead(how: JobCounter): string[] {
  const message = `the events read could not be counted (${described(how, 'read')})`;
  return [
    `events_read=$(${counting(how, 'read', '"$in"')}) || { events_read=null; failed count ${shQuote(message)}; return; }`,
  ];
}

function countWritten(output: PlannedOutput, m: number): string[] {
  const how = output.eventsWritten;
  const words = `written ${output.key}`;
  const count = `written_${m}=$(${counting(how, words, path(output))})`;
  // A policy may not ask for this number, and then nobody need report it.
  if (how.by === 'report') return [`${count} || written_${m}=null`];
  const message = `the events written to ${output.name} could not be counted (${described(how, words)})`;
  return [`${count} || { failed count ${shQuote(message)}; return; }`];
}

/** The words that print a number or fail. */
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

function path(output: PlannedOutput): string {
  return `"$run"/${shQuote(output.name)}`;
}

function missing(output: PlannedOutput): string {
  return `failed output ${shQuote(`the command left no output ${output.name}`)}`;
}

function undelivered(output: PlannedOutput): string {
  return `failed stageOut ${shQuote(`the output ${output.name} could not be delivered`)}" (exit code $?)"`;
}

function outputVariable(key: string): string {
  return `RERECO_OUTPUT_${key.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

function json(text: string): string {
  return shQuote(JSON.stringify(text));
}

function delimiter(text: string): string {
  let end = 'END_OF_COMMAND';
  while (text.split('\n').includes(end)) end += '_';
  return end;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
