import { choice, flag, folder, group, map, NAME, type Schema, text, whole, wordOr } from './field.ts';
import { INPUT } from './input.ts';
import { JOB } from './job.ts';
import { LIMITS, RETRY } from './limits.ts';
import { OUTPUTS } from './outputs.ts';

/** The one version of the language so far. */
export const API_VERSION = 'rereco/v1';

/** The fields every document begins with. */
export function head(kind: string, metadata: Schema): Readonly<Record<string, Schema>> {
  return {
    apiVersion: {
      const: API_VERSION,
      description: 'The version of the spec language.',
      'x-change': 'forbidden',
    },
    kind: {
      const: kind,
      description: 'What the document describes: a Dataset or a Site.',
      'x-change': 'forbidden',
    },
    metadata,
  };
}

/** The schema of `metadata`; a name is for ever, labels come and go. */
export function metadata(of: string): Schema {
  return group(
    `Name and labels of the ${of}.`,
    {
      name: text('forbidden', `The name of the ${of}, unique. Another name is another ${of}.`, NAME),
      labels: map(
        'in place',
        { type: 'string', description: 'The value of the label.' },
        'Labels of your own, kept with it; no command selects by them yet.',
        { default: {} },
      ),
    },
    { required: ['name'] },
  );
}

const ARCHIVE: Schema = wordOr(
  'in place',
  ['none'],
  'Where logs and metadata of every attempt are kept; none: only as long as the spool keeps them.',
  {
    store: text('in place', 'The store of the archive. Default: the store of the input.'),
    path: folder('in place', "Template of the folder below the store's root.", {
      default: 'logs/{requestId}',
    }),
    jobsPerTar: whole('in place', 'Jobs that share a tar.', { default: 200 }),
  },
  { default: {} },
);

const SPEC: Schema = group(
  'What the dataset should become.',
  {
    site: text(
      'next submission',
      'The site that does the work; finished outputs stay where they are. Default: the only one there is, or the built-in site local.',
    ),
    requestId: whole(
      'forbidden',
      'The number of the request, unique, part of every job name. Default: assigned.',
    ),
    input: INPUT,
    job: JOB,
    outputs: OUTPUTS,
    archive: ARCHIVE,
    retry: RETRY,
    limits: LIMITS,
    onChange: choice(
      'in place',
      ['keep', 'reprocess'],
      'What a changed re-run field does to files already done: nothing, or they are processed again.',
      {
        default: 'keep',
      },
    ),
    suspend: flag('in place', 'Whether the dataset rests: nothing new is begun.', { default: false }),
  },
  { required: ['input', 'job', 'outputs'] },
);

/** The JSON Schema of a document of kind `Dataset`. */
export const DATASET: Schema = group(
  'A dataset: the files wanted, how to process them, which outputs to keep, declare and export.',
  { ...head('Dataset', metadata('dataset')), spec: SPEC },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
);
