import type { Issue, Path } from '../document.ts';
import type { FilledDataset } from '../filled.ts';
import { suggestion } from '../nearest.ts';
import { placeholders, render, TemplateError } from '../template.ts';

/** Placeholders of the folders of inputs, archives, exports and movers. */
export const FOLDER_NAMES: readonly string[] = ['run', 'requestId', 'dataset'];

/** Placeholders of the names, folders and metadata of outputs. */
export const OUTPUT_NAMES: readonly string[] = [
  ...['stem', 'ext', 'name', 'run', 'version', 'revision', 'requestId', 'dataset', 'output'],
];

const COMMAND_NAMES: readonly string[] = [
  ...['input', 'macro', 'name', 'stem', 'run', 'events', 'requestId', 'dataset', 'revision', 'version'],
];

/** Every template of a dataset's command and counters names only what it will be given. */
export function commandTemplates({ spec }: FilledDataset): readonly Issue[] {
  // Without outputs, which is a problem of its own, all that the command names of them would be one too.
  const keys = Object.keys(spec.outputs);
  const outputs = (keys.length > 0 ? keys.map((key) => `output.${key}`) : namesOf(spec.job.command)).filter(
    (name) => name.startsWith('output.'),
  );
  const path: Path = ['spec', 'job', 'command'];
  const needsMacro = spec.job.macro === undefined && namesOf(spec.job.command).includes('macro');
  const counters: readonly (readonly [Path, unknown])[] = [
    [['spec', 'input', 'eventCount'], spec.input.eventCount],
    [['spec', 'job', 'eventsRead'], spec.job.eventsRead],
    ...Object.entries(spec.outputs).map(
      ([key, output]) => [['spec', 'outputs', key, 'eventsWritten'], output.eventsWritten] as const,
    ),
  ];
  return [
    ...templateIssues(path, spec.job.command, [...COMMAND_NAMES, ...outputs]),
    ...(needsMacro ? [{ path, sentence: '{macro} stands for spec.job.macro, which is not set' }] : []),
    ...counters.flatMap(([at, counter]) =>
      typeof counter === 'object' && counter !== null && 'command' in counter
        ? templateIssues([...at, 'command'], String(counter.command), ['file'])
        : [],
    ),
  ];
}

/** What is wrong with a template that may name `allowed`; each unknown placeholder is an issue. */
export function templateIssues(path: Path, template: string, allowed: readonly string[]): readonly Issue[] {
  try {
    return placeholders(template)
      .filter((name) => !allowed.includes(name))
      .map((name) => ({
        path,
        sentence: `unknown placeholder {${name}}; ${suggestion(name, allowed)}${literal(name)}`,
      }));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return [{ path, sentence: error.message }];
  }
}

/** Templates of folders: the placeholders, and that they stay below the root of their store. */
export function folderIssues(path: Path, template: string, allowed: readonly string[]): readonly Issue[] {
  const issues = templateIssues(path, template, allowed);
  const outside = escapeOf(sample(template) ?? '');
  return outside === undefined ? issues : [...issues, { path, sentence: `${template} ${outside}` }];
}

/** Why a folder or file does not lie below the place it is relative to; undefined when it does. */
export function escapeOf(path: string): string | undefined {
  if (path.startsWith('/')) return 'begins with /; write it relative to the root of the store';
  if (path.startsWith('~')) return 'begins with ~, which only shells know; write the path out';
  if (path.split('/').includes('..'))
    return 'leaves its folder by ..; write a path below the root of the store';
  if (hasControls(path)) return 'holds a control character';
  return undefined;
}

/** Whether a text holds characters that no terminal, log or shell shows as they are. */
export function hasControls(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/**
 * What a template makes of an imagined file.
 *
 * @returns undefined when the template cannot be rendered, which another rule says
 */
export function sample(template: string, values: Readonly<Record<string, string>> = {}): string | undefined {
  const imagined: Record<string, string> = {
    stem: 'sample',
    ext: '.raw',
    name: 'sample.raw',
    run: '1',
    version: '1',
  };
  try {
    return render(template, {
      ...imagined,
      revision: 'r1',
      requestId: '1',
      dataset: 'd',
      output: 'o',
      ...values,
    });
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}

/** The placeholders of a template; none where it is broken, which another rule says. */
export function namesOf(template: string): readonly string[] {
  try {
    return placeholders(template);
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
}

/** Shell variables are the likeliest braces that were meant as such. */
function literal(name: string): string {
  return /^[A-Z_0-9]+$/.test(name) ? ` (for the shell's own braces write {{${name}}})` : '';
}
