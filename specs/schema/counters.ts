import { type ChangeClass, type Schema, text, wordOr } from './field.ts';

/** What every field that takes a regular expression says of its dialect. */
export const PATTERN =
  'A POSIX extended regular expression, as LC_ALL=C grep -E has them (bytes, line by line)';

const COMMAND = 'A shell command that prints the count, run with LC_ALL=C';

/** How a job's report gets one of its event counts: said by the job itself, or found afterwards. */
export function jobCounter(change: ChangeClass, description: string, file: string): Schema {
  return wordOr(
    change,
    ['report'],
    `${description} By default the command says so itself, in lines "read N", "written OUTPUT N" or "skipped N REASON" in $RERECO_EVENTS; otherwise exactly one of file, log, pattern, command.`,
    {
      file: text(change, 'A file the command leaves in its working folder; the first integer in it counts.'),
      log: text(
        change,
        `${PATTERN}, with a group; it is searched in the command's output, and the group of the last match counts.`,
      ),
      pattern: text(change, `${PATTERN}; the lines of the ${file} that match are counted.`),
      command: text(change, `${COMMAND}; {file} is the ${file}.`),
    },
    { default: 'report' },
  );
}

/** How the events of a raw file are counted where its catalog cannot say. */
export function inputCounter(change: ChangeClass): Schema {
  return wordOr(
    change,
    ['catalog'],
    'How many events a raw file holds. By default the catalog says; otherwise exactly one of pattern, command, manifest.',
    {
      pattern: text(change, `${PATTERN}; the lines of the raw file that match are counted.`),
      command: text(change, `${COMMAND}; {file} is the raw file.`),
      manifest: text(
        change,
        'An NDJSON file, relative to the spec, with file_name and event_count in each line.',
      ),
    },
    { default: 'catalog' },
  );
}
