import { jobCounter } from './counters.ts';
import { choice, flag, folder, group, groups, list, quantity, type Schema, text, wordOr } from './field.ts';

const NAMES = '{stem}, {ext}, {name}, {run}, {version}, {revision}, {requestId}, {dataset} and {output}';

const EXPORT: Schema = group(
  'Sends the output to another store.',
  {
    to: text('in place', 'The store it is sent to.'),
    path: folder('in place', "Template of the folder below that store's root.", { default: '' }),
    when: choice(
      'in place',
      ['fileDone', 'runDone', 'datasetDone'],
      'When it is sent: as soon as its file, its whole run or the whole dataset is done.',
      {
        default: 'datasetDone',
      },
    ),
    with: list(
      'in place',
      { type: 'string', enum: ['metadata'], description: 'What goes with it.' },
      'What is sent along.',
      { default: [] },
    ),
    thenDelete: flag('in place', 'Whether it is deleted here once the far copy was read back.', {
      default: false,
    }),
  },
  { required: ['to'] },
);

const POLICY: Schema = wordOr(
  're-run',
  ['equal', 'none'],
  'How many of the events read must be written: all (equal), any number (none), or a share of them.',
  {
    atMost: quantity('re-run', 'share', 'The largest share of the events read.', { default: '100%' }),
    atLeast: quantity('re-run', 'share', 'The smallest share of the events read.', { default: '0%' }),
  },
  { default: 'equal', minProperties: 1 },
);

const OUTPUT: Schema = group('One file that the command writes for each input.', {
  dataTier: text('re-run', "The data tier it is declared with. Default: the output's key."),
  name: text(
    're-run',
    `Template of its name: ${NAMES}. Without {revision} or {version} it cannot be re-run.`,
    { default: '{stem}.{output}' },
  ),
  store: text(
    'next submission',
    'The store it is kept in; finished ones stay where they are. Default: the store of the input.',
  ),
  path: folder('next submission', "Template of the folder below the store's root, as for the name.", {
    default: '{output}',
  }),
  metadata: text(
    're-run',
    'Template of the metadata file the command leaves, where {name} is the output. Default: written from the report of the job.',
  ),
  eventsWritten: jobCounter('re-run', 'How many events the command has written to it.', 'output'),
  policy: POLICY,
  declare: choice(
    'in place',
    ['never', 'fileDone', 'datasetDone'],
    'Whether it is declared in the catalog and located: never, one by one, or once the dataset is done.',
    {
      default: 'never',
    },
  ),
  export: EXPORT,
});

/** The schema of `spec.outputs`: what the command writes, by key. */
export const OUTPUTS: Schema = groups(
  'What the command writes for each input, by a key of your choice.',
  OUTPUT,
  {
    minProperties: 1,
  },
);
