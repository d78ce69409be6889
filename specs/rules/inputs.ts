import type { Issue } from '../document.ts';
import type { FilledDataset, FilledInput, FilledRuns } from '../filled.ts';
import { NO_RUNS } from '../references.ts';
import { readRuns } from '../runs.ts';
import { escapeOf, FOLDER_NAMES, folderIssues } from './templates.ts';

const KINDS = ['definition', 'query', 'files', 'manifest'] as const;

/** The input is named in exactly one way, stays below its store, and its runs can be read. */
export function inputs({ spec }: FilledDataset): readonly Issue[] {
  const { input } = spec;
  const named = KINDS.filter((kind) => input[kind] !== undefined);
  return [
    ...(named.length === 1 ? [] : [{ path: ['spec', 'input'], sentence: oneSource(named) }]),
    ...[input.files ?? []].flat().flatMap((file, index): readonly Issue[] => {
      const outside = escapeOf(file);
      const path =
        typeof input.files === 'string' ? ['spec', 'input', 'files'] : ['spec', 'input', 'files', index];
      return outside === undefined ? [] : [{ path, sentence: `${file} ${outside}` }];
    }),
    ...folderIssues(['spec', 'input', 'path'], input.path, FOLDER_NAMES),
    ...runIssues('include', input.runs.include),
    ...runIssues('exclude', input.runs.exclude),
    ...runlessIssues(input),
  ];
}

/** Nobody knows the runs of files named by paths but by their names. */
function runlessIssues({ files, run, runs }: FilledInput): readonly Issue[] {
  if (files === undefined || run.pattern !== undefined) return [];
  return (['include', 'exclude'] as const)
    .filter((field) => runs[field] !== undefined && runs[field].length > 0)
    .map((field) => ({
      path: ['spec', 'input', 'runs', field],
      sentence:
        'cannot be applied: nobody knows the runs of files named by paths; say how a name tells its run, as in run: {pattern: "_0*([0-9]+)_"}',
    }));
}

function oneSource(named: readonly string[]): string {
  const list = KINDS.join(', ');
  if (named.length === 0) return `names no files; write exactly one of ${list}`;
  return `names its files by ${named.join(' and ')}; write exactly one of ${list}`;
}

function runIssues(field: 'include' | 'exclude', runs: FilledRuns | undefined): readonly Issue[] {
  if (runs === undefined || typeof runs === 'string') return [];
  const path = ['spec', 'input', 'runs', field];
  if (field === 'include' && runs.length === 0) return [{ path, sentence: NO_RUNS }];
  return runs.flatMap((run, index) => {
    const read = readRuns(String(run));
    return read.ok ? [] : [{ path: ['spec', 'input', 'runs', field, index], sentence: read.sentence }];
  });
}
