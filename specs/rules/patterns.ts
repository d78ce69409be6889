import type { Issue, Path } from '../document.ts';
import type { FilledDataset } from '../filled.ts';
import { posixPattern } from '../posix-pattern.ts';

/** Counters and failure rules say exactly one thing, by expressions that can be read. */
export function countersAndPatterns({ spec }: FilledDataset): readonly Issue[] {
  const { input, job, outputs } = spec;
  return [
    ...(input.run.pattern === undefined
      ? []
      : groupIssues(['spec', 'input', 'run', 'pattern'], input.run.pattern, '_0*([0-9]+)_')),
    ...counterIssues(['spec', 'input', 'eventCount'], input.eventCount),
    ...counterIssues(['spec', 'job', 'eventsRead'], job.eventsRead),
    ...Object.entries(outputs).flatMap(([key, output]) =>
      counterIssues(['spec', 'outputs', key, 'eventsWritten'], output.eventsWritten),
    ),
    ...job.failures.flatMap((rule, index) => failureIssues(['spec', 'job', 'failures', index], rule)),
  ];
}

function counterIssues(
  path: Path,
  counter: string | Readonly<Record<string, string | undefined>>,
): readonly Issue[] {
  if (typeof counter === 'string') return [];
  const kinds = Object.keys(counter);
  const file = counter.file;
  return [
    ...(kinds.length === 1 ? [] : [{ path, sentence: oneWay(kinds) }]),
    ...(counter.pattern === undefined ? [] : patternIssues([...path, 'pattern'], counter.pattern)),
    ...(counter.log === undefined ? [] : groupIssues([...path, 'log'], counter.log, 'read ([0-9]+) events')),
    ...(file !== undefined && (file.startsWith('/') || file.split('/').includes('..'))
      ? [
          {
            path: [...path, 'file'],
            sentence: `${file} leaves the working folder of the job; write a path below it`,
          },
        ]
      : []),
  ];
}

function oneWay(kinds: readonly string[]): string {
  if (kinds.length === 0) return 'names no way of counting; write exactly one';
  return `names ${kinds.join(' and ')}; events are counted in exactly one way`;
}

/** A pattern whose first group is a number. */
function groupIssues(path: Path, pattern: string, example: string): readonly Issue[] {
  const read = posixPattern(pattern);
  if (!read.ok) return [{ path, sentence: read.sentence }];
  if (read.groups > 0) return [];
  return [{ path, sentence: `${pattern} has no group; put the number in one, as in ${example}` }];
}

function failureIssues(path: Path, rule: FilledDataset['spec']['job']['failures'][number]): readonly Issue[] {
  const { exitCode, signal, log, batchState } = rule;
  const empty = [exitCode, signal, log, batchState].every((condition) => condition === undefined);
  return [
    ...(empty
      ? [{ path, sentence: 'matches every failure; name an exitCode, signal, log or batchState' }]
      : []),
    ...(log === undefined ? [] : patternIssues([...path, 'log'], log)),
  ];
}

function patternIssues(path: Path, pattern: string): readonly Issue[] {
  const read = posixPattern(pattern);
  return read.ok ? [] : [{ path, sentence: read.sentence }];
}
