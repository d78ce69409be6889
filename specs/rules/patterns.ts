import type { Issue, Path } from '../document.ts';
import type { FilledDataset } from '../filled.ts';

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
  const broken = patternIssues(path, pattern);
  if (broken.length > 0 || /(^|[^\\])(\\\\)*\(/.test(pattern)) return broken;
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

/**
 * What is wrong with a POSIX extended regular expression.
 *
 * It is compiled as JavaScript's, which refuses the same mistakes; what JavaScript
 * has and awk and grep -E have not is refused by name.
 */
function patternIssues(path: Path, pattern: string): readonly Issue[] {
  if (pattern.includes('\n'))
    return [{ path, sentence: 'spans several lines; a pattern is matched line by line' }];
  if (pattern.includes('(?')) {
    return [{ path, sentence: `${pattern} uses (?, which POSIX extended regular expressions have not` }];
  }
  const shorthand = /(?:^|[^\\])(?:\\\\)*\\([dDsSwW])/.exec(pattern)?.[1];
  if (shorthand !== undefined) {
    return [
      { path, sentence: `${pattern} uses \\${shorthand}, which POSIX has not; write a class such as [0-9]` },
    ];
  }
  try {
    new RegExp(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [{ path, sentence: `not a regular expression: ${reason(error.message)}` }];
  }
}

/** The end of V8's message, "Invalid regular expression: /(/: Unterminated group". */
function reason(message: string): string {
  const end = message.slice(message.lastIndexOf(': ') + 2);
  return end.charAt(0).toLowerCase() + end.slice(1);
}
