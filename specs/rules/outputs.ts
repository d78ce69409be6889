import { tellsInputsApart } from '../dataset-places.ts';
import type { Issue, Path } from '../document.ts';
import type { FilledDataset, FilledOutput } from '../filled.ts';
import { nameValues } from '../template.ts';
import {
  escapeOf,
  FOLDER_NAMES,
  folderIssues,
  hasControls,
  namesOf,
  OUTPUT_NAMES,
  sample,
  templateIssues,
} from './templates.ts';

/** Every output has a name and a place of its own, and its fields agree with each other. */
export function outputs(dataset: FilledDataset): readonly Issue[] {
  const entries = Object.entries(dataset.spec.outputs);
  return [
    ...entries.flatMap(([key, output]) => [
      ...nameIssues(['spec', 'outputs', key, 'name'], key, output),
      ...folderIssues(['spec', 'outputs', key, 'path'], output.path, OUTPUT_NAMES),
      ...metadataIssues(['spec', 'outputs', key, 'metadata'], output),
      ...exportIssues(['spec', 'outputs', key, 'export'], output),
      ...policyIssues(['spec', 'outputs', key, 'policy'], output),
      ...reprocessIssues(['spec', 'outputs', key, 'name'], output, dataset.spec.onChange),
      ...inputNameIssues(['spec', 'outputs', key, 'name'], key, output, dataset),
      ...sameForAllIssues(['spec', 'outputs', key], output, dataset),
      ...ownFolderIssues(['spec', 'outputs', key], output),
    ]),
    ...twinIssues(entries),
  ];
}

function nameIssues(path: Path, key: string, output: FilledOutput): readonly Issue[] {
  const issues = templateIssues(path, output.name, OUTPUT_NAMES);
  const name = sample(output.name, { output: key });
  if (name === undefined) return issues;
  if (name.includes('/'))
    return [...issues, { path, sentence: `${output.name} holds a /; folders belong into path` }];
  if (/^[.-]/.test(name))
    return [
      ...issues,
      { path, sentence: `${output.name} begins with ${name.charAt(0)}; begin it with a letter or digit` },
    ];
  if (hasControls(name)) return [...issues, { path, sentence: 'holds a control character' }];
  return issues;
}

function metadataIssues(path: Path, { metadata }: FilledOutput): readonly Issue[] {
  if (metadata === undefined) return [];
  const issues = templateIssues(path, metadata, OUTPUT_NAMES);
  const outside = escapeOf(sample(metadata) ?? '');
  return outside === undefined
    ? issues
    : [...issues, { path, sentence: `${metadata} leaves the working folder of the job` }];
}

function exportIssues(path: Path, output: FilledOutput): readonly Issue[] {
  if (output.export === undefined) return [];
  const deleted = output.export.thenDelete && output.declare !== 'never';
  const sentence =
    'deletes what declare has located here; a location would point at nothing. Set declare: never, or keep the file';
  return [
    ...folderIssues([...path, 'path'], output.export.path, FOLDER_NAMES),
    ...(deleted ? [{ path: [...path, 'thenDelete'], sentence }] : []),
  ];
}

function policyIssues(path: Path, { policy }: FilledOutput): readonly Issue[] {
  if (typeof policy === 'string' || policy.atLeast <= policy.atMost) return [];
  return [{ path, sentence: 'asks for at least more than it asks for at most; swap atLeast and atMost' }];
}

function reprocessIssues(path: Path, output: FilledOutput, onChange: string): readonly Issue[] {
  const names = namesOf(output.name);
  if (onChange !== 'reprocess' || names.includes('revision') || names.includes('version')) return [];
  return [
    {
      path,
      sentence: `${output.name} stays the same when files are re-run; with onChange: reprocess it needs {revision} or {version}`,
    },
  ];
}

/** Where several files are wanted, each must have outputs of its own. */
function sameForAllIssues(path: Path, output: FilledOutput, { spec }: FilledDataset): readonly Issue[] {
  const files = [spec.input.files ?? []].flat();
  // A name that is none at all is said to be wrong already.
  if (templateIssues(path, output.name, OUTPUT_NAMES).length > 0 || output.name.includes('/')) return [];
  const isOne = files.length === 1 && !/[*?[\]{}()!\\]/.test(files[0] ?? '');
  if (isOne) return [];
  const { name, path: folder, export: sent } = output;
  const sentence = 'is the same for every input; put {stem} or {name} in it';
  if (!tellsInputsApart(name, folder)) return [{ path: [...path, 'name'], sentence: `${name} ${sentence}` }];
  if (spec.job.filesPerJob > 1 && !tellsInputsApart(name)) {
    return [
      { path: [...path, 'name'], sentence: `${name} ${sentence}, since a job has several (filesPerJob)` },
    ];
  }
  if (sent === undefined || tellsInputsApart(name, sent.path)) return [];
  return [{ path: [...path, 'name'], sentence: `${name} ${sentence}: it is exported to one folder` }];
}

/** The folder in which attempts and what is in quarantine lie is no place for what is to stay. */
function ownFolderIssues(path: Path, output: FilledOutput): readonly Issue[] {
  const isOwn = (folder: string) => clean(folder).split('/').includes('.rereco');
  const sentence = 'lies in .rereco, the folder of what is not final; choose another';
  return [
    ...(isOwn(output.path) ? [{ path: [...path, 'path'], sentence }] : []),
    ...(output.export && isOwn(output.export.path) ? [{ path: [...path, 'export', 'path'], sentence }] : []),
  ];
}

/** Inputs with which each output is compared: a spec of thousands is checked in a moment, too. */
const MOST_COMPARED = 200;

/** An output must not be given the name its own input has in the same folder. */
function inputNameIssues(
  path: Path,
  key: string,
  output: FilledOutput,
  { spec }: FilledDataset,
): readonly Issue[] {
  if (output.store !== undefined && output.store !== spec.input.store) return [];
  const files = [spec.input.files ?? []].flat().slice(0, MOST_COMPARED);
  const inputs = files.length > 0 ? files.map(imagined) : [{ folder: spec.input.path, name: 'sample.raw' }];
  for (const input of inputs) {
    const values = { ...nameValues(input.name), output: key };
    const folder = clean(sample(output.path, values) ?? '');
    const same = sample(output.name, values) === input.name;
    if (
      same &&
      [input.folder, sample(spec.input.path)].some((one) => one !== undefined && clean(one) === folder)
    ) {
      return [
        {
          path,
          sentence: `${output.name} is the name of the input, in the same store and folder; choose another name or path`,
        },
      ];
    }
  }
  return [];
}

/** A file that a glob could match. */
function imagined(glob: string): { readonly folder: string; readonly name: string } {
  const slash = glob.lastIndexOf('/');
  const name = glob.slice(slash + 1).replaceAll(/\*+|\?|\[[^\]]*\]|\{[^}]*\}/g, 'sample');
  return { folder: glob.slice(0, Math.max(0, slash)), name };
}

function clean(folder: string): string {
  return folder
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function twinIssues(entries: readonly (readonly [string, FilledOutput])[]): readonly Issue[] {
  const owners = new Map<string, string>();
  return entries.flatMap(([key, output]): readonly Issue[] => {
    const name = sample(output.name, { output: key });
    if (name === undefined) return [];
    const twin = owners.get(name);
    if (twin === undefined) {
      owners.set(name, key);
      return [];
    }
    const sentence = `${output.name} names the same files as outputs.${twin}; give each output a name of its own`;
    return [{ path: ['spec', 'outputs', key, 'name'], sentence }];
  });
}
